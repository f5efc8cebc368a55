/** What people do with a task: they make it, control it, correct it, and bring it on in the end. */
import type { SheafClient } from '../../client/client.ts';
import { ApiError } from '../../client/errors.ts';
import type { TaskView } from '../../shared/schemas/taskApi.ts';
import { isFinal } from '../../shared/tasks/lifeCycle.ts';
import { TASK_WEBHOOK, type PlayedTask } from './played.ts';
import { isOpen, isRefusal } from './refusals.ts';
import { rowOf, rowsOf } from './rows.ts';
import type { Action } from './scenario.ts';
import type { World } from './world/world.ts';

/** So much later a start is put off to. */
const POSTPONED_MS = 40_000;

const inMs = ({ timeline }: World, ms: number) => new Date(timeline.now() + ms).toISOString();

/** @param index of the task in the scenario @param templates ids of those that each owner has */
export async function create(
  world: World,
  client: SheafClient,
  task: PlayedTask,
  index: number,
  templates: readonly (readonly string[])[],
): Promise<void> {
  const { plan } = task;
  const idempotencyKey = `create-${index}`;
  const templateIds = (templates[plan.owner] ?? []).slice(0, plan.templates);
  try {
    const data = rowsOf(plan);
    let rows: { dataSourceId: string } | { data: typeof data } = { data };
    if (plan.source === 'upload') {
      const lines = data.map((row) => JSON.stringify(row)).join('\n');
      const bytes = new Uint8Array(Buffer.from(lines));
      const source = await client.uploadDataSource('rows.jsonl', bytes, {
        idempotencyKey: `source-${index}`,
      });
      task.dataSourceId = source.dataSourceId;
      rows = { dataSourceId: source.dataSourceId };
    }
    const { taskId } = await client.createTask(
      {
        body: {
          templateIds,
          ...rows,
          mode: plan.mode,
          options: {
            concurrency: plan.concurrency,
            onError: plan.onError,
            maxRetries: plan.maxRetries,
            priority: plan.priority,
          },
          autoStart: plan.autoStart,
          ...(plan.startsAfter !== undefined && {
            startAt: inMs(world, plan.startsAfter),
          }),
          ...(plan.webhook && { webhookUrl: TASK_WEBHOOK }),
        },
      },
      { idempotencyKey },
    );
    task.taskId = taskId;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // Whatever became of it: there is nobody who knows its id.
    task.rests = true;
  }
}

export async function control(
  world: World,
  client: SheafClient,
  task: PlayedTask,
  { control }: Action,
): Promise<void> {
  const { taskId, plan } = task;
  if (taskId === undefined) return;
  try {
    switch (control) {
      case 'start':
        return void (await client.startTask({ taskId }));
      case 'pause':
        return void (await client.pauseTask({ taskId }));
      case 'resume':
        return void (await client.resumeTask({ taskId }));
      case 'cancel':
        return void (await client.cancelTask({ taskId }));
      case 'retry':
        return void (await client.retryTask({ taskId, body: {} }));
      case 'correct':
        return await correct(client, task, taskId);
      case 'delete':
        task.deleted = 'perhaps';
        await client.deleteTask({ taskId });
        task.deleted = 'surely';
        return;
      case 'patch':
        return void (await client.changeTask({
          taskId,
          body: { name: 'Another name', options: { concurrency: 2, priority: 70 } },
        }));
      case 'postpone':
        return void (await client.changeTask({
          taskId,
          body: { startAt: inMs(world, POSTPONED_MS) },
        }));
      case 'unschedule':
        return void (await client.changeTask({ taskId, body: { startAt: null } }));
      case 'read':
        await client.getProgress({ taskId });
        await client.listFailures({ taskId });
        return void (await client.getRow({ taskId, row: plan.rows }));
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

async function correct(client: SheafClient, task: PlayedTask, taskId: string): Promise<void> {
  const rows = task.plan.badRows;
  if (rows.length === 0) return;
  const mark = (how: 'surely' | 'perhaps') => {
    for (const row of rows) {
      if (task.corrected.get(row) !== 'surely') task.corrected.set(row, how);
    }
  };
  const corrections = rows.map((row) => ({ row, values: rowOf(row, 'fixed') }));
  try {
    await client.retryTask({ taskId, body: { corrections } });
    mark('surely');
  } catch (error) {
    // A call that was tried again may have been carried out the first time, and refused the second.
    mark('perhaps');
    if (!isOpen(error) && !isRefusal(error)) throw error;
  }
}

/** Does what a person would do about a task that has not come to its end. */
export async function bringOn(world: World, client: SheafClient, task: PlayedTask): Promise<void> {
  const { taskId } = task;
  if (taskId === undefined) return void (task.rests = true);
  const view = await client.getTask({ taskId }).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 'TASK_NOT_FOUND') return undefined;
    throw error;
  });
  if (!view) {
    if (task.deleted === 'no') throw new Error(`Task ${taskId} is gone, and nobody deleted it.`);
    task.deleted = 'surely';
    return void (task.rests = true);
  }
  try {
    if (view.status === 'pending') return void (await client.startTask({ taskId }));
    if (view.status === 'paused') return void (await client.resumeTask({ taskId }));
    if (!isFinal(view.status)) return;
    if (await isLacking(client, view)) return void (await client.retryTask({ taskId, body: {} }));
    task.rests = true;
  } catch (error) {
    const { documentBudget } = world.scenario;
    const isBudget = error instanceof ApiError && error.code === 'DATA_INVALID';
    if (!isBudget || documentBudget === undefined) throw error;
    // Its owner's budget does not hold it, and nothing else is wrong.
    task.rests = true;
  }
}

/** Whether documents are missing that another try may make. */
async function isLacking(client: SheafClient, task: TaskView): Promise<boolean> {
  const { taskId, status, pending, options, succeeded } = task;
  if (status === 'cancelled' || status === 'completed') return false;
  if (status === 'failed' && options.onError === 'stop') return false;
  // A task of which something could be made is failed only where its workflow broke.
  if (pending > 0 || (status === 'failed' && succeeded > 0)) return true;
  for await (const { code } of client.each('listFailures', { taskId })) {
    if (code === 'SHARD_FAILED' || code === 'TIMEOUT') return true;
  }
  return false;
}
