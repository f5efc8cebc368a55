/** Data sources in the table: every read goes through the item's schema. */
import { ownerPartitions, tableKeys } from '../keys.ts';
import { ownedStore } from '../ownedStore.ts';
import type { Condition } from '../ports.ts';
import { Problem } from '../problems.ts';
import { DataSourceItemSchema, type DataSourceItem } from '../schemas/items.ts';

export const dataSourceStore = ownedStore({
  schema: DataSourceItemSchema,
  keyOf: tableKeys.dataSource,
  partitionOf: ownerPartitions.dataSources,
  notFound: (dataSourceId) =>
    new Problem(
      'DATA_SOURCE_NOT_FOUND',
      `There is no data source ${dataSourceId}. One that was never completed is forgotten after a day.`,
    ),
});

/** Holds while the data source is in this state. */
export const inStatus = (value: DataSourceItem['status']): Condition => ({
  attribute: 'status',
  is: '=',
  value,
});

/** Holds while it is read for the time that the caller knows of; 0 before the first. */
export const isReading = (reads: number): Condition =>
  reads === 0
    ? { any: [{ absent: 'reads' }, { attribute: 'reads', is: '=', value: 0 }] }
    : { attribute: 'reads', is: '=', value: reads };
