import { describe, expect, it } from 'vitest';
import { createWallClock, monotonicNow } from '../../../local/time.ts';

const HOUR_MS = 3600 * 1000;

/** A machine whose clock shows `wall`, and has run for `run`. */
function machine() {
  const time = { wall: Date.UTC(2026, 0, 1), run: 5 };
  const pass = (ms: number) => {
    time.wall += ms;
    time.run += ms;
  };
  const clock = createWallClock(
    () => time.wall,
    () => time.run,
  );
  return { time, pass, clock };
}

describe('the clock on the wall', () => {
  it('has one reading while nobody sets it', () => {
    const { time, pass, clock } = machine();
    for (let i = 0; i < 100; i++) {
      pass(HOUR_MS);
      // What a time server corrects.
      time.wall += 900;
      expect(clock.readings()).toEqual([time.wall]);
    }
    expect(clock.now()).toBe(time.wall);
  });

  it.each([
    ['set back', -HOUR_MS],
    ['set ahead', HOUR_MS],
  ])('that was %s has the former reading too, for an hour', (_, jump) => {
    const { time, pass, clock } = machine();
    time.wall += jump;
    expect(clock.readings()).toEqual([time.wall, time.wall - jump]);
    pass(HOUR_MS - 1);
    expect(clock.readings()).toEqual([time.wall, time.wall - jump]);
    pass(1);
    expect(clock.readings()).toEqual([time.wall]);
  });

  it('that never rests has a bounded number of readings', () => {
    const { time, clock } = machine();
    for (let i = 0; i < 1000; i++) {
      time.wall += HOUR_MS;
      expect(clock.readings().length).toBeLessThanOrEqual(16);
    }
  });
});

it('monotonic time never goes back', () => {
  const readings = Array.from({ length: 1000 }, () => monotonicNow());
  expect(readings).toEqual([...readings].sort((a, b) => a - b));
});
