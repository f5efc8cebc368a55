/** Lets time pass until nothing happens any more; the sweeper comes meanwhile. */
import { passTime } from './world/passTime.ts';
import type { World } from './world/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** EventBridge calls the sweeper this often. */
const SWEEP_MS = MINUTE;
/** Sweeps go on for so long after the last thing that happened, in ms: longer than a slot is left alone. */
const SWEPT_MS = 3 * MINUTE;
/** In place of that, while people only look. */
export const NOBODY_SWEEPS = -1;
/** Nothing that a person can wait for takes longer than this, in ms: webhooks are given up after a day. */
const LONGEST_MS = 40 * HOUR;

/** What clients do, while time passes until everything is at rest. @throws what they threw */
export async function whileTimePasses<T>(world: World, what: () => Promise<T>): Promise<T> {
  let idle = false;
  const done = what().finally(() => (idle = true));
  // Whoever awaits it hears of it.
  done.catch(() => undefined);
  await rest(world, () => idle, NOBODY_SWEEPS);
  return done;
}

/** The sweeper comes, and goes. */
export async function sweep(world: World): Promise<void> {
  let swept = false;
  void world.request('sweep', { source: 'aws.events' }, 60).then(() => (swept = true));
  await passTime(world, Infinity, () => swept);
}

/**
 * Lets everything happen that is under way, until nothing does. The sweeper comes every minute, but for times
 * in which nothing has happened that it could mend; of those in which nothing happens any more, first and last.
 * @param isIdle whether nobody waits for an answer
 */
export async function rest(world: World, isIdle: () => boolean, sweptMs = SWEPT_MS): Promise<void> {
  const { timeline } = world;
  const until = timeline.now() + LONGEST_MS;
  while (timeline.now() <= until) {
    await passTime(world, timeline.now() + SWEEP_MS);
    const next = timeline.nextAt();
    const quietFor = timeline.now() - world.processes.workedAt();
    if (quietFor <= sweptMs) {
      const isWaiting = next === undefined && quietFor > SWEEP_MS && quietFor <= sweptMs - SWEEP_MS;
      if (!isWaiting) await sweep(world);
    } else if (next !== undefined) {
      await passTime(world, next);
    } else if (isIdle()) {
      return;
    }
  }
}
