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

/** The seconds that a Retry-After header asks for: a number of them, or a date. */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}
