/** API Gateway's throttling: a token bucket. */
import type { Throttle } from '../cloudFormation/gateways.ts';
import { monotonicNow } from '../time.ts';

/**
 * @param throttle undefined: no limit
 * @param now monotonic, in ms
 * @returns whether one more request may pass
 */
export function createThrottle(
  throttle: Throttle | undefined,
  now: () => number = monotonicNow,
): () => boolean {
  if (!throttle) return () => true;
  const { ratePerSecond, burst } = throttle;
  let tokens = burst;
  let filledAt = now();
  return () => {
    const at = now();
    tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * ratePerSecond);
    filledAt = at;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}
