/**
 * The queue: tasks of an owner that wait for a slot, an item each, in the order of their turn. A task waits while
 * it is `queued`, and its item says at which place; the entry is written before the task's state, and removed after it,
 * so that no task ever waits without one.
 */
import { everyItem } from '../everyItem.ts';
import { sortPrefixes, tableKeys } from '../keys.ts';
import { QUEUE_PAGE } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import { type QueueEntry, QueueEntrySchema } from '../schemas/quota.ts';
import { taskStore } from '../tasks/taskStore.ts';

type TablePort = Pick<Ports, 'table'>;

/** A page of entries that are only counted. */
const COUNT_PAGE = 1_000;

/** Where a task waits, or would if it were queued so. */
export const placeOf = ({ ownerId, taskId, options, queuedAt = 0 }: TaskItem) =>
  tableKeys.queued(ownerId, { taskId, priority: options.priority, queuedAt });

/** Whether a task waits, and at this place. */
export const waitsAt = (task: TaskItem, sk: string): boolean =>
  task.status === 'queued' && placeOf(task).sk === sk;

/**
 * Asks for the place of a task that is about to wait there. Somebody who saw the task later, and happens to
 * ask for the same, is left in peace.
 */
export async function addEntry(
  { table }: TablePort,
  waiting: TaskItem,
  now: number,
): Promise<void> {
  const { taskId, revision = 0 } = waiting;
  await table.put(
    placeOf(waiting),
    { taskId, revision, askedAt: now },
    { any: [{ absent: 'pk' }, { attribute: 'revision', is: '<=', value: revision }] },
  );
}

/**
 * Gives up the place where a task waited when it was seen so. One that was asked for since, and happens to
 * be the same, stays.
 */
export async function removeEntry({ table }: TablePort, seen: TaskItem): Promise<void> {
  if (seen.queuedAt === undefined) return;
  await table.delete(placeOf(seen), {
    attribute: 'revision',
    is: '<=',
    value: seen.revision ?? 0,
  });
}

/**
 * Gives up a place that was asked for in vain, because the task had changed; not if another call, at the same moment,
 * has brought the task there.
 */
export async function removeUnused(ports: TablePort, wanted: TaskItem): Promise<void> {
  const task = await taskStore.find(ports, wanted.taskId);
  if (task && waitsAt(task, placeOf(wanted).sk)) return;
  await removeEntry(ports, wanted);
}

/** Gives up a place that no task waits at. */
export async function removeStray(
  { table }: TablePort,
  ownerId: string,
  { sk, revision }: QueueEntry,
): Promise<void> {
  const { pk } = tableKeys.quota(ownerId);
  await table.delete({ pk, sk }, { attribute: 'revision', is: '=', value: revision });
}

/** Every entry, in the order of their turn. */
export async function* queueOf(
  ports: TablePort,
  ownerId: string,
): AsyncGenerator<QueueEntry, void, undefined> {
  const { pk } = tableKeys.quota(ownerId);
  const query = { partition: pk, prefix: sortPrefixes.queue, limit: QUEUE_PAGE };
  for await (const item of everyItem(ports, query)) yield QueueEntrySchema.parse(item);
}

/** How many entries there are; with a task that waits, or is to, only those that come before it. */
export async function countQueue(
  ports: TablePort,
  ownerId: string,
  before?: TaskItem,
): Promise<number> {
  const own = before && placeOf(before);
  const query = {
    partition: tableKeys.quota(ownerId).pk,
    prefix: sortPrefixes.queue,
    limit: COUNT_PAGE,
    ...(own && { to: own.sk }),
  };
  let count = 0;
  for await (const { sk } of everyItem(ports, query)) if (sk !== own?.sk) count++;
  return count;
}
