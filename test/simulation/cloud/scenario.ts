/** What happens in a run, decided by its seed: tasks, calls that control them, who looks on, and faults. */
import { createDice, type Dice } from '../random.ts';
import { MANNERS, type Manner } from './protocol.ts';

/** Fields that templates read; a row that lacks one fails in the templates that read it. */
export const FIELDS = ['name', 'city', 'note'] as const;
export type Field = (typeof FIELDS)[number];

export type Call =
  'start' | 'pause' | 'resume' | 'cancel' | 'retry' | 'correct' | 'change' | 'delete';

export interface PlannedCall {
  /** After the task was created. */
  readonly atMs: number;
  readonly call: Call;
  /** Decides what the call needs: which rows, which priority. */
  readonly seed: number;
}

export interface PlannedTask {
  /** After the beginning of the run. */
  readonly atMs: number;
  readonly rows: number;
  readonly templates: 1 | 2 | 3;
  /** Rows come with the request, or are uploaded. */
  readonly isInline: boolean;
  readonly mode: 'parallel' | 'sequential';
  readonly concurrency: number;
  readonly priority: number;
  readonly autoStart: boolean;
  readonly hasWebhook: boolean;
  /** Every so manyth row lacks a field; 0: none does. */
  readonly failingEvery: number;
  readonly lacks: Field;
  /** In the order of time. */
  readonly calls: readonly PlannedCall[];
}

export interface PlannedWatcher {
  readonly kind: 'socket' | 'poller';
  /** Index of the task; undefined for all, which only a socket can. */
  readonly task: number | undefined;
  readonly atMs: number;
  /** Undefined: until the end of the run. */
  readonly forMs: number | undefined;
}

export type PlannedFault = { readonly atMs: number } & (
  | { readonly kind: 'killCloud'; readonly downMs: number }
  | {
      readonly kind: 'killWorker';
      /** Of a step of a task, or of any function. */
      readonly of: 'step' | 'any';
      readonly pick: number;
      readonly afterMs: number;
    }
  | {
      readonly kind: 'services';
      readonly manner: Manner;
      readonly share: number;
      readonly seed: number;
      readonly forMs: number;
    }
  | { readonly kind: 'fullDisk'; readonly forMs: number }
);
export type FaultKind = PlannedFault['kind'];

export interface Scenario {
  readonly seed: number;
  /** Tasks that may be at work at a time. */
  readonly taskLimit: number;
  readonly tasks: readonly PlannedTask[];
  readonly watchers: readonly PlannedWatcher[];
  readonly faults: readonly PlannedFault[];
  /** Of the answers of the receiver of webhooks, while there are faults. */
  readonly webhookFailures: number;
}

export interface ScenarioLimits {
  /** Whether the data folder is on a file system of its own that can be filled. */
  readonly canFillDisk: boolean;
}

/** How long faults go on, from the beginning of a run. */
const STORM_MS = 7_000;
/** Within this time after its creation a small task is done, unless something keeps it. */
const TASK_MS = 1_500;

/** The same scenario for the same seed and limits. */
export function makeScenario(seed: number, limits: ScenarioLimits): Scenario {
  const dice = createDice(seed);
  const tasks = Array.from({ length: dice.between(3, 6) }, () => planTask(dice));
  return {
    seed,
    taskLimit: dice.between(1, 4),
    tasks,
    watchers: planWatchers(dice, tasks),
    faults: planFaults(dice, tasks, limits),
    webhookFailures: dice.pick([0, 0.3, 0.7]),
  };
}

const byTime = (a: { atMs: number }, b: { atMs: number }) => a.atMs - b.atMs;

function planTask(dice: Dice): PlannedTask {
  const isLarge = dice.happens(0.12);
  const rows = isLarge
    ? dice.between(2_500, 6_000)
    : dice.between(1, dice.pick([1, 5, 30, 120, 400]));
  const calls = Array.from({ length: dice.between(0, 6) }, () => ({
    atMs: dice.between(0, dice.pick([300, TASK_MS, 4_000])),
    call: dice.weighted<Call>({
      start: 3,
      pause: 4,
      resume: 3,
      cancel: 1,
      retry: 2,
      correct: 2,
      change: 2,
      delete: 1,
    }),
    seed: dice.between(0, 2 ** 31 - 1),
  }));
  return {
    atMs: dice.between(0, 3_000),
    rows,
    templates: isLarge ? 1 : dice.pick([1, 2, 3]),
    isInline: !isLarge && dice.happens(0.6),
    mode: dice.happens(0.2) ? 'sequential' : 'parallel',
    concurrency: dice.pick([1, 2, 10]),
    priority: dice.between(0, 100),
    autoStart: dice.happens(0.7),
    hasWebhook: dice.happens(0.6),
    failingEvery: dice.pick([0, 1, 3, 7, 50]),
    lacks: dice.pick(FIELDS),
    calls: calls.sort(byTime),
  };
}

function planWatchers(dice: Dice, tasks: readonly PlannedTask[]): PlannedWatcher[] {
  return Array.from({ length: dice.between(1, 5) }, () => {
    const kind = dice.weighted({ socket: 3, poller: 1 });
    const ofAll = kind === 'socket' && dice.happens(0.3);
    return {
      kind,
      task: ofAll ? undefined : dice.between(0, tasks.length - 1),
      atMs: dice.between(0, 4_000),
      forMs: dice.happens(0.5) ? undefined : dice.between(100, 4_000),
    };
  });
}

function planFaults(
  dice: Dice,
  tasks: readonly PlannedTask[],
  { canFillDisk }: ScenarioLimits,
): PlannedFault[] {
  /** Most faults come while some task works. */
  const moment = () => {
    const task = tasks[dice.between(0, tasks.length - 1)];
    if (!task || dice.happens(0.25)) return dice.between(100, STORM_MS);
    return task.atMs + dice.between(0, TASK_MS);
  };
  const faults = Array.from({ length: dice.between(2, 7) }, (): PlannedFault => {
    const atMs = moment();
    const kind = dice.weighted<FaultKind>({
      killCloud: 2,
      killWorker: 5,
      services: 6,
      fullDisk: canFillDisk ? 2 : 0,
    });
    switch (kind) {
      case 'killCloud':
        return { kind, atMs, downMs: dice.pick([0, 0, 500]) };
      case 'killWorker':
        return {
          kind,
          atMs,
          of: dice.happens(0.7) ? 'step' : 'any',
          pick: dice.fraction(),
          afterMs: dice.pick([0, 3, 20, 100]),
        };
      case 'services':
        return {
          kind,
          atMs,
          manner: dice.pick(MANNERS),
          share: dice.pick([0.1, 0.3, 0.6, 1]),
          seed: dice.between(0, 2 ** 31 - 1),
          forMs: dice.between(200, 4_000),
        };
      case 'fullDisk':
        return { kind, atMs, forMs: dice.between(300, 3_000) };
    }
  });
  return faults.sort(byTime);
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

/** The scenario in lines that a person can read. */
export function describeScenario({ seed, taskLimit, tasks, watchers, faults }: Scenario): string {
  const lines = [`seed ${seed}: ${tasks.length} tasks, ${taskLimit} at a time`];
  tasks.forEach((task, index) => {
    const calls = task.calls.map(({ atMs, call }) => `${call} +${seconds(atMs)}`).join(', ');
    lines.push(
      `  ${seconds(task.atMs)} task ${index}: ${task.rows} rows × ${task.templates}, ` +
        `${task.isInline ? 'inline' : 'uploaded'}, ${task.mode}, ` +
        `${task.failingEvery === 0 ? 'none fails' : `every ${task.failingEvery} lacks ${task.lacks}`}, ` +
        `${task.autoStart ? 'starts' : 'waits'}${task.hasWebhook ? ', webhook' : ''}` +
        `${calls === '' ? '' : `; ${calls}`}`,
    );
  });
  for (const { kind, task, atMs, forMs } of watchers) {
    lines.push(
      `  ${seconds(atMs)} ${kind} of ${task === undefined ? 'all tasks' : `task ${task}`}` +
        `${forMs === undefined ? '' : ` for ${seconds(forMs)}`}`,
    );
  }
  for (const fault of faults) lines.push(`  ${seconds(fault.atMs)} ${describeFault(fault)}`);
  return lines.join('\n');
}

function describeFault(fault: PlannedFault): string {
  switch (fault.kind) {
    case 'killCloud':
      return `the cloud is killed, and down for ${seconds(fault.downMs)}`;
    case 'killWorker':
      return `a worker of ${fault.of === 'step' ? 'a step' : 'any function'} is killed after ${fault.afterMs} ms`;
    case 'services':
      return `${fault.share * 100} % of the calls of services are ${fault.manner} for ${seconds(fault.forMs)}`;
    case 'fullDisk':
      return `the disk is full for ${seconds(fault.forMs)}`;
  }
}
