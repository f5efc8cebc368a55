/** Trying again: backoff with full jitter, bounded in number and time. */
import type { ClientClock } from './clock.ts';
import { ApiError, ConnectionFailed } from './errors.ts';
import { FIRST_WAIT_MS, LONGEST_WAIT_MS, MAX_TRIES, RETRY_FOR_MS, UNDECIDED_MS } from './timing.ts';

export interface Patience {
  readonly clock: ClientClock;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** What is known of a call that is tried. */
export interface Trial {
  /** Whether it may be carried out twice without harm. */
  readonly repeatable: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What `attempt` gives, tried again while that may help.
 * @throws what the last try threw; the signal's reason
 */
export async function withRetries<T>(
  { clock, random }: Patience,
  { repeatable, signal }: Trial,
  attempt: () => Promise<T>,
): Promise<T> {
  const begun = clock.now();
  for (let tries = 1; ; tries++) {
    const triedAt = clock.now();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (tries >= MAX_TRIES) throw error;
      if (!mayHelp(error, repeatable, clock.now() - triedAt)) throw error;
      const wait = waitMs(tries, error, random());
      if (clock.now() + wait - begun > RETRY_FOR_MS) throw error;
      await clock.sleep(wait, signal);
    }
  }
}

/** @param tookMs how long the try took */
function mayHelp(error: unknown, repeatable: boolean, tookMs: number): boolean {
  if (error instanceof ConnectionFailed) return repeatable;
  if (!(error instanceof ApiError)) return false;
  // Refused at the door: nothing was carried out.
  if (error.status === 429) return error.retryable;
  if (error.status === 503 && tookMs < UNDECIDED_MS) return true;
  // The try before is still being carried out: its outcome is the answer to the next.
  if (error.code === 'IDEMPOTENCY_CONFLICT') return error.retryable;
  return repeatable && error.status >= 500 && error.retryable;
}

/**
 * Any time up to a bound that doubles, so that clients who were refused together do not come back
 * together; after Retry-After, where one is given.
 */
function waitMs(tries: number, error: unknown, chance: number): number {
  const bound = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1));
  const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
  return asked + chance * bound;
}
