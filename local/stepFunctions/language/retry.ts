/** Which errors a Retry or Catch takes, and how long a retry waits. */
import type { Random } from '../../../shared/ports.ts';
import { randomFraction } from '../randomness.ts';

/** One entry of a Retry, with the defaults of Amazon States Language filled in. */
export interface Retrier {
  readonly errors: readonly string[];
  readonly intervalSeconds: number;
  /** 0 means that these errors are never retried. */
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number | undefined;
  readonly jitter: 'NONE' | 'FULL';
}

/** Nothing catches this: it says that the definition and the data do not fit each other. */
const NEVER_CAUGHT = 'States.Runtime';
/**
 * Only its own name catches this. (A recording of 2024 shows States.ALL catching it for a task's
 * result; the documentation says that it does not. The stricter of the two holds here, so that what
 * works here works there.)
 */
const NEVER_BY_WILDCARD = 'States.DataLimitExceeded';

/** Whether `ErrorEquals` takes the error. */
export function matchesError(errorEquals: readonly string[], error: string): boolean {
  if (error === NEVER_CAUGHT) return false;
  if (errorEquals.includes(error)) return true;
  if (error === NEVER_BY_WILDCARD) return false;
  return (
    errorEquals.includes('States.ALL') ||
    (errorEquals.includes('States.TaskFailed') && error !== 'States.Timeout')
  );
}

/**
 * The first retrier that takes the error, when it has attempts left. `used[i]` counts the retries
 * that retrier i has made in this visit of the state; counts outlive a change of the error.
 */
export function chooseRetrier(
  retriers: readonly Retrier[],
  used: readonly number[],
  error: string,
): { index: number; retrier: Retrier } | undefined {
  const index = retriers.findIndex((retrier) => matchesError(retrier.errors, error));
  const retrier = retriers[index];
  return retrier && (used[index] ?? 0) < retrier.maxAttempts ? { index, retrier } : undefined;
}

/**
 * Milliseconds to wait before retry number `attempt` (from 1) of a retrier:
 * IntervalSeconds × BackoffRate^(attempt − 1), at most MaxDelaySeconds; with full jitter anything
 * from 0 up to that.
 */
export function retryDelayMs(retrier: Retrier, attempt: number, random: Random): number {
  const seconds = Math.min(
    retrier.intervalSeconds * retrier.backoffRate ** (attempt - 1),
    retrier.maxDelaySeconds ?? Infinity,
  );
  const share = retrier.jitter === 'FULL' ? randomFraction(random) : 1;
  return Math.round(seconds * 1000 * share);
}
