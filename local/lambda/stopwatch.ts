/** Measures what an invocation takes, in the thread that it runs in. */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { monotonicNow } from '../time.ts';
import type { Spent } from './protocol.ts';

export interface Stopwatch {
  /** Time since the lap before; of the first, since the thread began. */
  lap(): Spent;
}

/** Nanoseconds that the calling thread was on a processor come first (Linux, proc(5)). */
const THREAD_TIMES = '/proc/thread-self/schedstat';

/**
 * Time of this thread on a processor, in ms. Where the system does not tell it, the time in which the
 * thread's event loop was not idle, which includes waiting for a processor.
 */
function processorTime(): () => number {
  const ofSystem = () => Number(readFileSync(THREAD_TIMES, 'latin1').split(' ', 1)[0]) / 1e6;
  try {
    if (ofSystem() > 0) return ofSystem;
  } catch {
    // Not Linux.
  }
  return () => performance.eventLoopUtilization().active;
}

/** @param begunAt when the thread began, in monotonic ms */
export function startStopwatch(begunAt: number): Stopwatch {
  const processor = processorTime();
  let at = begunAt;
  let cpuAt = 0;
  return {
    lap() {
      const now = monotonicNow();
      const cpuNow = processor();
      const spent = { durationMs: now - at, cpuMs: cpuNow - cpuAt };
      at = now;
      cpuAt = cpuNow;
      return spent;
    },
  };
}
