import { afterEach, describe, expect, test, vi } from 'vitest';
import { ownPorts } from '../../../functions/runtime/ports.ts';
import { createFakeClock } from '../../support/memoryPorts.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('the clock', () => {
  test('a clock that is set back does not reach durations', () => {
    const { clock } = ownPorts();
    const began = clock.monotonicMs();
    vi.useFakeTimers({ toFake: ['Date'], now: clock.now() - 3_600_000 });

    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(began);
  });

  test('the one of tests tells a jump from time that passes', async () => {
    const clock = createFakeClock(1_000);
    clock.jump(-600);
    expect([clock.now(), clock.monotonicMs()]).toEqual([400, 0]);
    await clock.sleep(50);
    expect([clock.now(), clock.monotonicMs()]).toEqual([450, 50]);
  });
});
