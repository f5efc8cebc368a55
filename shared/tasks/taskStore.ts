/** Tasks and their shards in the table: every read goes through the item's schema. */
import { everyItem } from '../everyItem.ts';
import { sortPrefixes, tableKeys } from '../keys.ts';
import type { Change, Condition, Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import {
  ShardItemSchema,
  TaskItemSchema,
  type ShardItem,
  type TaskItem,
} from '../schemas/items.ts';
import type { TaskStatus } from '../schemas/common.ts';
import type { TaskRun } from '../schemas/workflow.ts';

type TablePort = Pick<Ports, 'table'>;

export const taskNotFound = (taskId: string) =>
  new Problem('TASK_NOT_FOUND', `There is no task ${taskId}. It may have expired.`);

/** The task, for the workflow's own steps. @throws Problem TASK_NOT_FOUND */
export async function loadTask({ table }: TablePort, taskId: string): Promise<TaskItem> {
  const item = await table.get(tableKeys.task(taskId));
  if (!item) throw taskNotFound(taskId);
  return TaskItemSchema.parse(item);
}

/** The owner's task; another owner's is not found. @throws Problem TASK_NOT_FOUND */
export async function loadOwnedTask(
  ports: TablePort,
  ownerId: string,
  taskId: string,
): Promise<TaskItem> {
  const task = await loadTask(ports, taskId);
  if (task.ownerId !== ownerId) throw taskNotFound(taskId);
  return task;
}

/** Changes the task; undefined when the condition does not hold (any more). */
export async function changeTask(
  { table }: TablePort,
  taskId: string,
  change: Change,
  condition: Condition = { present: 'pk' },
): Promise<TaskItem | undefined> {
  const item = await table.update(tableKeys.task(taskId), change, condition);
  return item && TaskItemSchema.parse(item);
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

/** Every shard that was ever begun, in the order of rows, from this first row on. */
export async function* everyShard(
  ports: TablePort,
  taskId: string,
  fromRow = 1,
): AsyncGenerator<ShardItem, void, undefined> {
  const { pk, sk: from } = tableKeys.shard(taskId, fromRow);
  const query = { partition: pk, prefix: sortPrefixes.shards, from, limit: 1_000 };
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

const tells = ({ status, reached }: ShardItem) =>
  status === 'failed' || reached.rows > 0 || reached.parts > 0;

/** The shard that this row belongs to, if anything of it was made or lost: one read. */
export async function shardOfRow(
  ports: TablePort,
  taskId: string,
  row: number,
): Promise<ShardItem | undefined> {
  const { pk, sk: to } = tableKeys.shard(taskId, row);
  const query = { partition: pk, prefix: sortPrefixes.shards, to, descending: true, limit: 1 };
  for await (const item of everyItem(ports, query)) {
    const shard = ShardItemSchema.parse(item);
    if (tells(shard)) return row < shard.firstRow + shard.rowCount ? shard : undefined;
  }
  return undefined;
}
