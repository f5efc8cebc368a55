/** Stops synchronous work that takes too long. */
import { createContext, Script, type Context } from 'node:vm';

/** The work was stopped: it took longer than its limit. */
export class TimeExceeded extends Error {
  readonly limitMs: number;
  constructor(limitMs: number) {
    super(`Stopped after ${limitMs} ms.`);
    this.name = 'TimeExceeded';
    this.limitMs = limitMs;
  }
}

/** One context for all calls: making one takes about a millisecond. */
let context: Context | undefined;
const script = new Script('work()');

/**
 * Runs `work` and stops it wherever it is after `limitMs`, but not within one call of the platform itself,
 * such as compressing some megabytes. The time is the platform's monotonic one. Nothing of what it worked on may be used
 * afterwards, for it may have been left half done. Costs about 0.1 ms, for a thread that watches.
 * @throws TimeExceeded, and whatever `work` throws
 */
export function withTimeLimit<T>(limitMs: number, work: () => T): T {
  context ??= createContext();
  const outcome = {} as { value: T };
  context.work = () => {
    outcome.value = work();
  };
  try {
    script.runInContext(context, { timeout: Math.max(1, Math.ceil(limitMs)) });
  } catch (error) {
    if (isTimeout(error)) throw new TimeExceeded(limitMs);
    throw error;
  } finally {
    context.work = undefined;
  }
  return outcome.value;
}

/** The error is one of the other context's Error class, so `instanceof` does not know it. */
const isTimeout = (error: unknown) =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
