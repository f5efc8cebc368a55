/**
 * The turn to tell of a task: one teller at a time, however many shards report, so that events never
 * overtake each other. It is taken in the same conditional write that numbers the events, ends by itself
 * after PUSH_LEASE_MS, and holds in the task's item when the next push of progress is due.
 *
 * Times in the item were read from the clocks of other machines, which may differ, jump or be set back. So
 * a turn that was not given back is taken over by nobody but who saw it unchanged for its whole length by
 * his own monotonic clock: whoever compared times would overtake a teller whose clock is behind his. When
 * a push is due goes by those times, but for one that no clock near ours can have written.
 */
import {
  CLOCK_SKEW_MS,
  PUSH_INTERVAL_MAX_MS,
  PUSH_INTERVAL_MS,
  PUSH_LEASE_MS,
  PUSH_SHARE,
} from '../limits.ts';
import type { Condition, Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import { nextRate, tried } from '../tasks/progress.ts';
import { changeTask } from '../tasks/taskStore.ts';

type TurnPorts = Pick<Ports, 'table' | 'clock'>;

export interface Turn {
  /** The task as it was when the turn was taken; its seq is the number of the last event. */
  readonly task: TaskItem;
  /** When it was taken, by the monotonic clock. */
  readonly since: number;
  /** Milliseconds that are left of it. */
  leftMs(): number;
  /** Holds it longer. @throws TurnLost */
  renew(): Promise<void>;
  /** Notes what telling has cost, in ms: the next push of progress comes that much later. */
  costs(ms: number): void;
  /** Gives it back, with attributes that are done with. The task after that; undefined if it was lost. */
  giveBack(remove?: readonly string[]): Promise<TaskItem | undefined>;
}

/** Another teller has taken the turn over: what is left to tell is theirs. */
export class TurnLost extends Error {
  override readonly name = 'TurnLost';
}

export interface Wanted {
  /** How many events are numbered. */
  readonly count: number;
  /** The time at which a push of progress was due; undefined for what need not wait for it. */
  readonly dueAt?: number;
  /** Attributes that are set along with it. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** What must hold besides. */
  readonly condition?: Condition;
  /** `pushLeaseUntil` of a turn that is known to be abandoned. */
  readonly abandoned?: number | undefined;
}

/** Whether a push of progress may be due: asked before a write that would be in vain. */
export const isDue = (task: TaskItem, now: number) =>
  (task.pushDueAt ?? task.pushedAt + PUSH_INTERVAL_MS) <= now ||
  task.pushedAt > now + CLOCK_SKEW_MS;

const dueCondition = (now: number): Condition => ({
  any: [
    {
      all: [
        { absent: 'pushDueAt' },
        { attribute: 'pushedAt', is: '<=', value: now - PUSH_INTERVAL_MS },
      ],
    },
    { attribute: 'pushDueAt', is: '<=', value: now },
    { attribute: 'pushedAt', is: '>', value: now + CLOCK_SKEW_MS },
  ],
});

const freeCondition = (abandoned: number | undefined): Condition => ({
  any: [GIVEN_BACK, ...(abandoned === undefined ? [] : [abandoned])].map((value) => ({
    attribute: 'pushLeaseUntil',
    is: '=',
    value,
  })),
});

/** `pushLeaseUntil` while nobody has the turn. */
const GIVEN_BACK = 0;

/** How long after a push that cost so many ms the next one may come. */
export const pushInterval = (costMs: number) =>
  Math.min(PUSH_INTERVAL_MAX_MS, Math.max(PUSH_INTERVAL_MS, Math.ceil(costMs * PUSH_SHARE)));

/** Takes the turn and numbers events; undefined when another one has it, or came first. */
export async function takeTurn(
  ports: TurnPorts,
  known: TaskItem,
  { count, dueAt, set, condition, abandoned }: Wanted,
): Promise<Turn | undefined> {
  const now = dueAt ?? ports.clock.now();
  const since = ports.clock.monotonicMs();
  const current = tried(known);
  const ratePerSecond = nextRate(
    { ratePerSecond: known.ratePerSecond, at: known.pushedAt, current: known.pushedCount },
    { at: now, current },
  );
  const task = await changeTask(
    ports,
    known.taskId,
    {
      set: {
        ...set,
        pushedAt: now,
        pushDueAt: now + PUSH_INTERVAL_MS,
        pushedCount: current,
        ratePerSecond,
        pushLeaseUntil: now + PUSH_LEASE_MS,
      },
      add: { seq: count },
    },
    {
      all: [
        // Events are numbered, and the rate is reckoned, from what is known: it must still be so.
        { attribute: 'seq', is: '=', value: known.seq },
        freeCondition(abandoned),
        ...(dueAt === undefined ? [] : [dueCondition(now)]),
        ...(condition ? [condition] : []),
      ],
    },
  );
  if (!task) return undefined;

  let heldSince = since;
  let cost = 0;
  let until = task.pushLeaseUntil;
  let renewing: Promise<void> | undefined;
  const mine = (): Condition => ({
    all: [
      { attribute: 'pushLeaseUntil', is: '=', value: until },
      // Two clocks may write the same time; nobody numbers from the same seq twice.
      { attribute: 'seq', is: '=', value: task.seq },
    ],
  });

  async function renew() {
    const renewedAt = ports.clock.monotonicMs();
    // Never the same time again: who waits knows by its change that the turn is alive.
    const later = Math.max(until + 1, ports.clock.now() + PUSH_LEASE_MS);
    const held = await changeTask(ports, known.taskId, { set: { pushLeaseUntil: later } }, mine());
    if (!held) throw new TurnLost(`The turn to tell of ${known.taskId} was taken over.`);
    until = later;
    heldSince = renewedAt;
  }

  return {
    task,
    since,
    leftMs: () => PUSH_LEASE_MS - (ports.clock.monotonicMs() - heldSince),
    renew: () => (renewing ??= renew().finally(() => (renewing = undefined))),
    costs: (ms) => void (cost += ms),
    giveBack: (remove = []) =>
      changeTask(
        ports,
        known.taskId,
        {
          set: { pushLeaseUntil: GIVEN_BACK, pushDueAt: task.pushedAt + pushInterval(cost) },
          remove,
        },
        mine(),
      ),
  };
}

export type TurnWatch = ReturnType<typeof createTurnWatch>;

/** Watches the turn of others, while one waits for it or looks again and again. */
export function createTurnWatch({ clock }: Pick<Ports, 'clock'>) {
  let seen: Pick<TaskItem, 'seq' | 'pushLeaseUntil'> | undefined;
  let since = 0;
  return {
    /** `pushLeaseUntil` of a turn that has not changed for its whole length: nobody holds it. */
    abandoned({ seq, pushLeaseUntil }: TaskItem): number | undefined {
      const now = clock.monotonicMs();
      // Two turns may have the same time, by different clocks, but never the same number.
      if (seq !== seen?.seq || pushLeaseUntil !== seen.pushLeaseUntil) {
        seen = { seq, pushLeaseUntil };
        since = now;
      }
      return now - since >= PUSH_LEASE_MS ? pushLeaseUntil : undefined;
    },
  };
}
