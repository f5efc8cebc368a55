/** Lets virtual time pass, event by event, each until all is quiet again. */
import { currentProcess, enter } from './process.ts';
import type { Timeline } from './timeline.ts';

const realImmediate = setImmediate;
/** Settled when everything has run that waits for nothing. */
const quiet = () => new Promise<void>((resolve) => void realImmediate(resolve));

/** Code in a process gives its turn to whatever happens meanwhile; outside of one all is as ever. */
globalThis.setImmediate = Object.assign(
  (then: (...args: unknown[]) => void, ...args: unknown[]) => {
    const process = currentProcess();
    if (!process) return realImmediate(then, ...args);
    process.turn(() => then(...args));
    return undefined as unknown as NodeJS.Immediate;
  },
  { __promisify__: realImmediate.__promisify__ },
) as typeof setImmediate;

/**
 * Lets time pass up to a moment, whether anything happens or not; without end, until nothing is planned.
 * @param isOver asked between two events: whether to stop
 */
export async function passTime(
  { timeline }: { readonly timeline: Timeline },
  until: number,
  isOver: () => boolean = () => false,
): Promise<void> {
  await quiet();
  // So that time passes up to there.
  if (Number.isFinite(until)) timeline.at(until, () => undefined);
  while (!isOver()) {
    const next = timeline.nextAt();
    if (next === undefined || next > until) return;
    timeline.step();
    await quiet();
    enter(undefined);
  }
}
