/**
 * The pace of one connection: which calls get their turn, and when. Pure: a pace and what a worker asks for in,
 * the pace after it and the worker's turns out. Whoever writes the pace by a condition on its version is
 * the only one that gave these turns. As long as the rate is what calls wait for, one worker leads, since
 * each change of who gets turns costs time (paceTime.ts).
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
  /** Turns that it could use within PACE_AHEAD_MS. */
  readonly turns: number;
  /** Calls that it has under way, and those that it would like to have at a time. */
  readonly underWay: number;
  readonly calls: number;
  readonly seen: Seen;
  /** It saw that who leads has written nothing for PACE_LEADER_GONE_MS. */
  readonly isLeaderGone: boolean;
}

export interface Answer {
  readonly pace: Pace;
  /** Moments of the pace's time at which one call each may begin, in order. */
  readonly turns: readonly number[];
  /** Calls that it may have under way at a time until it asks again. */
  readonly calls: number;
  /** When to ask for what was not given, in ms from now; undefined while another worker leads. */
  readonly askAgainMs: number | undefined;
}

/** Calls a second at present. */
export const rateOf = ({ perSecond }: RateLimit, { learned }: Pick<Pace, 'learned'>): number =>
  Math.min(learned ?? perSecond, perSecond);

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

/** How many calls the worker may have under way: tasks that want more than they have share alike. */
function callsFor({ concurrent }: RateLimit, others: Holders, ask: Ask): number {
  let all = 0;
  let own = 0;
  const sharing = new Set([ask.taskId]);
  for (const { taskId, calls, waitingSince } of Object.values(others)) {
    all += calls;
    if (taskId === ask.taskId) own += calls;
    if (waitingSince !== undefined) sharing.add(taskId);
  }
  const share = Math.ceil(concurrent / sharing.size);
  // What is under way is, whatever others hold.
  return Math.max(ask.underWay, Math.min(ask.calls, concurrent - all, share - own));
}

/**
 * How late a call may begin after its turn, in ms: what a burst is made smaller by, so that late ones do not
 * come on top of it.
 */
export const slackMs = (everyMs: number, burst: number): number =>
  Math.min(PACE_LATE_MS, (burst - 1) * everyMs);

/** Who of another task waits longest. */
function nextLeader(others: Holders, { taskId }: Ask): string | undefined {
  const waiting = Object.entries(others).flatMap(([holder, its]) =>
    its.taskId === taskId || its.waitingSince === undefined
      ? []
      : [{ holder, since: its.waitingSince }],
  );
  return waiting.sort((a, b) => a.since - b.since)[0]?.holder;
}

/**
 * Who leads after an answer: a worker that lacks turns, until it has enough; or until another task's turn to
 * lead has come.
 */
function leadAfter(
  before: Pace['lead'],
  others: Holders,
  ask: Ask,
  lacksTurns: boolean,
): Pace['lead'] {
  if (!lacksTurns) return undefined;
  const { holder, now } = ask;
  const since = before?.holder === holder ? before.since : now;
  const next = now - since >= PACE_LEAD_MS ? nextLeader(others, ask) : undefined;
  return next === undefined ? { holder, since } : { holder: next, since: now };
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
  const calls = isLed ? ask.underWay : callsFor(limit, others, ask);
  const wanted = isLed || calls === 0 ? 0 : ask.turns;

  const everyMs = 1_000 / rateOf(limit, pace);
  const toleranceMs = (limit.burst - 1) * everyMs - slackMs(everyMs, limit.burst);
  const earliest = Math.max(readyAt, pace.heldUntil);
  const turns: number[] = [];
  let { nextAt } = pace;
  const nextTurn = () => Math.max(earliest, nextAt - toleranceMs);
  for (let at = nextTurn(); turns.length < wanted; at = nextTurn()) {
    if (at > readyAt + PACE_AHEAD_MS) break;
    turns.push(at);
    nextAt = Math.max(nextAt, at) + everyMs;
  }

  const lacksTurns = turns.length < wanted;
  const lead = isLed ? ledBefore : leadAfter(ledBefore, others, ask, lacksTurns);
  const isWaiting = turns.length < ask.turns || calls < ask.calls;
  const own = {
    taskId,
    calls,
    until: now + PACE_HOLD_MS,
    ...(isWaiting && { waitingSince: pace.holders[holder]?.waitingSince ?? now }),
  };
  return {
    pace: {
      ...pace,
      version: before.version + 1,
      at: now,
      nextAt,
      ...(lead && { lead }),
      holders: { ...others, ...((calls > 0 || isWaiting) && { [holder]: own }) },
    },
    turns,
    calls,
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
