/** The check that a task begins with. */
import type { Columns } from '../columns/fill.ts';
import { columnsBytes } from '../columns/storedColumns.ts';
import { objectKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import type { TaskOptions } from '../schemas/common.ts';
import type { Order, TaskItem } from '../schemas/items.ts';
import type { TaskView } from '../schemas/taskApi.ts';
import { checkIdOf, trialStore } from './trialStore.ts';

/** Whether a task is checked; one of before there were checks is not. */
export const hasCheck = ({ check = 'off' }: Pick<TaskOptions, 'check'>): boolean => check !== 'off';

/** Notes what is to be checked, before the task itself is there; it lies with the task, and goes with it. */
export async function addTaskCheck(
  ports: Pick<Ports, 'table' | 'objects'>,
  { taskId, ownerId, createdAt }: TaskItem,
  order: Order,
  columns: Columns,
): Promise<void> {
  await Promise.all([
    ports.objects.put(objectKeys.trialColumns(taskId), columnsBytes(columns)),
    trialStore.add(ports, taskId, { ownerId, status: 'checking', order, createdAt }),
  ]);
}

/** What the task tells of its check; undefined for one that has none. */
export async function taskCheckView(
  ports: Pick<Ports, 'table'>,
  { taskId, options }: TaskItem,
): Promise<TaskView['check']> {
  if (!hasCheck(options)) return null;
  const check = await trialStore.find(ports, taskId);
  if (!check) return null;
  const { status, summary } = check;
  return {
    checkId: checkIdOf(taskId),
    status,
    errors: summary?.errors ?? null,
    warnings: summary?.warnings ?? null,
  };
}
