/**
 * The pace of one connection: which calls get their turn, and when. Pure: a pace and what a worker asks for in,
 * the pace after it and the worker's turns out. Whoever writes the pace by a condition on its version is
 * the only one that gave these turns. As long as calls wait for the rate, or for others to end, one worker leads,
 * since each change of who gets turns costs time (paceTime.ts).
 *
 * The rate is kept by the generic cell rate algorithm (ITU-T I.371, annex A): turns may be taken ahead of
 * time, since each is a moment. In any stretch of time begin at most `burst` + rate × time turns.
 */
import {
  PACE_AHEAD_MS,
  PACE_ASK_MAX_MS,
  PACE_ASK_MIN_MS,
  PACE_HOLD_MS,
  PACE_LATE_MS,
  PACE_LEAD_MS,
  RATE_FALL,
  RATE_FALL_MS,
  RATE_LEAST_SHARE,
  RATE_RISE_PER_SECOND,
  RETRY_AFTER_MAX_MS,
} from '../limits.ts';
import type { Pace, RateLimit } from '../schemas/rateLimit.ts';

/** What a worker saw of the service since it told last. */
export interface Seen {
  readonly succeeded: number;
  /** Calls that failed for a reason that may pass. */
  readonly failed: number;
  /** Calls that the service refused because they came too fast. */
  readonly throttled: number;
  /** The longest that it asked to be left alone for, in ms. */
  readonly retryAfterMs: number;
}

export const NOTHING_SEEN: Seen = { succeeded: 0, failed: 0, throttled: 0, retryAfterMs: 0 };

/** What a worker asks for. */
export interface Ask {
  /** The worker, among all that there are. */
  readonly holder: string;
  readonly taskId: string;
  /** The pace's time for this worker (paceTime.ts). */
  readonly now: number;
  /** When the worker will have its answer: before that it can begin no call. */
  readonly readyAt: number;
  /** So much later than slackMs it may begin a call after its turn, in ms. */
  readonly lateMs: number;
  /** Turns that it could use, whatever calls it may have. */
  readonly turns: number;
  /** How long a call takes, in ms: more than it can begin by then it is given no turns for. */
  readonly callMs: number;
  /** Calls that it has under way, and those that it would like to have at a time. */
  readonly underWay: number;
  readonly calls: number;
  /** Turns that it has and that have not come. */
  readonly booked: number;
  readonly seen: Seen;
  /** It saw that who leads has written nothing for PACE_LEADER_GONE_MS. */
  readonly isLeaderGone: boolean;
}

export interface Answer {
  readonly pace: Pace;
  /** Moments of the pace's time at which one call each may begin, in order. */
  readonly turns: readonly number[];
  /** It begins a call only while fewer are under way, until it asks again. More may be, from before. */
  readonly calls: number;
  /** Whether there were fewer turns than it could use. */
  readonly lacksTurns: boolean;
  /** When to ask for what was not given, in ms from now; undefined while another worker leads. */
  readonly askAgainMs: number | undefined;
}

/** Calls a second at present. */
export const rateOf = ({ perSecond }: RateLimit, { learned }: Pick<Pace, 'learned'>): number =>
  Math.min(learned ?? perSecond, perSecond);

/** Calls that may follow upon each other at once: unless it is said, those of a tenth of a second. */
export const burstOf = ({ burst, perSecond }: RateLimit): number =>
  burst ?? Math.max(1, Math.round(perSecond / 10));

/** The pace after what was seen of the service. */
function learn(limit: RateLimit, pace: Pace, { now, seen }: Ask): Pace {
  const { succeeded, failed, throttled, retryAfterMs } = seen;
  const { learned, failing, ...rest } = pace;
  let { learnedAt, heldUntil } = pace;
  let rate = rateOf(limit, { learned });
  if (throttled > 0) {
    heldUntil = Math.max(heldUntil, now + Math.min(retryAfterMs, RETRY_AFTER_MAX_MS));
    // Answers to calls of before come in a crowd: they tell nothing of the lower rate.
    if (now - learnedAt >= RATE_FALL_MS || rate === limit.perSecond) {
      rate = Math.max(rate * RATE_FALL, limit.perSecond * RATE_LEAST_SHARE);
      learnedAt = now;
    }
  } else if (succeeded > 0 && rate < limit.perSecond) {
    const seconds = Math.min(now - learnedAt, RATE_FALL_MS) / 1_000;
    rate = Math.min(limit.perSecond, rate + limit.perSecond * RATE_RISE_PER_SECOND * seconds);
    learnedAt = now;
  }
  const broken = failed + throttled;
  const since = failing?.since ?? now;
  const calls = (failing?.calls ?? 0) + broken;
  return {
    ...rest,
    learnedAt,
    heldUntil,
    ...(rate < limit.perSecond && { learned: rate }),
    ...(succeeded === 0 && calls > 0 && { failing: { calls, since } }),
  };
}

type Holders = Pace['holders'];

/** The other workers that still count. */
const othersOf = ({ holders }: Pace, { holder, now }: Ask): Holders =>
  Object.fromEntries(
    Object.entries(holders).filter(([name, { until }]) => name !== holder && until > now),
  );

/** How many calls the worker may have under way: what others do not have. */
function callsFor({ concurrent }: RateLimit, others: Holders, ask: Ask): number {
  const theirs = Object.values(others).reduce((sum, { calls }) => sum + calls, 0);
  return Math.max(0, Math.min(ask.calls, concurrent - theirs));
}

/**
 * How late a call may begin after its turn, in ms: what a burst is made smaller by, so that late ones do not
 * come on top of it.
 */
export const slackMs = (limit: RateLimit): number => Math.min(PACE_LATE_MS, burstMs(limit));

/** What a whole burst is ahead of calls that come one by one, in ms. */
const burstMs = (limit: RateLimit): number => ((burstOf(limit) - 1) * 1_000) / limit.perSecond;

/** Who of those that wait led longest ago, of the task that did; the own task has just led. */
function nextLeader(others: Holders, taskId: string): string | undefined {
  const led = new Map<string, number>();
  for (const { taskId: its, ledAt = -1 } of Object.values(others)) {
    led.set(its, Math.max(led.get(its) ?? -1, ledAt));
  }
  const ledBy = (its: string) => (its === taskId ? Infinity : (led.get(its) ?? -1));
  const waiting = Object.entries(others).flatMap(
    ([holder, { waitingSince, ledAt = -1, ...its }]) =>
      waitingSince === undefined
        ? []
        : [{ holder, task: ledBy(its.taskId), led: ledAt, since: waitingSince }],
  );
  const [next] = waiting.sort(
    (a, b) => compare(a.task, b.task) || compare(a.led, b.led) || compare(a.since, b.since),
  );
  return next?.holder;
}

const compare = (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Who leads after an answer: a worker that lacks turns or calls, until it has enough; or, some time after it got
 * the first, until the turn of another that waits has come.
 * @param term a number that no lead had before
 */
function leadAfter(
  before: Pace['lead'],
  others: Holders,
  { holder, taskId, now }: Ask,
  { hasTurns, term }: { hasTurns: boolean; term: number },
): Pace['lead'] {
  const own = before?.holder === holder ? before : { holder, term };
  const since = own.since ?? (hasTurns ? now : undefined);
  const isOver = since !== undefined && now - since >= PACE_LEAD_MS;
  const next = isOver ? nextLeader(others, taskId) : undefined;
  if (next !== undefined) return { holder: next, term };
  return { ...own, ...(since !== undefined && { since }) };
}

/** Answers a worker. */
export function answer(limit: RateLimit, before: Pace, ask: Ask): Answer {
  const { now, readyAt, holder, taskId } = ask;
  const { lead: ledBefore, ...pace } = learn(limit, before, ask);
  const others = othersOf(pace, ask);
  const isLed =
    ledBefore !== undefined &&
    ledBefore.holder !== holder &&
    !ask.isLeaderGone &&
    Object.hasOwn(others, ledBefore.holder);
  const held = pace.holders[holder]?.calls ?? 0;
  // Who is led begins what it has turns for, and nothing else.
  const calls = isLed ? Math.min(held, ask.underWay + ask.booked) : callsFor(limit, others, ask);
  const usable =
    calls - ask.underWay - ask.booked + Math.ceil((calls * PACE_AHEAD_MS) / ask.callMs);
  const wanted = isLed || calls === 0 ? 0 : Math.max(0, Math.min(ask.turns, usable));

  const everyMs = 1_000 / rateOf(limit, pace);
  // Of the full rate: what was taken at it counts by it.
  const toleranceMs = burstMs(limit) - slackMs(limit);
  const earliest = Math.max(readyAt, pace.heldUntil);
  const turns: number[] = [];
  let { nextAt } = pace;
  const nextTurn = () => Math.max(earliest, nextAt - toleranceMs);
  for (let at = nextTurn(); turns.length < wanted; at = nextTurn()) {
    if (at > readyAt + PACE_AHEAD_MS) break;
    turns.push(at);
    // Whenever the call begins, those behind it are as far from it as if it began as late as it may.
    nextAt = Math.max(nextAt, at + ask.lateMs) + everyMs;
  }

  const lacksTurns = turns.length < wanted;
  const grant = { hasTurns: turns.length > 0, term: before.version + 1 };
  const isWaiting = lacksTurns || calls < ask.calls || (isLed && ask.turns > 0);
  const lead = isLed ? ledBefore : isWaiting ? leadAfter(ledBefore, others, ask, grant) : undefined;
  const { waitingSince = now, ledAt } = pace.holders[holder] ?? {};
  const led = isLed ? ledAt : now;
  const own = {
    taskId,
    // What is under way is, whatever it may begin.
    calls: Math.max(calls, ask.underWay),
    until: now + PACE_HOLD_MS,
    ...(isWaiting && { waitingSince, ...(led !== undefined && { ledAt: led }) }),
  };
  return {
    pace: {
      ...pace,
      version: before.version + 1,
      at: now,
      nextAt,
      ...(lead && { lead }),
      holders: { ...others, ...((own.calls > 0 || isWaiting) && { [holder]: own }) },
    },
    turns,
    calls,
    lacksTurns,
    askAgainMs:
      isLed || (lead && lead.holder !== holder)
        ? undefined
        : askAgainMs(nextTurn() - readyAt, lacksTurns),
  };
}

/** In time for the next turn; of calls under way nobody knows when they end. */
function askAgainMs(nextTurnMs: number, lacksTurns: boolean): number {
  const ms = lacksTurns ? nextTurnMs - PACE_AHEAD_MS / 2 : PACE_AHEAD_MS;
  return Math.min(PACE_ASK_MAX_MS, Math.max(PACE_ASK_MIN_MS, ms));
}
