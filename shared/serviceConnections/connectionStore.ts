/** Connections to services in the table. */
import { sortPrefixes, tableKeys } from '../keys.ts';
import { MAX_CONNECTIONS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { PageQuery } from '../schemas/common.ts';
import {
  ServiceConnectionItemSchema,
  type ServiceConnectionItem,
} from '../schemas/serviceConnectionItems.ts';

type TablePort = Pick<Ports, 'table'>;

/** The owner's; undefined when it is gone, or another's. */
export async function findConnection(
  { table }: TablePort,
  ownerId: string,
  connectionId: string,
): Promise<ServiceConnectionItem | undefined> {
  const item = await table.get(tableKeys.serviceConnection(ownerId, connectionId));
  return item && ServiceConnectionItemSchema.parse(item);
}

/** Stores a new one; false when there is one under this id. */
export const addConnection = (
  { table }: TablePort,
  connection: ServiceConnectionItem,
): Promise<boolean> => {
  const { ownerId, connectionId } = connection;
  const key = tableKeys.serviceConnection(ownerId, connectionId);
  return table.put(key, connection, { absent: 'pk' });
};

/** False when there is none. */
export const removeConnection = (
  { table }: TablePort,
  { ownerId, connectionId }: Pick<ServiceConnectionItem, 'ownerId' | 'connectionId'>,
): Promise<boolean> =>
  table.delete(tableKeys.serviceConnection(ownerId, connectionId), { present: 'pk' });

const queryOf = (ownerId: string) => ({
  partition: tableKeys.serviceConnection(ownerId, '').pk,
  prefix: sortPrefixes.serviceConnections,
});

/** A page of the owner's, newest first. */
export async function connectionsOf(
  { table }: TablePort,
  ownerId: string,
  { limit, cursor }: PageQuery,
): Promise<{ connections: ServiceConnectionItem[]; next?: string }> {
  const { items, next } = await table.query({
    ...queryOf(ownerId),
    descending: true,
    limit,
    ...(cursor !== undefined && { after: cursor }),
  });
  return {
    connections: items.map((item) => ServiceConnectionItemSchema.parse(item)),
    ...(next !== undefined && { next }),
  };
}

/** How many the owner has; two that are made at the same time count each other. */
export async function countConnections({ table }: TablePort, ownerId: string): Promise<number> {
  const query = { ...queryOf(ownerId), limit: MAX_CONNECTIONS + 1 };
  let { items, next } = await table.query(query);
  let count = items.length;
  while (next !== undefined) {
    ({ items, next } = await table.query({ ...query, after: next }));
    count += items.length;
  }
  return count;
}
