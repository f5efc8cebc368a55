/** When a delivery that failed is tried again. */
import { DELIVERY_JITTER, DELIVERY_PAUSES_SECONDS, DELIVERY_SECONDS } from '../limits.ts';

export interface FailedAttempts {
  /** How many there were. */
  readonly count: number;
  /** Since the first was due, in ms. */
  readonly elapsedMs: number;
  /** What the server asked for, in seconds. */
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * Whole seconds until the next attempt; undefined when it was the last. A server may ask for a longer pause
 * (RFC 9110, section 10.2.3), within the time that there is.
 * @param chance from 0 to 1
 */
export function nextPause(
  { count, elapsedMs, retryAfterSeconds = 0 }: FailedAttempts,
  chance: number,
): number | undefined {
  const planned = DELIVERY_PAUSES_SECONDS[count - 1];
  const left = Math.floor(DELIVERY_SECONDS - elapsedMs / 1000);
  if (planned === undefined || left <= 0) return undefined;
  const jittered = Math.ceil(planned * (1 - DELIVERY_JITTER * chance));
  return Math.min(left, Math.max(jittered, retryAfterSeconds));
}
