/** What people do with a task: they control it, look at it, correct it, and bring it on in the end. */
import type { SheafClient } from '../../client/client.ts';
import { ApiError } from '../../client/errors.ts';
import type { TaskView } from '../../shared/schemas/taskApi.ts';
import { isFinal } from '../../shared/tasks/lifeCycle.ts';
import { approve, inMs } from './create.ts';
import { counterViolations } from './invariants/counts.ts';
import type { PlayedTask } from './played.ts';
import { isOpen, isRefusal } from './refusals.ts';
import { numberOf, rowOf, rowsInDocument } from './rows.ts';
import type { Action } from './scenario.ts';
import type { World } from './world/world.ts';

/** So much later a start is put off to. */
const POSTPONED_MS = 40_000;

export async function control(
  world: World,
  client: SheafClient,
  task: PlayedTask,
  { control }: Action,
): Promise<void> {
  const { taskId } = task;
  if (taskId === undefined) return;
  try {
    switch (control) {
      case 'start':
        return void (await client.startTask({ taskId }));
      case 'approve':
        return void (await approve(world, client, task, taskId));
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
        return await look(client, task, taskId);
      case 'results':
        return void (await client.downloadResults({
          taskId,
          format: task.plan.results ?? 'jsonl',
        }));
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** Reads what there is to be read of a task, whatever it does meanwhile. @throws Error when counters do not add up */
async function look(client: SheafClient, { plan }: PlayedTask, taskId: string): Promise<void> {
  const total = plan.rows * plan.templates;
  const progress = await client.getProgress({ taskId });
  const view = await client.getTask({ taskId });
  const wrong = [
    ...counterViolations(progress, total),
    ...counterViolations({ ...view, total: view.totalDocuments }, total),
  ];
  if (wrong.length > 0) throw new Error(`What is shown of ${taskId} is wrong: ${wrong.join(' ')}`);
  await client.listFailures({ taskId });
  await client.getRow({ taskId, row: plan.rows });
}

async function correct(client: SheafClient, task: PlayedTask, taskId: string): Promise<void> {
  const { plan } = task;
  const rows = plan.badRows.filter((row) => rowsInDocument(plan, row) > 0);
  if (rows.length === 0) return;
  const mark = (how: 'surely' | 'perhaps') => {
    for (const row of rows) {
      if (task.corrected.get(row) !== 'surely') task.corrected.set(row, how);
    }
  };
  const corrections = rows.map((row) => ({ row, values: rowOf(numberOf(plan, row), 'fixed') }));
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
    if (view.status === 'pending') {
      if (task.plan.approval) return await bringOnByApproval(world, client, task, taskId);
      return void (await client.startTask({ taskId }));
    }
    if (view.status === 'paused') return void (await client.resumeTask({ taskId }));
    if (!isFinal(view.status)) return;
    if (await isLacking(client, view)) return void (await client.retryTask({ taskId, body: {} }));
    task.rests = true;
  } catch (error) {
    const { documentBudget } = world.scenario;
    if (!(error instanceof ApiError) || documentBudget === undefined) throw error;
    // Another task at work has reserved what is left, and may give it back: then it is tried again.
    if (error.code === 'LIMIT_EXCEEDED') return;
    if (error.code !== 'DATA_INVALID') throw error;
    // Its owner's budget does not hold it, and nothing else is wrong.
    task.rests = true;
  }
}

/** Of what was deleted nobody can have samples any more: then it waits for good. */
async function bringOnByApproval(
  world: World,
  client: SheafClient,
  task: PlayedTask,
  taskId: string,
): Promise<void> {
  try {
    if (!(await approve(world, client, task, taskId))) task.rests = true;
  } catch (error) {
    const isGone = error instanceof ApiError && GONE.has(error.code);
    if (!isGone) throw error;
    task.rests = true;
  }
}
const GONE: ReadonlySet<string | undefined> = new Set([
  'TEMPLATE_NOT_FOUND',
  'DATA_SOURCE_NOT_FOUND',
]);

async function hasArchive(client: SheafClient, taskId: string): Promise<boolean> {
  try {
    await client.downloadArchive({ taskId });
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return false;
  }
}

/** Whether documents are missing that another try may make. */
async function isLacking(client: SheafClient, task: TaskView): Promise<boolean> {
  const { taskId, status, pending, options, succeeded } = task;
  if (status === 'cancelled' || status === 'completed') return false;
  // Stopped at a document, unless its workflow broke before what was made was joined.
  if (status === 'failed' && options.onError === 'stop') {
    return succeeded > 0 && !(await hasArchive(client, taskId));
  }
  // A task of which something could be made is failed only where its workflow broke.
  if (pending > 0 || (status === 'failed' && succeeded > 0)) return true;
  for await (const { code, detail } of client.each('listFailures', { taskId })) {
    if (code === 'SHARD_FAILED' || code === 'TIMEOUT') return true;
    // Whoever was to call had failed.
    if (code === 'STEP_FAILED' && detail.includes('was not called')) return true;
  }
  return false;
}
