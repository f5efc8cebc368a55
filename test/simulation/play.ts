/** Plays a scenario: people do what it says, things go wrong, and in the end everything comes to rest. */
import { ApiError } from '../../client/errors.ts';
import type { SheafClient } from '../../client/client.ts';
import { tableKeys } from '../../shared/keys.ts';
import { SECOND_DELETION_SECONDS } from '../../shared/limits.ts';
import type { TaskView } from '../../shared/schemas/taskApi.ts';
import { isFinal } from '../../shared/tasks/lifeCycle.ts';
import { rowOf, rowsOf } from './rows.ts';
import { clientOf, close, ownerId, sayGoodbye, subscribe } from './people.ts';
import { OWNERS, type Action, type TaskPlan, type Visit } from './scenario.ts';
import { passTime } from './world/passTime.ts';
import type { World } from './world/world.ts';

/** What is known of a task by whoever made it. */
export interface PlayedTask {
  readonly plan: TaskPlan;
  taskId: string | undefined;
  /** Rows that were corrected: for certain, or perhaps. */
  readonly corrected: Map<number, 'surely' | 'perhaps'>;
  deleted: 'no' | 'perhaps' | 'surely';
  /** At rest, and nobody can get any further with it. */
  rests: boolean;
}

export interface Played {
  readonly tasks: readonly PlayedTask[];
  readonly clients: readonly SheafClient[];
  readonly violations: string[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** EventBridge calls the sweeper this often. */
const SWEEP_MS = MINUTE;
/** Sweeps go on for so long after the last thing that happened, in ms: longer than a slot is left alone. */
const SWEPT_MS = 3 * MINUTE;
/** Nothing that a person can wait for takes longer than this, in ms: webhooks are given up after a day. */
const LONGEST_MS = 40 * HOUR;
/** How often somebody tries to bring a task on that rests without having come to its end. */
const MOST_PUSHES = 12;

/** @param templates ids of those that each owner has */
export async function play(
  world: World,
  templates: readonly (readonly string[])[],
): Promise<Played> {
  const { scenario, timeline } = world;
  const begun = timeline.now();
  const clients = Array.from({ length: OWNERS }, (_, owner) => clientOf(world, owner));
  const violations: string[] = [];
  for (let owner = 0; owner < OWNERS; owner++) {
    const { taskLimit, documentBudget } = scenario;
    const limits = { taskLimit, ...(documentBudget !== undefined && { documentBudget }) };
    await world.table.update(tableKeys.quota(ownerId(owner)), { set: limits });
  }
  const tasks = scenario.tasks.map((plan): PlayedTask => ({
    plan,
    taskId: undefined,
    corrected: new Map(),
    deleted: 'no',
    rests: false,
  }));

  /** What somebody does; whatever it meets that is no refusal is a violation. */
  let busy = 0;
  function perform(what: () => Promise<void>): void {
    busy++;
    what()
      .catch((error: unknown) => void violations.push(unexpected(error)))
      .finally(() => busy--);
  }
  const clientFor = ({ owner }: { owner: number }) => {
    const client = clients[owner];
    if (!client) throw new Error(`There is no owner ${owner}.`);
    return client;
  };

  for (const [index, task] of tasks.entries()) {
    timeline.at(begun + task.plan.createdAt, () =>
      perform(() => create(world, clientFor(task.plan), task, index, templates)),
    );
  }
  for (const action of scenario.actions) {
    const task = tasks[action.task];
    if (!task) continue;
    timeline.at(begun + action.at, () => {
      for (let i = 0; i < action.times; i++) {
        perform(() => control(clientFor(task.plan), task, action));
      }
    });
  }
  for (const [index, visit] of scenario.visits.entries()) {
    timeline.at(begun + visit.at, () =>
      perform(() => watch(world, clientFor(visit), visit, index, tasks)),
    );
  }

  await rest(world, () => busy === 0);
  world.calmDown();
  // What a person can do about what is left, until nobody has anything to do any more.
  for (let push = 0; push < MOST_PUSHES && tasks.some(({ rests }) => !rests); push++) {
    for (const task of tasks) {
      if (!task.rests) perform(() => bringOn(world, clientFor(task.plan), task));
    }
    await rest(world, () => busy === 0);
  }
  // What a frozen process wrote of a deleted task is looked for once more, after an hour.
  await passTime(world, timeline.now() + (SECOND_DELETION_SECONDS + 60) * 1000);
  await sweep(world);
  if (busy > 0) violations.push(`${busy} calls never came to an end.`);
  for (const { rests, taskId } of tasks) {
    if (!rests) violations.push(`Task ${taskId} never comes to its end.`);
  }
  return { tasks, clients, violations };
}

/** What clients do, while time passes until everything is at rest. @throws what they threw */
export async function whileTimePasses<T>(world: World, what: () => Promise<T>): Promise<T> {
  let idle = false;
  const done = what().finally(() => (idle = true));
  // Whoever awaits it hears of it.
  done.catch(() => undefined);
  await rest(world, () => idle);
  return done;
}

/** The sweeper comes, and goes. */
async function sweep(world: World): Promise<void> {
  let swept = false;
  void world.request('sweep', { source: 'aws.events' }, 60).then(() => (swept = true));
  await passTime(world, Infinity, () => swept);
}

/**
 * Lets everything happen that is under way, until nothing does. The sweeper comes every minute, but for times
 * in which nothing has happened that it could mend.
 */
async function rest(world: World, isIdle: () => boolean): Promise<void> {
  const { timeline } = world;
  const until = timeline.now() + LONGEST_MS;
  while (timeline.now() <= until) {
    await passTime(world, timeline.now() + SWEEP_MS);
    const next = timeline.nextAt();
    if (timeline.now() - world.processes.workedAt() <= SWEPT_MS) {
      await sweep(world);
    } else if (next !== undefined) {
      await passTime(world, next);
    } else if (isIdle()) {
      return;
    }
  }
}

/** Codes of refusals that anybody may meet who asks for something at the wrong moment. */
const REFUSALS: ReadonlySet<string | undefined> = new Set([
  'INVALID_STATE',
  'TASK_NOT_FOUND',
  'NOT_FOUND',
  'LIMIT_EXCEEDED',
  'VALIDATION_ERROR',
  'IDEMPOTENCY_CONFLICT',
  'UNAVAILABLE',
  // A service failed; whether anything else did shows in the log (judge.ts).
  'INTERNAL',
  // The owner's budget does not hold it.
  'DATA_INVALID',
  undefined,
]);
const isRefusal = (error: unknown) => error instanceof ApiError && REFUSALS.has(error.code);
/** Nobody knows whether it took effect. */
const isOpen = (error: unknown) => error instanceof ApiError && error.status >= 500;

const unexpected = (error: unknown) =>
  error instanceof ApiError
    ? `A call was answered ${error.status} ${error.code}: ${error.message}`
    : `A call ended in ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;

async function create(
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
            startAt: new Date(world.timeline.now() + plan.startsAfter).toISOString(),
          }),
          ...(plan.webhook && { webhookUrl: 'https://hooks.example.org/sheaf' }),
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

async function control(client: SheafClient, task: PlayedTask, { control }: Action): Promise<void> {
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

/** Somebody who subscribes, hears for a while, and leaves. */
async function watch(
  world: World,
  client: SheafClient,
  visit: Visit,
  index: number,
  tasks: readonly PlayedTask[],
): Promise<void> {
  const task = visit.task === undefined ? undefined : tasks[visit.task];
  if (task && task.taskId === undefined) return;
  const connectionId = `connection-${index + 1}`;
  try {
    const { websocketUrl } = await client.createTicket();
    const ticket = new URL(websocketUrl).searchParams.get('ticket') ?? '';
    if (!(await subscribe(world, visit.owner, connectionId, ticket, task?.taskId))) return;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return;
  }
  world.trace.note(`visitor ${index}`, 'has connected');
  await world.pause(visit.stays);
  close(world, connectionId);
  world.trace.note(`visitor ${index}`, 'has left');
  if (visit.goodbyeAfter === undefined) return;
  await world.pause(visit.goodbyeAfter);
  await sayGoodbye(world, visit.owner, connectionId);
}

/** Does what a person would do about a task that has not come to its end. */
async function bringOn(world: World, client: SheafClient, task: PlayedTask): Promise<void> {
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
