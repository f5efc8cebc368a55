/** Who listens to what. */
import { everyItem } from '../everyItem.ts';
import { sortPrefixes, tableKeys } from '../keys.ts';
import { CONNECTION_SECONDS } from '../limits.ts';
import type { ItemKey, Ports } from '../ports.ts';
import { SubscriberItemSchema, type SubscriberItem, type TaskItem } from '../schemas/items.ts';
import * as z from 'zod';

/** The scope of a subscription to all tasks of the owner. */
export const ALL_TASKS = '*';

const ScopeItemSchema = z.object({ ownerId: z.string(), scope: z.string() });

/** Where the subscription of a connection to a scope (a task id, or ALL_TASKS) is kept. */
const subscriberKey = (ownerId: string, connectionId: string, scope: string): ItemKey =>
  scope === ALL_TASKS
    ? tableKeys.ownerSubscriber(ownerId, connectionId)
    : tableKeys.taskSubscriber(scope, connectionId);

type SubscribePorts = Pick<Ports, 'table' | 'clock'>;

/** When items of a connection that is made now may be forgotten, in epoch seconds. */
export const connectionExpiry = ({ clock }: Pick<Ports, 'clock'>) =>
  Math.floor(clock.now() / 1000) + CONNECTION_SECONDS;

/** Notes a subscription; it gets nothing until `activateSubscriber`. */
export async function addSubscriber(
  ports: SubscribePorts,
  ownerId: string,
  connectionId: string,
  scope: string,
): Promise<void> {
  const expiresAt = connectionExpiry(ports);
  // The scope first: what the connection holds can then always be found and removed.
  await ports.table.put(tableKeys.connectionScope(connectionId, scope), {
    ownerId,
    scope,
    expiresAt,
  });
  const subscriber: SubscriberItem = {
    connectionId,
    ownerId,
    active: false,
    since: {},
    expiresAt,
  };
  await ports.table.put(subscriberKey(ownerId, connectionId, scope), subscriber);
}

/** From now on the subscriber gets every event that its snapshot, with these tasks, did not have. */
export async function activateSubscriber(
  { table }: Pick<Ports, 'table'>,
  ownerId: string,
  connectionId: string,
  scope: string,
  tasks: readonly Pick<TaskItem, 'taskId' | 'seq'>[],
): Promise<void> {
  const since = Object.fromEntries(tasks.map(({ taskId, seq }) => [taskId, seq]));
  await table.update(
    subscriberKey(ownerId, connectionId, scope),
    { set: { active: true, since } },
    { present: 'pk' },
  );
}

export async function removeSubscriber(
  { table }: Pick<Ports, 'table'>,
  ownerId: string,
  connectionId: string,
  scope: string,
): Promise<void> {
  await table.delete(subscriberKey(ownerId, connectionId, scope));
  await table.delete(tableKeys.connectionScope(connectionId, scope));
}

/** Forgets a connection and all its subscriptions; safe to repeat. */
export async function removeConnection(
  { table }: Pick<Ports, 'table'>,
  connectionId: string,
): Promise<void> {
  const connection = tableKeys.connection(connectionId);
  const query = { partition: connection.pk, prefix: sortPrefixes.scopes };
  for await (const item of everyItem({ table }, query)) {
    const { ownerId, scope } = ScopeItemSchema.parse(item);
    await removeSubscriber({ table }, ownerId, connectionId, scope);
  }
  await table.delete(connection);
}

/** The connections that are to hear of a task now, once each, with the seq that each already has. */
export async function activeSubscribers(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  taskId: string,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const partitions = [tableKeys.task(taskId).pk, tableKeys.ownerSubscriber(ownerId, '').pk];
  await Promise.all(
    partitions.map(async (partition) => {
      // A subscriber has some 250 bytes: 1,000 come in one answer.
      const query = { partition, prefix: sortPrefixes.subscribers, limit: 1_000 };
      for await (const item of everyItem(ports, query)) {
        const subscriber = SubscriberItemSchema.parse(item);
        if (!subscriber.active) continue;
        const known = found.get(subscriber.connectionId) ?? 0;
        found.set(subscriber.connectionId, Math.max(known, subscriber.since[taskId] ?? 0));
      }
    }),
  );
  return found;
}
