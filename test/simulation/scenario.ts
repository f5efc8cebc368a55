/** A scenario: what people do, what the world is like, and what goes wrong. All of it follows from a seed. */
import { createDice, type Dice } from './random.ts';

/** What befalls one call of a port, counted over the whole scenario. */
export const CALL_FAULTS = [
  /** The process is killed before the call. */
  'dieBefore',
  /** The call takes effect, and the process is killed. */
  'dieBehind',
  /** The service fails, and nothing has happened. */
  'failBefore',
  /** The call takes effect, and its answer is an error. */
  'failBehind',
  /** The answer is lost and the client asks again: it takes effect twice, and the second answer counts. */
  'twice',
  /** The answer takes long. */
  'slow',
  /** The process stands still, its timeout too, and goes on when nobody reckons with it any more. */
  'freeze',
] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

/** What befalls one invocation of a function. */
export const INVOCATION_FAULTS = [
  /** It begins late. */
  'late',
  /** The event is delivered twice; the first answer counts. */
  'twice',
  /** It runs, and its answer is lost. */
  'answerLost',
  /** There is no room for it. */
  'throttled',
  /** The clock of the machine is wrong. */
  'skewed',
] as const;
export type InvocationFault = (typeof INVOCATION_FAULTS)[number];

export interface Fault<Kind extends string> {
  /** Which call or invocation, from 1 on. */
  readonly number: number;
  readonly kind: Kind;
  /** How long, or how wrong. */
  readonly ms: number;
}

export interface TaskPlan {
  readonly owner: number;
  readonly rows: number;
  readonly templates: number;
  readonly source: 'inline' | 'upload';
  readonly concurrency: number;
  readonly mode: 'parallel' | 'sequential';
  readonly onError: 'continue' | 'stop';
  readonly maxRetries: number;
  readonly priority: number;
  /** Rows of which a document cannot be made. */
  readonly badRows: readonly number[];
  readonly webhook: boolean;
  /** When it is created, in ms. */
  readonly createdAt: number;
  /** Started with its creation; else by a start that is planned. */
  readonly autoStart: boolean;
  /** Ms after its creation at which it starts by itself. */
  readonly startsAfter: number | undefined;
}

/** What people do with a task: one of these is drawn, so what stands twice is done more often. */
const CONTROLS = [
  'pause',
  'pause',
  'resume',
  'resume',
  'cancel',
  'retry',
  'correct',
  'delete',
  'patch',
  /** Sets another moment at which it is to start by itself. */
  'postpone',
  /** Takes that moment back. */
  'unschedule',
  'read',
  'start',
] as const;
export type Control = (typeof CONTROLS)[number];

export interface Action {
  readonly at: number;
  readonly task: number;
  readonly control: Control;
  /** Calls at the same moment. */
  readonly times: number;
}

/** Somebody who watches. */
export interface Visit {
  readonly owner: number;
  readonly at: number;
  /** Ms until the connection ends. */
  readonly stays: number;
  /** All tasks of the owner, or one. */
  readonly task: number | undefined;
  /** Ms until the server hears that it has ended; undefined: never. */
  readonly goodbyeAfter: number | undefined;
}

/** Somebody who reads server-sent events, and comes again from where the last answer broke off. */
export interface Reader {
  readonly owner: number;
  readonly at: number;
  /** All tasks of the owner, or one. */
  readonly task: number | undefined;
  /** How long each answer is read at the most, and how long it takes to ask for the next one, in ms. */
  readonly stays: readonly { readonly ms: number; readonly awayMs: number }[];
}

/** A webhook endpoint of an owner, for all tasks. */
export interface EndpointPlan {
  readonly owner: number;
  readonly at: number;
  /** Ms until it is deleted. */
  readonly deletedAfter: number | undefined;
  /** What its server answers first; 410 for good, else 204 from then on. */
  readonly answers: readonly number[];
}

/** Somebody deletes what a task is made from: its data source, or one of its owner's templates. */
export interface UploadDeletion {
  readonly at: number;
  readonly task: number;
  /** Index of the template; undefined: the data source. */
  readonly template: number | undefined;
}

export interface Scenario {
  readonly seed: number;
  /** What a look at a process's clock takes, in ms: how slow work is. */
  readonly lookMs: number;
  readonly taskLimit: number;
  readonly documentBudget: number | undefined;
  readonly tasks: readonly TaskPlan[];
  readonly actions: readonly Action[];
  readonly visits: readonly Visit[];
  readonly readers: readonly Reader[];
  readonly endpoints: readonly EndpointPlan[];
  readonly deletions: readonly UploadDeletion[];
  /** What the server of webhooks answers first: a status, or 0 for nothing. Later: 204. */
  readonly receiver: readonly number[];
  readonly callFaults: readonly Fault<CallFault>[];
  /** Of steps of workflows. */
  readonly stepFaults: readonly Fault<InvocationFault>[];
  /** Of the functions of gateways, and of the sweeper. */
  readonly requestFaults: readonly Fault<InvocationFault>[];
}

/** Scenarios have at most so many rows in a task. */
export const MOST_ROWS = 400;
/** Owners of the simulated world. */
export const OWNERS = 2;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** From here on rows are slow, in ms a look. */
const SLOW_LOOK_MS = 250;

/**
 * Most tasks are small: what goes wrong does so between calls, not between rows. Where rows are slow, a lease is to
 * run out over them.
 */
function rowsOf(dice: Dice, isSlow: boolean): number {
  if (isSlow) return dice.between(8, 40);
  const size = dice.fraction();
  if (size < 0.7) return dice.between(1, 6);
  if (size < 0.97) return dice.between(6, 30);
  return dice.between(30, MOST_ROWS);
}

function taskOf(dice: Dice, first: boolean, isSlow: boolean): TaskPlan {
  const autoStart = dice.happens(0.6);
  const rows = rowsOf(dice, isSlow && first);
  const bad = dice.pick([0, 0, 1, 3]);
  const badRows = new Set(Array.from({ length: bad }, () => dice.between(1, rows)));
  return {
    owner: dice.happens(0.85) ? 0 : 1,
    rows,
    templates: dice.pick([1, 1, 1, 2, 3]),
    source: dice.happens(0.2) ? 'upload' : 'inline',
    concurrency: dice.pick([1, 2, 3, 8]),
    mode: dice.happens(0.2) ? 'sequential' : 'parallel',
    onError: dice.happens(0.15) ? 'stop' : 'continue',
    maxRetries: dice.between(0, 3),
    priority: dice.pick([50, 50, 1, 90]),
    badRows: [...badRows].sort((a, b) => a - b),
    webhook: dice.happens(0.5),
    createdAt: first ? 0 : dice.between(0, 8 * SECOND),
    autoStart,
    startsAfter: !autoStart && dice.happens(0.3) ? dice.between(0, 3 * MINUTE) : undefined,
  };
}

function actionsOf(dice: Dice, tasks: readonly TaskPlan[]): Action[] {
  const actions: Action[] = [];
  for (const [task, { createdAt, autoStart, startsAfter }] of tasks.entries()) {
    if (!autoStart && (startsAfter === undefined || dice.happens(0.2))) {
      const at = createdAt + dice.between(100, 3 * SECOND);
      actions.push({ at, task, control: 'start', times: dice.pick([1, 1, 2, 3]) });
    }
    const busy = dice.pick([0, 0, 1, 2, 4]);
    for (let i = 0; i < busy; i++) {
      const span = dice.pick([400, 3 * SECOND, 20 * SECOND, 4 * MINUTE]);
      actions.push({
        at: createdAt + dice.between(0, span),
        task,
        control: dice.pick(CONTROLS),
        times: dice.pick([1, 1, 1, 2]),
      });
    }
  }
  return actions;
}

function visitsOf(dice: Dice, tasks: readonly TaskPlan[]): Visit[] {
  return Array.from({ length: dice.pick([0, 1, 1, 2, 3]) }, () => {
    const task = dice.happens(0.6) ? dice.between(0, tasks.length - 1) : undefined;
    const plan = tasks[task ?? 0];
    return {
      owner: plan?.owner ?? 0,
      at: (plan?.createdAt ?? 0) + dice.between(0, dice.pick([300, 2 * SECOND, MINUTE])),
      stays: dice.pick([200, 2 * SECOND, 30 * SECOND, 60 * MINUTE]),
      task,
      goodbyeAfter: dice.happens(0.7) ? dice.pick([5, 5, 2 * MINUTE]) : undefined,
    };
  });
}

/** Most scenarios have none: a stream looks often, and so takes as many calls as a task. */
function readersOf(dice: Dice, tasks: readonly TaskPlan[]): Reader[] {
  return Array.from({ length: dice.pick([0, 0, 0, 0, 1, 2]) }, () => {
    const task = dice.happens(0.8) ? dice.between(0, tasks.length - 1) : undefined;
    const plan = tasks[task ?? 0];
    return {
      owner: plan?.owner ?? 0,
      at: (plan?.createdAt ?? 0) + dice.between(50, dice.pick([300, 2 * SECOND, 20 * SECOND])),
      task,
      stays: Array.from({ length: dice.between(1, 4) }, () => ({
        ms: dice.pick([200, 1 * SECOND, 4 * SECOND, 20 * SECOND]),
        awayMs: dice.pick([10, 1 * SECOND, 15 * SECOND]),
      })),
    };
  });
}

function endpointsOf(dice: Dice, tasks: readonly TaskPlan[]): EndpointPlan[] {
  return Array.from({ length: dice.pick([0, 0, 0, 1, 2]) }, () => ({
    owner: tasks[0]?.owner ?? 0,
    at: dice.pick([0, 0, 2 * SECOND]),
    deletedAfter: dice.happens(0.4) ? dice.pick([2 * SECOND, 20 * SECOND, 6 * MINUTE]) : undefined,
    answers: Array.from({ length: dice.pick([0, 1, 2]) }, () => dice.pick([500, 410, 0])),
  }));
}

/** Seldom, too: who creates a task of a template that is gone is refused, and then there is less to see. */
function deletionsOf(dice: Dice, tasks: readonly TaskPlan[]): UploadDeletion[] {
  if (!dice.happens(0.2)) return [];
  const task = dice.between(0, tasks.length - 1);
  const plan = tasks[task];
  if (!plan) return [];
  const isSource = plan.source === 'upload' && dice.happens(0.6);
  return [
    {
      at: plan.createdAt + dice.between(100, dice.pick([1 * SECOND, 10 * SECOND, 2 * MINUTE])),
      task,
      template: isSource ? undefined : dice.between(0, plan.templates - 1),
    },
  ];
}

function faultsOf<Kind extends string>(
  dice: Dice,
  kinds: readonly [Kind, ...Kind[]],
  { gap, last, most }: { gap: number; last: number; most: number },
  msOf: (kind: Kind) => number,
): Fault<Kind>[] {
  const faults: Fault<Kind>[] = [];
  for (let number = 0; faults.length < most;) {
    number += Math.max(1, Math.ceil(-Math.log(1 - dice.fraction()) * gap));
    if (number > last) break;
    const kind = dice.pick(kinds);
    faults.push({ number, kind, ms: msOf(kind) });
  }
  return faults;
}

const invocationFaultsOf = (dice: Dice, gap: number, last: number) =>
  faultsOf(dice, INVOCATION_FAULTS, { gap, last, most: 5 }, (kind) =>
    kind === 'skewed'
      ? dice.between(-9, 9) * SECOND
      : dice.pick([300, 4 * SECOND, 12 * SECOND, 40 * SECOND, 3 * MINUTE]),
  );

/** The scenario of a seed. */
export function scenarioOf(seed: number): Scenario {
  const dice = createDice(seed);
  const count = dice.pick([1, 1, 1, 2, 2, 3, 4]);
  const lookMs = dice.pick([0, 1, 1, 5, 5, 25, 250, 1_000]);
  const isSlow = lookMs >= SLOW_LOOK_MS;
  const tasks = Array.from({ length: count }, (_, i) => taskOf(dice, i === 0, isSlow));
  const calm = dice.happens(0.1);
  const gap = dice.pick([15, 40, 100, 250]);
  const stepFaults = calm ? [] : invocationFaultsOf(dice, gap / 10, 60);
  // Where rows are slow, a shard is often met by another worker after its first lease.
  if (!calm && isSlow && dice.happens(0.7)) {
    stepFaults.unshift({ number: 2, kind: 'twice', ms: 15 * SECOND });
  }
  return {
    seed,
    lookMs,
    taskLimit: dice.pick([3, 1, 2, 10]),
    documentBudget: dice.happens(0.15) ? dice.between(1, 400) : undefined,
    tasks,
    actions: actionsOf(dice, tasks),
    visits: visitsOf(dice, tasks),
    readers: readersOf(dice, tasks),
    endpoints: endpointsOf(dice, tasks),
    deletions: deletionsOf(dice, tasks),
    receiver: Array.from({ length: dice.pick([0, 0, 1, 3]) }, () => dice.pick([500, 503, 0, 302])),
    callFaults: calm
      ? []
      : faultsOf(dice, CALL_FAULTS, { gap, last: 4_000, most: 25 }, (kind) =>
          kind === 'freeze'
            ? dice.pick([12 * SECOND, 40 * SECOND, 4 * MINUTE, 15 * MINUTE])
            : dice.between(200, 8 * SECOND),
        ),
    stepFaults,
    requestFaults: calm ? [] : invocationFaultsOf(dice, gap / 2, 200),
  };
}
