/** Data sources in the table: every read goes through the item's schema. */
import { ownerPartitions, tableKeys } from '../keys.ts';
import type { Change, Condition, Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { PageQuery } from '../schemas/common.ts';
import { DataSourceItemSchema, type DataSourceItem } from '../schemas/items.ts';

type TablePort = Pick<Ports, 'table'>;

/** The data source, for the workflow's own step; undefined when it is gone. */
export async function findDataSource(
  { table }: TablePort,
  dataSourceId: string,
): Promise<DataSourceItem | undefined> {
  const item = await table.get(tableKeys.dataSource(dataSourceId));
  return item && DataSourceItemSchema.parse(item);
}

/** @throws Problem DATA_SOURCE_NOT_FOUND, for another owner's too */
export async function loadOwnedDataSource(
  ports: TablePort,
  ownerId: string,
  dataSourceId: string,
): Promise<DataSourceItem> {
  const source = await findDataSource(ports, dataSourceId);
  if (source?.ownerId !== ownerId) {
    throw new Problem(
      'DATA_SOURCE_NOT_FOUND',
      `There is no data source ${dataSourceId}. One that was never completed is forgotten after a day.`,
    );
  }
  return source;
}

/** Stores a new data source; its id is new, so nothing is overwritten. */
export async function addDataSource({ table }: TablePort, source: DataSourceItem): Promise<void> {
  await table.put(tableKeys.dataSource(source.dataSourceId), source, { absent: 'pk' });
}

/** The data source after the change; undefined when the condition does not hold (any more). */
export async function changeDataSource(
  { table }: TablePort,
  dataSourceId: string,
  change: Change,
  condition: Condition,
): Promise<DataSourceItem | undefined> {
  const item = await table.update(tableKeys.dataSource(dataSourceId), change, condition);
  return item && DataSourceItemSchema.parse(item);
}

/** Holds while the data source is in this state. */
export const inStatus = (value: DataSourceItem['status']): Condition => ({
  attribute: 'status',
  is: '=',
  value,
});

/** One page of the owner's data sources, newest first, and where the next one begins. */
export async function pageOfDataSources(
  { table }: TablePort,
  ownerId: string,
  { limit, cursor }: PageQuery,
): Promise<{ sources: DataSourceItem[]; next?: string }> {
  const { items, next } = await table.query({
    index: 'byOwner',
    partition: ownerPartitions.dataSources(ownerId),
    descending: true,
    limit,
    ...(cursor !== undefined && { after: cursor }),
  });
  return {
    sources: items.map((item) => DataSourceItemSchema.parse(item)),
    ...(next !== undefined && { next }),
  };
}
