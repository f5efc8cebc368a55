/** One task of a run: it is created, controlled as planned whatever happens meanwhile, and brought to its end. */
import type { SheafClient } from '../../../client/client.ts';
import { isFinal } from '../../../shared/tasks/lifeCycle.ts';
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import { attempt, persist, sleep, type Outcome } from './attempts.ts';
import { createDice, type Dice } from '../random.ts';
import type { Ledger } from './ledger.ts';
import type { Call, PlannedTask } from './scenario.ts';
import { createTaskRows, type Correction, type TaskRows } from './taskRows.ts';

export interface PlayedTask {
  readonly plan: PlannedTask;
  /** Of the run and the task, for messages and addresses. */
  readonly name: string;
  readonly rows: TaskRows;
  readonly taskId: string;
  /** Undefined when its rows came with the request. */
  readonly dataSourceId: string | undefined;
  /** Whether a call to delete it was sent, and whether one was answered with success. */
  readonly deletion: 'none' | 'asked' | 'done';
  readonly cancelAsked: boolean;
  /** Resolves when every planned call was made. */
  play(): Promise<void>;
  /** Has it come to its end: what waits is gone on with. @returns undefined when it was deleted */
  bringToEnd(forMs: number): Promise<TaskView | undefined>;
  /** Retries what failed, and has it come to its end again. */
  retryFailed(forMs: number): Promise<TaskView | undefined>;
  delete(): Promise<void>;
}

export interface TaskWorld {
  readonly client: SheafClient;
  readonly ledger: Ledger;
  readonly templateIds: readonly string[];
  /** What every value of a row holds. */
  readonly marker: string;
  readonly webhookUrl: (name: string) => string;
}

/** The longest that something may not be answered: a start of the cloud, and what was under way. */
const PATIENCE_MS = 90_000;

/** Answers that a call may get at any time: the task is not where the call would have it. */
const FITTING: ReadonlySet<string | undefined> = new Set(['INVALID_STATE']);

/** Creates the task; whatever happens, it is one. */
export async function createPlayedTask(
  world: TaskWorld,
  plan: PlannedTask,
  name: string,
): Promise<PlayedTask> {
  const { client, ledger, marker } = world;
  const rows = createTaskRows(plan, marker);
  const dataSourceId = plan.isInline ? undefined : await uploadRows(world, rows, name);
  const idempotencyKey = `${name}-${marker}`;
  const created = await persist(
    `The creation of ${name}`,
    () =>
      client.createTask(
        {
          body: {
            name,
            templateIds: world.templateIds.slice(0, plan.templates),
            ...(dataSourceId === undefined
              ? { data: rows.values.map((values) => ({ ...values })) }
              : { dataSourceId }),
            mode: plan.mode,
            autoStart: plan.autoStart,
            options: {
              concurrency: plan.concurrency,
              priority: plan.priority,
              missingValue: 'error',
            },
            ...(plan.hasWebhook && { webhookUrl: world.webhookUrl(name) }),
          },
        },
        { idempotencyKey },
      ),
    PATIENCE_MS,
  );
  if (created.kind === 'refused') throw new Error(`${name} was not created: ${created.detail}`);
  const { taskId } = created.value;
  ledger.count('tasks');
  ledger.note(`${name} is ${taskId}`);
  const createdAt = performance.now();

  let deletion: PlayedTask['deletion'] = 'none';
  let cancelAsked = false;

  async function play(): Promise<void> {
    for (const { atMs, call, seed } of plan.calls) {
      await sleep(Math.max(0, createdAt + atMs - performance.now()));
      const outcome = await make(call, createDice(seed));
      ledger.count(`calls: ${call}`);
      const told = outcome.kind === 'refused' ? `refused, ${outcome.code}` : outcome.kind;
      ledger.note(`${name}: ${call} was ${told}`);
      if (outcome.kind !== 'refused' || FITTING.has(outcome.code)) continue;
      if (call === 'correct' && rows.lackColumn && outcome.code === 'VALIDATION_ERROR') continue;
      const isGone = outcome.code === 'TASK_NOT_FOUND' && deletion !== 'none';
      if (!isGone) ledger.violation(`${name}: ${call} was refused: ${outcome.detail}`);
    }
  }

  async function make(call: Call, dice: Dice): Promise<Outcome<unknown>> {
    switch (call) {
      case 'start':
        return attempt(() => client.startTask({ taskId }));
      case 'pause':
        return attempt(() => client.pauseTask({ taskId }));
      case 'resume':
        return attempt(() => client.resumeTask({ taskId }));
      case 'cancel':
        cancelAsked = true;
        return attempt(() => client.cancelTask({ taskId }));
      case 'change': {
        const options = { priority: dice.between(0, 100), concurrency: dice.between(1, 10) };
        return attempt(() => client.changeTask({ taskId, body: { options } }));
      }
      case 'retry': {
        const first = dice.between(1, plan.rows);
        const range = `${first}-${Math.min(plan.rows, first + dice.between(0, 30))}`;
        const body = dice.happens(0.5) ? {} : { rows: range };
        return attempt(() => client.retryTask({ taskId, body }));
      }
      case 'correct':
        return correct(dice);
      case 'delete':
        return remove();
    }
  }

  async function correct(dice: Dice): Promise<Outcome<unknown>> {
    const chosen = rows.failing.filter(() => dice.happens(0.5)).slice(0, 50);
    const [row = dice.between(1, plan.rows), ...others] = chosen;
    const version = dice.between(1, 1_000_000);
    const corrections = [row, ...others].map((number): Correction => ({
      row: number,
      values: { [plan.lacks]: `${marker} corrected ${number} to ${version}` },
    }));
    const outcome = await attempt(() => client.retryTask({ taskId, body: { corrections } }));
    if (outcome.kind !== 'refused') rows.correct(corrections, outcome.kind === 'done');
    return outcome;
  }

  async function remove(): Promise<Outcome<unknown>> {
    const before = deletion;
    deletion = 'asked';
    const outcome = await attempt(() => client.deleteTask({ taskId }));
    if (outcome.kind === 'done') deletion = 'done';
    if (outcome.kind === 'refused' && outcome.code === 'INVALID_STATE') deletion = before;
    return outcome;
  }

  const look = async (): Promise<TaskView | undefined> => {
    const outcome = await persist(
      `A look at ${name}`,
      () => client.getTask({ taskId }),
      PATIENCE_MS,
    );
    if (outcome.kind === 'done') {
      if (deletion === 'done') ledger.violation(`${name} is there, and was deleted.`);
      return outcome.value;
    }
    if (deletion === 'none') ledger.violation(`${name} is gone, and nobody deleted it.`);
    return undefined;
  };

  async function bringToEnd(forMs: number): Promise<TaskView | undefined> {
    const until = performance.now() + forMs;
    for (;;) {
      const task = await look();
      if (!task || isFinal(task.status)) return task;
      if (performance.now() > until) {
        ledger.violation(`${name} hangs: it is ${task.status} after ${forMs / 1_000} s.`);
        ledger.note(`${name}: ${JSON.stringify(await client.getProgress({ taskId }))}`);
        ledger.note(`${name}: ${JSON.stringify((await client.readLog({ taskId })).data)}`);
        return task;
      }
      if (task.status === 'pending') await attempt(() => client.startTask({ taskId }));
      if (task.status === 'paused') await attempt(() => client.resumeTask({ taskId }));
      await sleep(100);
    }
  }

  return {
    plan,
    name,
    rows,
    taskId,
    dataSourceId,
    get deletion() {
      return deletion;
    },
    get cancelAsked() {
      return cancelAsked;
    },
    play,
    bringToEnd,
    async retryFailed(forMs) {
      const outcome = await persist(
        `A retry of ${name}`,
        () => client.retryTask({ taskId, body: {} }),
        PATIENCE_MS,
      );
      if (outcome.kind === 'refused') {
        ledger.violation(`${name} cannot be retried: ${outcome.detail}`);
      }
      return bringToEnd(forMs);
    },
    async delete() {
      deletion = 'asked';
      const call = () => client.deleteTask({ taskId });
      const outcome = await persist(`The deletion of ${name}`, call, PATIENCE_MS);
      const isGone = outcome.kind === 'done' || outcome.code === 'TASK_NOT_FOUND';
      if (isGone) deletion = 'done';
      else ledger.violation(`${name} cannot be deleted: ${outcome.detail}`);
    },
  };
}

async function uploadRows({ client }: TaskWorld, rows: TaskRows, name: string): Promise<string> {
  const lines = rows.values.map((values) => JSON.stringify(values)).join('\n');
  const bytes = new TextEncoder().encode(lines);
  const upload = () => client.uploadDataSource(`${name}.jsonl`, bytes);
  for (let tries = 0; ; tries++) {
    const outcome = await persist(`The upload of ${name}`, upload, PATIENCE_MS);
    if (outcome.kind === 'done' && outcome.value.status === 'ready') {
      return outcome.value.dataSourceId;
    }
    const why = outcome.kind === 'done' ? JSON.stringify(outcome.value.problems) : outcome.detail;
    if (tries === 5) throw new Error(`The rows of ${name} cannot be uploaded: ${why}`);
  }
}
