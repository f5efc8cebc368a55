/**
 * One limit for all workers of a connection: whoever wants to call waits for a turn. Turns come from the
 * connection's pace, one item that all workers write by conditional writes (pace.ts).
 */
import { inVersion } from '../inVersion.ts';
import {
  PACE_AHEAD_MS,
  PACE_ASK_MIN_MS,
  PACE_LATE_MOST_MS,
  PACE_LEADER_GONE_MS,
  PACE_LOOK_MS,
  PACE_RENEW_MS,
  PACE_TELL_MS,
} from '../limits.ts';
import type { ItemKey, Ports } from '../ports.ts';
import { PaceSchema, type Pace, type RateLimit } from '../schemas/rateLimit.ts';
import { answer, NOTHING_SEEN, rateOf, slackMs, type Answer, type Seen } from './pace.ts';
import { createPaceTime } from './paceTime.ts';

export type LimiterPorts = Pick<Ports, 'table' | 'clock' | 'random'>;

/** What became of a call, as far as its service's pace is concerned. */
export type CallEnd =
  /** The service answered, whatever that means for the row. */
  | { readonly outcome: 'answered' }
  /** Nobody was called: the turn is lost. */
  | { readonly outcome: 'unused' }
  /** It did not, or was not able to: something that may pass. */
  | { readonly outcome: 'failed' }
  | { readonly outcome: 'throttled'; readonly retryAfterMs: number };

export interface LimiterFigures {
  /** Calls that wait for their turn in this worker. */
  readonly waiting: number;
  /** Calls a second that the connection takes at present. */
  readonly rate: number;
  /** The same, where the service made it less than its limit says. */
  readonly learned: number | undefined;
  /** Calls of all workers that failed since one succeeded; and for how long that goes on, in ms. */
  readonly failing: { readonly calls: number; readonly forMs: number } | undefined;
}

export interface Limiter {
  /**
   * Waits for the turn of one call.
   * @returns to be called when the call has ended
   * @throws the signal's reason when it is aborted before; what the table throws
   */
  turn(signal: AbortSignal): Promise<(end: CallEnd) => void>;
  figures(): LimiterFigures;
  /** Gives everything back that it holds; no turns any more. Calls have ended. */
  close(): Promise<void>;
}

export interface LimitedBy {
  /** Where the pace stands: one item for whoever shares it. */
  readonly key: ItemKey;
  readonly limit: RateLimit;
  readonly taskId: string;
}

interface Waiter {
  readonly begin: (end: (end: CallEnd) => void) => void;
  readonly fail: (error: Error) => void;
}

/** What is waited for: it rings, or has rung since it was waited for last, or time passes. */
function createBell(clock: LimiterPorts['clock']) {
  let hasRung = false;
  let heard: () => void = () => undefined;
  return {
    ring() {
      hasRung = true;
      heard();
    },
    /** @returns whether it rang */
    async wait(ms: number): Promise<boolean> {
      if (!hasRung) {
        await Promise.race([
          new Promise<void>((resolve) => void (heard = resolve)),
          clock.sleep(ms),
        ]);
      }
      const rang = hasRung;
      hasRung = false;
      return rang;
    },
  };
}

/** Everything that was seen since it was told last. */
function createSightings() {
  let seen: Seen = NOTHING_SEEN;
  return {
    add(more: Partial<Seen>) {
      seen = {
        succeeded: seen.succeeded + (more.succeeded ?? 0),
        failed: seen.failed + (more.failed ?? 0),
        throttled: seen.throttled + (more.throttled ?? 0),
        retryAfterMs: Math.max(seen.retryAfterMs, more.retryAfterMs ?? 0),
      };
    },
    get isEmpty() {
      return seen === NOTHING_SEEN;
    },
    /** All workers are to know of it at once. */
    get isUrgent() {
      return seen.throttled > 0;
    },
    /** What is to be told now. */
    take(): Seen {
      const taken = seen;
      seen = NOTHING_SEEN;
      return taken;
    },
  };
}

/** An answer, what was asked for by it, and whether it gives all of that. */
interface Answered extends Answer {
  readonly lateMs: number;
  readonly isEnough: boolean;
}

/** A turn that was given. */
interface Turn {
  /** The moment of the worker's monotonic clock at which a call may begin. */
  readonly at: number;
  /** So much later than the slack it may begin, in ms. */
  readonly lateMs: number;
}

/** Of the lateness that repeats itself, so much is reckoned with. */
const LATE_MARGIN = 1.5;

/** How late turns are taken: an event loop that stands for as long each time would lose all of them. */
function createLateness() {
  let [before, last] = [0, 0];
  return {
    saw(ms: number) {
      before = last;
      last = ms;
    },
    /** What is to be reckoned with, in ms: what was so twice in a row, for a pause is over when it is seen. */
    get expectedMs() {
      return Math.min(PACE_LATE_MOST_MS, LATE_MARGIN * Math.min(before, last));
    },
  };
}

/** The weight of the newest call in the mean time of a call. */
const NEWEST_CALL = 0.1;
/** How long a call is thought to take before one has ended, in ms. */
const UNKNOWN_CALL_MS = 250;
/** The same for a write of the pace; and how much longer than the mean one may take. */
const NEWEST_WRITE = 0.25;
const UNKNOWN_WRITE_MS = 20;
const WRITE_MARGIN = 1.5;
/** Timers go off so late, in ms. */
const TIMER_MS = 5;
/** So that time passes, however coarse it is counted. */
const LEAST_SLEEP_MS = 0.001;
/** Whoever was not the first to write tries again within this, in ms. */
const CONTENTION_MS = 10;

/** The last word of who leads: a worker writes its own part of the pace anew each time. */
const wordOfLeader = ({ lead, holders }: Pace): string | undefined =>
  lead && [lead.holder, lead.since, holders[lead.holder]?.until].join(' ');

/** A limiter of one worker; the worker's name among all is random. */
export function createLimiter(ports: LimiterPorts, by: LimitedBy): Limiter {
  const { clock, table, random } = ports;
  const { key, limit, taskId } = by;
  const slack = slackMs(limit);
  const holder = Buffer.from(random.bytes(9)).toString('base64url');
  const time = createPaceTime(clock);
  /** Rings when more is wanted, or is to be told at once. */
  const bell = createBell(clock);
  /** Rings when a call ends, while all that may be are under way. */
  const freed = createBell(clock);
  const sightings = createSightings();
  const waiters = new Set<Waiter>();
  /** In order. */
  const turns: Turn[] = [];
  const lateness = createLateness();
  let underWay = 0;
  /** Calls that it may have under way. */
  let calls = 0;
  let callMs = UNKNOWN_CALL_MS;
  let writeMs = UNKNOWN_WRITE_MS;
  /** The pace as it was written or read last; undefined when somebody else has changed it. */
  let present: Pace | undefined;
  /** The newest version that was seen. */
  let seenVersion = -1;
  /** The last word of who leads, and since when it is known, by the monotonic clock. */
  let leaderWord: string | undefined;
  let leaderWordAt = -Infinity;
  /** Calls that the pace has of this worker. */
  let held = 0;
  /** The lead that this worker has, by its own last word. */
  let ledTerm: number | undefined;
  let seenHold = 0;
  let isClosed = false;
  let figures: Pick<Pace, 'learned' | 'failing'> = {};
  let asking: Promise<void> | undefined;
  let beginning: Promise<void> | undefined;

  /** The pace that another worker may have written; a read that is late only loses time. */
  async function load(): Promise<Pace> {
    const loaded = PaceSchema.parse((await table.get(key)) ?? {});
    const { version, at, heldUntil, lead } = loaded;
    if (version === seenVersion) return loaded;
    // Whoever led all the while knows that nobody else was given a turn.
    const hasLed = ledTerm !== undefined && lead?.holder === holder && lead.term === ledTerm;
    if (!hasLed) time.follow(at);
    const isNewHold = heldUntil > seenHold;
    know(loaded);
    if (!hasLed || !isNewHold) return loaded;
    // Said by one whose time is behind: it holds from now on.
    return { ...loaded, heldUntil: heldUntil + Math.max(0, time.now() - at) };
  }

  function know(its: Pace): void {
    seenVersion = its.version;
    seenHold = its.heldUntil;
    const word = wordOfLeader(its);
    if (word !== leaderWord) leaderWordAt = clock.monotonicMs();
    leaderWord = word;
  }

  const isLeaderGone = () => clock.monotonicMs() - leaderWordAt >= PACE_LEADER_GONE_MS;

  /** Asks until an answer stands. */
  async function ask(isLast = false): Promise<Answered> {
    const seen = sightings.take();
    try {
      for (;;) {
        const before = (present ??= await load());
        const turnsWanted = isLast ? 0 : Math.max(0, waiters.size - turns.length);
        const callsWanted = isLast ? underWay : underWay + waiters.size;
        const sentAt = clock.monotonicMs();
        const now = time.now();
        const lateMs = Math.max(0, lateness.expectedMs - slack);
        const its = answer(limit, before, {
          ...{ holder, taskId, now, underWay, booked: turns.length, seen },
          readyAt: now + writeMs * WRITE_MARGIN,
          lateMs,
          turns: turnsWanted,
          callMs,
          calls: callsWanted,
          isLeaderGone: isLeaderGone(),
        });
        // The others count on it as soon as it is written.
        calls = Math.min(calls, its.calls);
        const isWritten = await table.put(key, { ...key, ...its.pace }, inVersion(before));
        const tookMs = clock.monotonicMs() - sentAt;
        writeMs += (tookMs - writeMs) * NEWEST_WRITE;
        if (isWritten) {
          present = its.pace;
          know(its.pace);
          held = its.pace.holders[holder]?.calls ?? 0;
          ledTerm = its.pace.lead?.holder === holder ? its.pace.lead.term : undefined;
          figures = its.pace;
          return { ...its, lateMs, isEnough: !its.lacksTurns && its.calls >= callsWanted };
        }
        // Somebody else was first, and what he wrote is the ground now; not all at the same moment again.
        present = undefined;
        const [byte = 0] = random.bytes(1);
        await clock.sleep((byte / 256) * CONTENTION_MS);
      }
    } catch (error) {
      sightings.add(seen);
      present = undefined;
      throw error;
    }
  }

  /** Looks on while another worker leads, until nobody does, or this one; or until there is something to tell. */
  async function lookOn(): Promise<void> {
    const from = clock.monotonicMs();
    while (waiters.size > 0) {
      await clock.sleep(PACE_LOOK_MS);
      const { lead } = (present = await load());
      if (!lead || lead.holder === holder || isLeaderGone() || sightings.isUrgent) return;
      const passedMs = clock.monotonicMs() - from;
      if (passedMs >= (underWay < held ? PACE_AHEAD_MS : PACE_RENEW_MS)) return;
    }
  }

  /** Until something is wanted, or is to be told. */
  async function rest(): Promise<void> {
    await clock.sleep(PACE_ASK_MIN_MS);
    for (let restedMs = 0; restedMs < PACE_RENEW_MS; restedMs += PACE_TELL_MS) {
      const isCalled = await bell.wait(PACE_TELL_MS);
      if (isCalled || !sightings.isEmpty) return;
    }
  }

  /** Begins calls as their turns come. */
  async function beginCalls(): Promise<void> {
    /** Whether this is the first turn since it slept, or began: one pause makes many late, and is seen once. */
    let isFirst = true;
    for (let next = turns[0]; next !== undefined; next = turns[0]) {
      const { at } = next;
      const lateMs = () => clock.monotonicMs() - at;
      let most = slack + next.lateMs;
      let late = lateMs();
      if (late < 0) {
        await clock.sleep(Math.max(LEAST_SLEEP_MS, -late));
        most += Math.min(TIMER_MS, 250 / limit.perSecond);
        late = lateMs();
        isFirst = true;
      }
      if (isFirst) lateness.saw(late);
      isFirst = false;
      // It may yet be of use to a row that comes, or when a call ends.
      while (!canBegin() && late <= slack) {
        await clock.sleep(1);
        late = lateMs();
      }
      turns.shift();
      if (late <= most && canBegin()) begin();
      // It is lost: another one is to be asked for.
      else if (underWay < calls) bell.ring();
    }
  }

  const canBegin = () => waiters.size > 0 && underWay < calls;

  function begin(): void {
    const [waiter] = waiters;
    if (!waiter) return;
    waiters.delete(waiter);
    underWay++;
    const beganAt = clock.monotonicMs();
    let hasEnded = false;
    waiter.begin((end) => {
      if (hasEnded) return;
      hasEnded = true;
      underWay--;
      if (end.outcome !== 'unused')
        callMs += (clock.monotonicMs() - beganAt - callMs) * NEWEST_CALL;
      // It was the calls at a time that others wait for, and not their turns.
      if (turns.length === 0 && underWay === calls - 1) freed.ring();
      if (end.outcome === 'throttled') {
        sightings.add({ throttled: 1, retryAfterMs: end.retryAfterMs });
        bell.ring();
      } else if (end.outcome === 'failed') sightings.add({ failed: 1 });
      else if (end.outcome === 'answered') sightings.add({ succeeded: 1 });
    });
  }

  /** Asks as long as there is something to ask for, to hold or to tell. */
  async function keepAsking(): Promise<void> {
    while (waiters.size > 0 || underWay > 0 || turns.length > 0) {
      if (isClosed && underWay === 0) break;
      const { turns: given, calls: may, lateMs, isEnough, lacksTurns, askAgainMs } = await ask();
      turns.push(...given.map((moment) => ({ at: time.monotonicOf(moment), lateMs })));
      calls = may;
      beginning ??= beginCalls().finally(() => (beginning = undefined));
      // Never in one breath with this one.
      if (isEnough || waiters.size === 0) await rest();
      else if (askAgainMs === undefined) await lookOn();
      else {
        await clock.sleep(PACE_ASK_MIN_MS);
        const more = askAgainMs - PACE_ASK_MIN_MS;
        // Turns come with time; calls that end make room at once.
        if (more > 0) await (lacksTurns ? clock.sleep(more) : freed.wait(more));
      }
    }
    await ask(true);
    calls = 0;
  }

  /** What waits is told that the table fails; what is under way is held on to, as well as that goes. */
  async function keepAskingWhatever(): Promise<void> {
    for (;;) {
      try {
        return await keepAsking();
      } catch (error) {
        calls = 0;
        for (const waiter of waiters) waiter.fail(error as Error);
        waiters.clear();
        if (underWay === 0) return;
        await clock.sleep(PACE_TELL_MS);
      }
    }
  }

  function wake(): void {
    bell.ring();
    asking ??= keepAskingWhatever().finally(() => {
      asking = undefined;
      if (waiters.size > 0) wake();
    });
  }

  return {
    turn(signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const leave = () => {
          waiters.delete(waiter);
          reject(signal.reason as Error);
        };
        const waiter: Waiter = {
          begin(end) {
            signal.removeEventListener('abort', leave);
            resolve(end);
          },
          fail(error: Error) {
            signal.removeEventListener('abort', leave);
            reject(error);
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        waiters.add(waiter);
        wake();
      });
    },
    figures: () => ({
      waiting: waiters.size,
      rate: rateOf(limit, figures),
      learned: figures.learned,
      failing: figures.failing && {
        calls: figures.failing.calls,
        forMs: time.now() - figures.failing.since,
      },
    }),
    async close() {
      isClosed = true;
      turns.length = 0;
      bell.ring();
      await asking;
      await beginning;
    },
  };
}
