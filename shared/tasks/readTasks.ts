/** Reading tasks: one, a list, the numbers of one, how many are under way. */
import { everyItem } from '../everyItem.ts';
import { ownerPartitions } from '../keys.ts';
import type { Ports } from '../ports.ts';
import type { Page } from '../schemas/common.ts';
import { TaskItemSchema, type TaskItem } from '../schemas/items.ts';
import type { Snapshot } from '../schemas/stream.ts';
import type { ListTasksQuery, TaskView } from '../schemas/taskApi.ts';
import { isFinal } from './lifeCycle.ts';
import { snapshotOf } from './progress.ts';
import { loadOwnedTask } from './taskStore.ts';
import { taskView } from './taskViews.ts';

type TablePort = Pick<Ports, 'table'>;

/** @throws Problem TASK_NOT_FOUND */
export const getTask = async (
  ports: TablePort,
  ownerId: string,
  taskId: string,
): Promise<TaskView> => taskView(await loadOwnedTask(ports, ownerId, taskId));

/** @throws Problem TASK_NOT_FOUND */
export const getProgress = async (
  ports: TablePort,
  ownerId: string,
  taskId: string,
): Promise<Snapshot> => snapshotOf(await loadOwnedTask(ports, ownerId, taskId));

/** The owner's tasks, newest first; with `status`, only those. */
export async function listTasks(
  { table }: TablePort,
  ownerId: string,
  query: ListTasksQuery,
): Promise<Page<TaskView>> {
  const data: TaskView[] = [];
  let after = query.cursor;
  do {
    // Asking for exactly what is missing keeps the cursor at the last task that is shown.
    const page = await table.query({
      index: 'byOwner',
      partition: ownerPartitions.tasks(ownerId),
      descending: true,
      limit: query.limit - data.length,
      ...(after === undefined ? {} : { after }),
    });
    for (const item of page.items) {
      const task = TaskItemSchema.parse(item);
      if (query.status === undefined || task.status === query.status) data.push(taskView(task));
    }
    after = page.next;
  } while (after !== undefined && data.length < query.limit);
  return { data, nextCursor: after ?? null };
}

/** The owner's tasks that have not ended, newest first. */
export async function* activeTasks(
  ports: TablePort,
  ownerId: string,
): AsyncGenerator<TaskItem, void, undefined> {
  const query = {
    index: 'byOwner',
    partition: ownerPartitions.tasks(ownerId),
    descending: true,
    limit: 100,
  } as const;
  for await (const item of everyItem(ports, query)) {
    const task = TaskItemSchema.parse(item);
    if (!isFinal(task.status)) yield task;
  }
}

/** How many of the owner's tasks have not ended. */
export async function countActiveTasks(
  ports: TablePort,
  ownerId: string,
): Promise<{ activeTasks: number }> {
  let count = 0;
  for await (const task of activeTasks(ports, ownerId)) if (task.status !== 'pending') count++;
  return { activeTasks: count };
}
