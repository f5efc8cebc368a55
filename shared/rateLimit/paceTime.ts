/**
 * The time of a pace, which is nobody's clock: clocks that are off, set back or jump ahead give nobody a turn too
 * many. Every write of the pace says how much time has passed. Who wrote last counts on by its own monotonic
 * clock; whoever sees the write of another counts on from there, as if it were written at this moment. So
 * between two calls at least as much real time passes as between their turns, whoever makes them: from write
 * to write the pace's time falls behind real time, and never catches up. What it loses is what others took to see
 * that something was written.
 */
import type { Clock } from '../ports.ts';

export interface PaceTime {
  /** In ms; 0 before it was set. */
  now(): number;
  /** Another worker wrote that so much has passed. */
  follow(at: number): void;
  /** A moment of the pace's time by this worker's monotonic clock. */
  monotonicOf(moment: number): number;
}

export function createPaceTime(clock: Pick<Clock, 'monotonicMs'>): PaceTime {
  /** The worker's clock less the pace's time. */
  let offset = clock.monotonicMs();
  return {
    now: () => clock.monotonicMs() - offset,
    follow(at) {
      offset = clock.monotonicMs() - at;
    },
    monotonicOf: (moment) => moment + offset,
  };
}
