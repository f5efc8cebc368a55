/** API Gateway's throttling: a token bucket. */
import type { Throttle } from '../cloudFormation/gateways.ts';

/**
 * @param throttle undefined: no limit
 * @returns whether one more request may pass at `now` (ms since 1970)
 */
export function createThrottle(throttle: Throttle | undefined): (now: number) => boolean {
  if (!throttle) return () => true;
  const { ratePerSecond, burst } = throttle;
  let tokens = burst;
  let filledAt = 0;
  return (now) => {
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * ratePerSecond);
    filledAt = now;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}
