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

/** Holds while the task is in one of these states. */
export const inStatus = (statuses: readonly TaskStatus[]): Condition => ({
  any: statuses.map((value) => ({ attribute: 'status', is: '=', value })),
});

/** Every shard that was begun, in order. */
export async function* shardsOf(
  ports: TablePort,
  taskId: string,
): AsyncGenerator<ShardItem, void, undefined> {
  const { pk } = tableKeys.task(taskId);
  const query = { partition: pk, prefix: sortPrefixes.shards, limit: 1_000 };
  for await (const item of everyItem(ports, query)) yield ShardItemSchema.parse(item);
}
