/** Reading tasks: one, a list, the numbers of one, how many are under way. */
import type { OwnedEntry } from '../ownedStore.ts';
import type { Ports } from '../ports.ts';
import type { Page } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { Snapshot } from '../schemas/stream.ts';
import type { ListTasksQuery, TaskView } from '../schemas/taskApi.ts';
import { isFinal } from './lifeCycle.ts';
import { snapshotOf } from './progress.ts';
import { loadWarnings } from './taskNames.ts';
import { taskCheckView } from '../trials/taskCheck.ts';
import { loadOwnedTask, taskStore } from './taskStore.ts';
import { taskView } from './taskViews.ts';

type TablePort = Pick<Ports, 'table'>;

/** @throws Problem TASK_NOT_FOUND */
export async function getTask(
  ports: TablePort,
  ownerId: string,
  taskId: string,
): Promise<TaskView> {
  const task = await loadOwnedTask(ports, ownerId, taskId);
  const [warnings, check] = await Promise.all([
    loadWarnings(ports, task),
    taskCheckView(ports, task),
  ]);
  return { ...taskView(task, warnings), check };
}

/** @throws Problem TASK_NOT_FOUND */
export const getProgress = async (
  ports: TablePort,
  ownerId: string,
  taskId: string,
): Promise<Snapshot> => snapshotOf(await loadOwnedTask(ports, ownerId, taskId));

/** The owner's tasks, newest first; with `status`, only those. */
export async function listTasks(
  ports: TablePort,
  ownerId: string,
  { status, ...page }: ListTasksQuery,
): Promise<Page<TaskView>> {
  const { items, next } =
    status === undefined
      ? await taskStore.page(ports, ownerId, page)
      : await taskStore.search(ports, ownerId, {
          ...page,
          status,
          // Of the tasks of a week, few are active.
          index: isFinal(status) ? 'byOwner' : 'activeByOwner',
        });
  return { data: items.map((task) => taskView(task)), nextCursor: next ?? null };
}

/** The newest of the owner's tasks that have not ended, at most so many. */
export async function activeTasks(
  ports: TablePort,
  ownerId: string,
  atMost: number,
): Promise<TaskItem[]> {
  const tasks: TaskItem[] = [];
  let entries: OwnedEntry[] = [];
  const read = async () => {
    const found = await taskStore.itemsOf(ports, ownerId, entries);
    // The index is a moment behind.
    tasks.push(...found.filter((task) => !isFinal(task.status)));
    entries = [];
  };
  for await (const entry of taskStore.entries(ports, ownerId, 'activeByOwner')) {
    entries.push(entry);
    if (tasks.length + entries.length < atMost) continue;
    await read();
    if (tasks.length >= atMost) break;
  }
  await read();
  return tasks;
}

/** How many of the owner's tasks were started and have not ended. */
export async function countActiveTasks(
  ports: TablePort,
  ownerId: string,
): Promise<{ activeTasks: number }> {
  let count = 0;
  for await (const { status } of taskStore.entries(ports, ownerId, 'activeByOwner')) {
    if (status !== 'pending' && status !== 'scheduled') count++;
  }
  return { activeTasks: count };
}
