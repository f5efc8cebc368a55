/**
 * The two times of a machine: one that only goes on, for durations, and the one on the wall, which is
 * set back and forth by people and time servers, and jumps ahead when a laptop has slept.
 */

/** Milliseconds since some moment in the past, the same in all threads; nobody can set it. */
export const monotonicNow = (): number => Number(process.hrtime.bigint()) / 1e6;

export interface WallClock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * What the clock shows, and what it would show by each of its settings of the last hour: whoever
   * noted the time before the clock was set meant one of these. The present one comes first.
   */
  readings(): readonly number[];
}

/** A difference above this is a setting; what is below a time server does bit by bit. */
const JUMP_MS = 5_000;
/** How long a former setting counts. */
const REMEMBERED_MS = 3600 * 1000;
/** Of a clock that never rests the newest settings are remembered. */
const REMEMBERED_COUNT = 16;

interface Setting {
  /** Wall time minus monotonic time. */
  offset: number;
  /** When it was last seen, in monotonic time. */
  seenAt: number;
}

/**
 * @param wall milliseconds since 1970
 * @param monotonic milliseconds since any moment
 */
export function createWallClock(
  wall: () => number = () => Date.now(),
  monotonic: () => number = monotonicNow,
): WallClock {
  /** Newest first. */
  let settings: Setting[] = [];
  const look = () => {
    const seenAt = monotonic();
    const now = wall();
    const offset = now - seenAt;
    const [newest] = settings;
    if (newest && Math.abs(offset - newest.offset) < JUMP_MS) {
      Object.assign(newest, { offset, seenAt });
    } else {
      settings = [{ offset, seenAt }, ...settings]
        .filter((setting) => seenAt - setting.seenAt < REMEMBERED_MS)
        .slice(0, REMEMBERED_COUNT);
    }
    return { now, seenAt };
  };
  look();
  return {
    now: () => look().now,
    readings() {
      const { seenAt } = look();
      return settings
        .filter((setting) => seenAt - setting.seenAt < REMEMBERED_MS)
        .map(({ offset }) => offset + seenAt);
    },
  };
}
