/** Ready-made items of tasks for tests of the domain. */
import { ownerPartitions, tableKeys } from '../../shared/keys.ts';
import type { Ports } from '../../shared/ports.ts';
import { TaskOptionsSchema } from '../../shared/schemas/common.ts';
import type { TaskItem } from '../../shared/schemas/items.ts';
import { taskNotFound, taskStore } from '../../shared/tasks/taskStore.ts';

export const OWNER = 'owner-a';
export const TASK_ID = 'task_01J00000000000000000000000';

/** A running task of 100 documents, changed as asked. */
export const taskItem = (changes: Partial<TaskItem> = {}): TaskItem => {
  const taskId = changes.taskId ?? TASK_ID;
  const ownerId = changes.ownerId ?? OWNER;
  return {
    taskId,
    ownerId,
    ownerKey: ownerPartitions.tasks(ownerId),
    ownerSort: taskId,
    activeSort: taskId,
    name: 'Offer letters',
    status: 'running',
    stage: 'rendering',
    mode: 'parallel',
    outputFormat: 'docx',
    templates: [
      { templateId: 'tpl_01J00000000000000000000000', label: 'letter', sha256: 'a'.repeat(64) },
    ],
    rowsKey: 'rows',
    indexKey: 'index',
    rowCount: 100,
    totalDocuments: 100,
    fileName: '{template}-{row}',
    options: TaskOptionsSchema.parse({}),
    metadata: {},
    run: 1,
    round: 0,
    triedAtPlan: 0,
    idleRounds: 0,
    succeeded: 0,
    failed: 0,
    skipped: 0,
    seq: 0,
    pushedAt: 0,
    pushedCount: 0,
    ratePerSecond: 0,
    pushLeaseUntil: 0,
    createdAt: Date.UTC(2026, 0, 1),
    expiresAt: Date.UTC(2027, 0, 1) / 1000,
    ...changes,
  };
};

/** Puts a task into the table. */
export async function givenTask(
  { table }: Pick<Ports, 'table'>,
  changes: Partial<TaskItem> = {},
): Promise<TaskItem> {
  const task = taskItem(changes);
  await table.put(tableKeys.task(task.taskId), task);
  return task;
}

/** The task as the table has it. @throws Problem TASK_NOT_FOUND */
export async function loadTask(ports: Pick<Ports, 'table'>, taskId: string): Promise<TaskItem> {
  const task = await taskStore.find(ports, taskId);
  if (!task) throw taskNotFound(taskId);
  return task;
}
