/** Tasks and their shards in the table: every read goes through the item's schema. */
import { taskNotes } from '../deletion/dueNotes.ts';
import { everyItem } from '../everyItem.ts';
import {
  callShardsPrefix,
  ownerPartitions,
  shardsPrefix,
  sortPrefixes,
  tableKeys,
} from '../keys.ts';
import { ownedStore } from '../ownedStore.ts';
import type { Change, Condition, Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import {
  ShardItemSchema,
  TaskItemSchema,
  type ShardItem,
  type TaskItem,
} from '../schemas/items.ts';
import { type TaskStatus, TaskStatusSchema } from '../schemas/common.ts';
import type { TaskRun } from '../schemas/workflow.ts';
import { isFinal } from './lifeCycle.ts';
import { expires } from './retention.ts';

type TablePort = Pick<Ports, 'table'>;

export const taskNotFound = (taskId: string) =>
  new Problem('TASK_NOT_FOUND', `There is no task ${taskId}. It may have expired.`);

export const taskStore = ownedStore({
  schema: TaskItemSchema,
  keyOf: tableKeys.task,
  partitionOf: ownerPartitions.tasks,
  notFound: taskNotFound,
});

/** The owner's task; another owner's is not found. @throws Problem TASK_NOT_FOUND */
export const loadOwnedTask = (
  ports: TablePort,
  ownerId: string,
  taskId: string,
): Promise<TaskItem> => taskStore.load(ports, ownerId, taskId);

/** Whatever is deleted stays so (deleteTask.ts). */
const NOT_DELETED: Condition = { absent: 'deletedAt' };

/**
 * Changes the task; undefined when the condition does not hold (any more), or the task is deleted. With its
 * status it enters or leaves the index of active tasks, has a time of expiry or none, and is in another
 * revision. The expiry is noted before it is written, for whoever deletes what is due.
 */
export async function changeTask(
  ports: TablePort,
  taskId: string,
  change: Change,
  condition: Condition = { present: 'pk' },
): Promise<TaskItem | undefined> {
  const whole = withStatus(taskId, change);
  const expiresAt = whole.set?.['expiresAt'];
  if (typeof expiresAt === 'number') await taskNotes.note(ports, { id: taskId, dueAt: expiresAt });
  return taskStore.change(ports, taskId, whole, { all: [condition, NOT_DELETED] });
}

function withStatus(taskId: string, { set = {}, remove = [], ...change }: Change): Change {
  const { data: status } = TaskStatusSchema.safeParse(set['status']);
  if (status === undefined) return { ...change, set, remove };
  const { expiresAt, ...others } = set;
  const lasts = !expires(status);
  return {
    ...change,
    add: { ...change.add, revision: 1 },
    set: {
      ...others,
      ...(lasts || expiresAt === undefined ? {} : { expiresAt }),
      ...(isFinal(status) ? {} : { activeSort: taskId }),
    },
    remove: [
      ...remove.filter((name) => name !== 'expiresAt'),
      ...(lasts ? ['expiresAt'] : []),
      ...(isFinal(status) ? ['activeSort'] : []),
    ],
  };
}

/**
 * Changes the task for a step of this run; undefined when the task is gone, another run has begun, or
 * the condition does not hold.
 */
export const changeRun = (
  ports: TablePort,
  { taskId, run }: TaskRun,
  change: Change,
  condition?: Condition,
): Promise<TaskItem | undefined> => {
  const present: Condition = { attribute: 'run', is: '=', value: run };
  return changeTask(ports, taskId, change, condition ? { all: [present, condition] } : present);
};

/** Holds while the task is in one of these states. */
export const inStatus = (statuses: readonly TaskStatus[]): Condition => ({
  any: statuses.map((value) => ({ attribute: 'status', is: '=', value })),
});

/** Holds while what workers make counts for the run: until its archive is joined. */
export const isOpen = ({ run }: Pick<TaskRun, 'run'>): Condition => ({
  any: [{ absent: 'closedRun' }, { attribute: 'closedRun', is: '<', value: run }],
});

/** Every shard of the task's own rows that was ever begun, in their order, from this first row on. */
export async function* everyShard(
  ports: TablePort,
  taskId: string,
  fromRow = 1,
): AsyncGenerator<ShardItem, void, undefined> {
  const { pk, sk: from } = tableKeys.shard(taskId, fromRow);
  const query = { partition: pk, prefix: sortPrefixes.shards, from, limit: 1_000 };
  for await (const item of everyItem(ports, query)) yield ShardItemSchema.parse(item);
}

/** The same of all retries: by layer, then row. A task that was never retried is not looked at. */
export async function* everyRetriedShard(
  ports: TablePort,
  { taskId, retries }: Pick<TaskItem, 'taskId' | 'retries'>,
): AsyncGenerator<ShardItem, void, undefined> {
  if (!retries) return;
  const partition = tableKeys.task(taskId).pk;
  const query = { partition, prefix: sortPrefixes.retriedShards, limit: 1_000 };
  for await (const item of everyItem(ports, query)) yield ShardItemSchema.parse(item);
}

/** Every shard of a layer whose rows were ever begun to be called, in their order. */
export async function* everyCallShard(
  ports: TablePort,
  taskId: string,
  layer = 0,
): AsyncGenerator<ShardItem, void, undefined> {
  const query = {
    partition: tableKeys.task(taskId).pk,
    prefix: callShardsPrefix(layer),
    limit: 1_000,
  };
  for await (const item of everyItem(ports, query)) yield ShardItemSchema.parse(item);
}

/**
 * Every shard of which there is something to tell, in the order of rows, from the one that has this row
 * on. An item of which nothing was made or lost is left out: it says only that somebody began.
 */
export async function* shardsOf(
  ports: TablePort,
  taskId: string,
  fromRow = 1,
): AsyncGenerator<ShardItem, void, undefined> {
  const first = fromRow > 1 ? await shardOfRow(ports, taskId, fromRow) : undefined;
  for await (const shard of everyShard(ports, taskId, first?.firstRow ?? fromRow)) {
    if (tells(shard)) yield shard;
  }
}

/** All of them, of the task's own rows: some 500 bytes each. */
export async function loadShards(ports: TablePort, taskId: string): Promise<ShardItem[]> {
  const shards: ShardItem[] = [];
  for await (const shard of shardsOf(ports, taskId)) shards.push(shard);
  return shards;
}

/** Of all retries, those of which there is something to tell. */
export async function loadRetriedShards(
  ports: TablePort,
  task: Pick<TaskItem, 'taskId' | 'retries'>,
): Promise<ShardItem[]> {
  const shards: ShardItem[] = [];
  for await (const shard of everyRetriedShard(ports, task)) if (tells(shard)) shards.push(shard);
  return shards;
}

const tells = ({ status, reached }: ShardItem) =>
  status === 'failed' || reached.rows > 0 || reached.parts > 0;

/** The shard of a layer that this row of it belongs to, if anything of it was made or lost: one read. */
export async function shardOfRow(
  ports: TablePort,
  taskId: string,
  row: number,
  layer = 0,
): Promise<ShardItem | undefined> {
  const { pk, sk: to } = tableKeys.shard(taskId, row, layer);
  const query = { partition: pk, prefix: shardsPrefix(layer), to, descending: true, limit: 1 };
  for await (const item of everyItem(ports, query)) {
    const shard = ShardItemSchema.parse(item);
    if (tells(shard)) return row < shard.firstRow + shard.rowCount ? shard : undefined;
  }
  return undefined;
}
