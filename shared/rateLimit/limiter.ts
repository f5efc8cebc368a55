/**
 * One limit for all workers of a connection: whoever wants to call waits for a turn. Turns come from the
 * connection's pace, one item that all workers write by conditional writes (pace.ts).
 */
import { tableKeys } from '../keys.ts';
import {
  PACE_AHEAD_MS,
  PACE_ASK_MIN_MS,
  PACE_LEADER_GONE_MS,
  PACE_LOOK_MS,
  PACE_RENEW_MS,
  PACE_TELL_MS,
} from '../limits.ts';
import type { Condition, Ports } from '../ports.ts';
import { PaceSchema, type Pace, type RateLimit } from '../schemas/rateLimit.ts';
import { answer, NOTHING_SEEN, rateOf, slackMs, type Answer, type Seen } from './pace.ts';
import { createPaceTime } from './paceTime.ts';

export type LimiterPorts = Pick<Ports, 'table' | 'clock' | 'random'>;

/** What became of a call, as far as its service's pace is concerned. */
export type CallEnd =
  /** The service answered, whatever that means for the row. */
  | { readonly outcome: 'answered' }
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
  readonly connectionId: string;
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
    async wait(ms: number): Promise<void> {
      if (!hasRung) {
        await Promise.race([
          new Promise<void>((resolve) => void (heard = resolve)),
          clock.sleep(ms),
        ]);
      }
      hasRung = false;
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
    /** What is to be told now. */
    take(): Seen {
      const taken = seen;
      seen = NOTHING_SEEN;
      return taken;
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

/** A limiter of one worker; the worker's name among all is random. */
export function createLimiter(ports: LimiterPorts, by: LimitedBy): Limiter {
  const { clock, table, random } = ports;
  const { connectionId, limit, taskId } = by;
  const key = tableKeys.pace(connectionId);
  const holder = Buffer.from(random.bytes(9)).toString('base64url');
  const time = createPaceTime(clock);
  const bell = createBell(clock);
  const sightings = createSightings();
  const waiters = new Set<Waiter>();
  /** Moments of the worker's monotonic clock at which a call may begin, in order. */
  const turns: number[] = [];
  let underWay = 0;
  /** Calls that it may have under way. */
  let calls = 0;
  let callMs = UNKNOWN_CALL_MS;
  let writeMs = UNKNOWN_WRITE_MS;
  /** The pace as it was written or read last; undefined when somebody else has changed it. */
  let present: Pace | undefined;
  /** The newest version that was seen, and since when, by the monotonic clock. */
  let seenVersion = -1;
  let seenVersionAt = -Infinity;
  let figures: Pick<Pace, 'learned' | 'failing'> = {};
  let asking: Promise<void> | undefined;
  let beginning: Promise<void> | undefined;

  /** The pace that another worker may have written; a read that is late only loses time. */
  async function load(): Promise<Pace> {
    const loaded = PaceSchema.parse((await table.get(key)) ?? {});
    if (loaded.version !== seenVersion) {
      seenVersion = loaded.version;
      seenVersionAt = clock.monotonicMs();
      time.follow(loaded.at);
    }
    return loaded;
  }

  /** Asks until an answer stands. */
  async function ask(): Promise<Answer & { readonly isEnough: boolean }> {
    const seen = sightings.take();
    try {
      for (;;) {
        const before = (present ??= await load());
        const turnsWanted = Math.max(0, Math.min(waiters.size, usable()) - turns.length);
        const callsWanted = underWay + waiters.size;
        const sentAt = clock.monotonicMs();
        const now = time.now();
        const its = answer(limit, before, {
          ...{ holder, taskId, now, underWay, seen },
          readyAt: now + writeMs * WRITE_MARGIN,
          turns: turnsWanted,
          calls: callsWanted,
          isLeaderGone: sentAt - seenVersionAt >= PACE_LEADER_GONE_MS,
        });
        const version = before.version;
        const isFirst: Condition =
          version === 0 ? { absent: 'version' } : { attribute: 'version', is: '=', value: version };
        const isWritten = await table.put(key, { ...key, ...its.pace }, isFirst);
        const tookMs = clock.monotonicMs() - sentAt;
        writeMs += (tookMs - writeMs) * NEWEST_WRITE;
        if (isWritten) {
          present = its.pace;
          seenVersion = its.pace.version;
          seenVersionAt = sentAt;
          figures = its.pace;
          const isEnough = its.turns.length >= turnsWanted && its.calls >= callsWanted;
          return { ...its, isEnough };
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

  /** Looks on while another worker leads, until nobody does, or this one. */
  async function lookOn(): Promise<void> {
    const untilMs = clock.monotonicMs() + PACE_RENEW_MS;
    while (waiters.size > 0 && clock.monotonicMs() < untilMs) {
      await clock.sleep(PACE_LOOK_MS);
      const { lead } = (present = await load());
      if (!lead || lead.holder === holder) return;
      if (clock.monotonicMs() - seenVersionAt >= PACE_LEADER_GONE_MS) return;
    }
  }

  /** Turns that can be used until those ahead are over: by calls that are free, and that will be. */
  const usable = () =>
    calls === 0 ? Infinity : calls - underWay + Math.ceil((calls * PACE_AHEAD_MS) / callMs);

  /** Begins calls as their turns come. */
  async function beginCalls(): Promise<void> {
    for (let next = turns.shift(); next !== undefined; next = turns.shift()) {
      const at = next;
      const lateMs = () => clock.monotonicMs() - at;
      const everyMs = 1_000 / rateOf(limit, figures);
      const slack = slackMs(everyMs, limit.burst);
      let most = slack;
      if (lateMs() < 0) {
        await clock.sleep(Math.max(LEAST_SLEEP_MS, -lateMs()));
        most += Math.min(TIMER_MS, everyMs / 4);
      }
      if (lateMs() > most) continue;
      // It may yet be of use to a row that comes, or when a call ends.
      while (!canBegin() && lateMs() <= slack) await clock.sleep(1);
      if (canBegin()) begin();
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
      callMs += (clock.monotonicMs() - beganAt - callMs) * NEWEST_CALL;
      if (end.outcome === 'throttled') {
        sightings.add({ throttled: 1, retryAfterMs: end.retryAfterMs });
        bell.ring();
      } else if (end.outcome === 'failed') sightings.add({ failed: 1 });
      else sightings.add({ succeeded: 1 });
    });
  }

  /** Asks as long as there is something to ask for, to hold or to tell. */
  async function keepAsking(): Promise<void> {
    while (waiters.size > 0 || underWay > 0 || turns.length > 0) {
      const { turns: given, calls: may, isEnough, askAgainMs } = await ask();
      turns.push(...given.map((moment) => time.monotonicOf(moment)));
      calls = may;
      beginning ??= beginCalls().finally(() => (beginning = undefined));
      // Until the next one has to be told or is wanted; never in one breath with this one.
      if (askAgainMs === undefined) await lookOn();
      else if (!isEnough) await clock.sleep(askAgainMs);
      else {
        await clock.sleep(PACE_ASK_MIN_MS);
        await bell.wait(sightings.isEmpty ? PACE_RENEW_MS : PACE_TELL_MS);
      }
    }
    await ask();
    calls = 0;
  }

  function wake(): void {
    bell.ring();
    asking ??= keepAsking()
      .catch((error: unknown) => {
        for (const waiter of waiters) waiter.fail(error as Error);
        waiters.clear();
      })
      .finally(() => {
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
      bell.ring();
      await asking;
      await beginning;
    },
  };
}
