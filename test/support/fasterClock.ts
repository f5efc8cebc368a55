/** A clock on which time passes faster than it does: waits are as long as they are, and tests are not. */
import type { Clock } from '../../shared/ports.ts';

export function createFasterClock(times: number): Clock {
  const start = performance.now();
  const monotonicMs = () => (performance.now() - start) * times;
  return {
    now: () => Date.UTC(2026, 0, 1) + Math.round(monotonicMs()),
    monotonicMs,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / times)),
  };
}
