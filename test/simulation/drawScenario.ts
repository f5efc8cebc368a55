/** Draws a scenario from a seed. */
import { createDice, type Dice } from './random.ts';
import {
  ASK_RESULTS,
  CALL_FAULTS,
  CONTROLS,
  INVOCATION_FAULTS,
  MOST_GROUPED_ROWS,
  MOST_IN_GROUP,
  MOST_ROWS,
  type Action,
  type CallbackPlan,
  type EndpointPlan,
  type Fault,
  type Reader,
  type Scenario,
  type TaskPlan,
  type UploadDeletion,
  type Visit,
} from './scenario.ts';

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

/** What of its rows is made, and how. */
type Made = Pick<
  TaskPlan,
  'rows' | 'check' | 'selection' | 'groupsOf' | 'base' | 'shift' | 'changedRows'
>;

function selectionOf(dice: Dice, rows: number): TaskPlan['selection'] {
  if (!dice.happens(0.12)) return undefined;
  const from = dice.between(1, rows);
  return { by: dice.pick(['rows', 'filter']), from, to: dice.between(from, rows) };
}

/** @param earlier the plans of those before it */
function madeOf(dice: Dice, rows: number, earlier: readonly TaskPlan[]): Made {
  const groupsOf = dice.happens(0.08) ? dice.between(2, MOST_IN_GROUP) : undefined;
  const count = groupsOf === undefined ? rows : Math.min(rows, MOST_GROUPED_ROWS);
  const isOnBase = earlier.length > 0 && dice.happens(0.3);
  const base = isOnBase ? dice.between(0, earlier.length - 1) : undefined;
  const shift = isOnBase && groupsOf === undefined ? dice.pick([0, 0, 1]) : 0;
  const changed = isOnBase ? dice.pick([0, 1, 1, 2]) : 0;
  return {
    rows: Math.max(1, count - shift),
    check: dice.pick([undefined, undefined, undefined, 'off', 'warn', 'strict']),
    selection: selectionOf(dice, Math.max(1, count - shift)),
    groupsOf,
    base,
    shift,
    changedRows: Array.from({ length: changed }, () => dice.between(1, Math.max(1, count - shift))),
  };
}

function taskOf(dice: Dice, earlier: readonly TaskPlan[], isSlow: boolean): TaskPlan {
  const first = earlier.length === 0;
  const approval = dice.happens(0.06);
  const autoStart = dice.happens(0.6) && !approval;
  const made = madeOf(dice, rowsOf(dice, isSlow && first), earlier);
  const { rows, base } = made;
  const bad = dice.pick([0, 0, 1, 3]);
  const badRows = new Set(Array.from({ length: bad }, () => dice.between(1, rows)));
  const owner = dice.happens(0.85) ? 0 : 1;
  return {
    owner: base === undefined ? owner : (earlier[base]?.owner ?? owner),
    templates: base === undefined ? dice.pick([1, 1, 1, 2, 3]) : dice.pick([1, 2, 3]),
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
    startsAfter:
      !autoStart && !approval && dice.happens(0.3) ? dice.between(0, 3 * MINUTE) : undefined,
    approval,
    ...made,
  };
}

function actionsOf(dice: Dice, tasks: readonly TaskPlan[]): Action[] {
  const actions: Action[] = [];
  for (const [task, { createdAt, autoStart, startsAfter, approval }] of tasks.entries()) {
    if (!autoStart && (startsAfter === undefined || dice.happens(0.2))) {
      const at = createdAt + dice.between(100, 3 * SECOND);
      actions.push({ at, task, control: 'start', times: dice.pick([1, 1, 2, 3]) });
      if (approval) actions.push({ at: at + 200, task, control: 'approve', times: 1 });
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

/** What seldom comes together by itself, and is where things went wrong before. */
type Turn = (dice: Dice, scenario: Scenario) => Scenario;

/** A small task that has ended is deleted, and then a step of it runs once more. */
const deletedUnderItsSteps: Turn = (dice, { tasks: [first, ...others], ...scenario }) => {
  if (!first) return { ...scenario, tasks: others };
  const task: TaskPlan = {
    ...first,
    rows: dice.between(1, 3),
    badRows: [],
    changedRows: [],
    selection: undefined,
    source: 'inline',
    autoStart: true,
    approval: false,
    startsAfter: undefined,
    createdAt: 0,
  };
  const again = Array.from({ length: 2 }, () => ({
    number: dice.between(1, 6),
    kind: 'twice' as const,
    ms: dice.pick([12 * SECOND, 40 * SECOND, 3 * MINUTE]),
  }));
  return {
    ...scenario,
    lookMs: 1,
    taskLimit: 10,
    tasks: [task, ...others],
    actions: [
      ...scenario.actions.filter(({ task: index }) => index !== 0),
      { at: dice.between(3 * SECOND, 9 * SECOND), task: 0, control: 'delete', times: 1 },
    ],
    stepFaults: [...new Map(again.map((fault) => [fault.number, fault])).values()],
    callFaults: scenario.callFaults.slice(0, 2),
  };
};

/** A server fails first, and is gone when the next message comes, so that what is tried again meets an endpoint that is closed. */
const goneWhileWaiting: Turn = (dice, scenario) => ({
  ...scenario,
  tasks: [
    ...scenario.tasks.map((task) => ({ ...task, owner: 0 })),
    ...scenario.tasks.slice(0, 1).map((task) => ({
      ...task,
      owner: 0,
      createdAt: dice.between(0, 4 * SECOND),
      base: undefined,
    })),
  ],
  endpoints: [
    {
      owner: 0,
      at: 0,
      deletedAfter: dice.happens(0.4) ? dice.between(1 * SECOND, 8 * SECOND) : undefined,
      answers: dice.pick([
        [500, 410],
        [0, 410],
        [500, 500, 410],
        [500, 500, 500],
      ]),
    },
  ],
});

/** Somebody reads from the beginning, while those who tell are slow, or die. */
const readWhileTellersFail: Turn = (dice, scenario) => {
  const task = dice.between(0, scenario.tasks.length - 1);
  const plan = scenario.tasks[task];
  const stays = [
    { ms: 20 * SECOND, awayMs: 10 },
    { ms: 20 * SECOND, awayMs: 1 * SECOND },
  ];
  return {
    ...scenario,
    readers: [{ owner: plan?.owner ?? 0, at: (plan?.createdAt ?? 0) + 200, task, stays }],
    callFaults: faultsOf(
      dice,
      ['slow', 'dieBehind', 'failBefore', 'freeze'],
      { gap: 12, last: 600, most: 25 },
      (kind) => (kind === 'freeze' ? 12 * SECOND : dice.between(400, 3 * SECOND)),
    ),
  };
};

/** The client of the table often asks again after it did what it was asked, while somebody watches a task from its beginning. */
const askedTwice: Turn = (dice, { tasks: [first, ...others], ...scenario }) => ({
  ...scenario,
  lookMs: dice.pick([5, 25, 250]),
  tasks: first ? [{ ...first, autoStart: !first.approval, startsAfter: undefined }, ...others] : [],
  visits: [
    {
      owner: first?.owner ?? 0,
      at: (first?.createdAt ?? 0) + 200,
      stays: 60 * SECOND,
      task: undefined,
      goodbyeAfter: 5,
    },
  ],
  callFaults: faultsOf(dice, ['twice'], { gap: 3, last: 400, most: 80 }, () => 200),
});

const TURNS = [deletedUnderItsSteps, goneWhileWaiting, readWhileTellersFail, askedTwice] as const;

/** The scenario of a seed. */
export function scenarioOf(seed: number): Scenario {
  const dice = createDice(seed);
  const count = dice.pick([1, 1, 1, 1, 1, 2, 2, 2, 3, 4]);
  const lookMs = dice.pick([0, 1, 1, 5, 5, 25, 250, 1_000]);
  const isSlow = lookMs >= SLOW_LOOK_MS;
  const tasks: TaskPlan[] = [];
  for (let i = 0; i < count; i++) tasks.push(taskOf(dice, tasks, isSlow));
  const calm = dice.happens(0.1);
  const gap = dice.pick([15, 40, 100, 250]);
  const stepFaults = calm ? [] : invocationFaultsOf(dice, gap / 10, 60);
  // Where rows are slow, a shard is often met by another worker after its first lease.
  if (!calm && isSlow && dice.happens(0.7)) {
    stepFaults.unshift({ number: 2, kind: 'twice', ms: 15 * SECOND });
  }
  const scenario: Scenario = {
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
  const turned = dice.happens(0.15) ? dice.pick(TURNS)(dice, scenario) : scenario;
  return withResults(dice, withCallbacks(dice, withCalls(dice, turned)));
}

/** When a service calls back for a request. */
function callbackTimes(dice: Dice, timeoutMs: number): number[] {
  const soon = dice.between(0, dice.pick([20, 3 * SECOND, 20 * SECOND]));
  switch (dice.pick(['soon', 'soon', 'soon', 'twice', 'later', 'late', 'never'])) {
    case 'soon':
      return [soon];
    case 'twice':
      return [soon, soon + dice.pick([0, 15, 5 * SECOND, MINUTE])];
    case 'later':
      return [dice.between(soon, timeoutMs)];
    // Or just in time.
    case 'late':
      return [timeoutMs + dice.between(-15, 60) * SECOND];
    default:
      return [];
  }
}

function callbacksOf(dice: Dice): CallbackPlan {
  const timeoutSeconds = dice.pick([30, 300, 300, 3_000]);
  const after = Array.from({ length: dice.between(1, 4) }, () =>
    callbackTimes(dice, timeoutSeconds * SECOND),
  );
  return { timeoutSeconds, after };
}

/** Rows of some tasks are sent to a service; of those whose samples are looked at, none. */
function withCalls(dice: Dice, scenario: Scenario): Scenario {
  const tasks = scenario.tasks.map((task) =>
    dice.happens(0.15) && task.approval !== true ? { ...task, calls: true } : task,
  );
  return { ...scenario, tasks };
}

/** Some services call back; and somebody retries what failed because one did not. */
function withCallbacks(dice: Dice, scenario: Scenario): Scenario {
  const actions = [...scenario.actions];
  const tasks = scenario.tasks.map((task, index) => {
    if (!task.calls || dice.happens(0.4)) return task;
    const callbacks = callbacksOf(dice);
    if (dice.happens(0.5)) {
      const at = task.createdAt + callbacks.timeoutSeconds * SECOND + dice.between(5, 120) * SECOND;
      actions.push({ at, task: index, control: 'retry', times: 1 });
    }
    return { ...task, callbacks };
  });
  return { ...scenario, tasks, actions };
}

/** Of some tasks the table of results is read in the end, and asked for while they may be at work. */
function withResults(dice: Dice, scenario: Scenario): Scenario {
  const actions = [...scenario.actions];
  const tasks = scenario.tasks.map((task, index): TaskPlan => {
    if (!dice.happens(task.calls ? 0.6 : 0.15)) return task;
    const span = dice.pick([3 * SECOND, 20 * SECOND, 4 * MINUTE]);
    for (let i = dice.pick([0, 1, 1, 2]); i > 0; i--) {
      const at = task.createdAt + dice.between(300, span);
      actions.push({ at, task: index, control: ASK_RESULTS, times: dice.pick([1, 2]) });
    }
    return { ...task, results: dice.pick(['jsonl', 'csv']) };
  });
  return { ...scenario, tasks, actions };
}
