import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseRetrier,
  matchesError,
  retryDelayMs,
} from '../../../../local/stepFunctions/language/retry.ts';
import type { Retrier } from '../../../../local/stepFunctions/language/retry.ts';
import { randomFraction } from '../../../../local/stepFunctions/randomness.ts';

const retrier = (over: Partial<Retrier> = {}): Retrier => ({
  errors: ['States.ALL'],
  intervalSeconds: 1,
  maxAttempts: 3,
  backoffRate: 2,
  maxDelaySeconds: undefined,
  jitter: 'NONE',
  ...over,
});
/** Draws the same byte again and again. */
const always = (byte: number) => ({ bytes: (count: number) => new Uint8Array(count).fill(byte) });

describe('matchesError', () => {
  it.each<[string, string[], boolean]>([
    ['Boom', ['Boom'], true],
    ['Boom', ['Other', 'Boom'], true],
    ['Boom', ['boom'], false],
    ['Boom', ['States.ALL'], true],
    ['Boom', ['States.TaskFailed'], true],
    ['States.Timeout', ['States.TaskFailed'], false],
    ['States.Timeout', ['States.Timeout'], true],
    ['States.Timeout', ['States.ALL'], true],
    ['States.ItemReaderFailed', ['States.ALL'], true],
    ['States.DataLimitExceeded', ['States.ALL'], false],
    ['States.DataLimitExceeded', ['States.TaskFailed'], false],
    ['States.DataLimitExceeded', ['States.DataLimitExceeded'], true],
    ['States.Runtime', ['States.Runtime', 'States.ALL'], false],
  ])('%s by %j: %s', (error, names, expected) => {
    expect(matchesError(names, error)).toBe(expected);
  });
});

describe('chooseRetrier', () => {
  const retriers = [retrier({ errors: ['A'], maxAttempts: 1 }), retrier({ maxAttempts: 2 })];

  it('takes the first entry that names the error, with its own count', () => {
    expect(chooseRetrier(retriers, [], 'A')?.index).toBe(0);
    expect(chooseRetrier(retriers, [1], 'B')?.index).toBe(1);
    expect(chooseRetrier(retriers, [1, 1], 'B')?.index).toBe(1);
    expect(chooseRetrier(retriers, [0, 2], 'A')?.index).toBe(0);
  });

  it('does not go on to a later entry when the first one is used up', () => {
    expect(chooseRetrier(retriers, [1], 'A')).toBeUndefined();
    expect(chooseRetrier(retriers, [1, 2], 'B')).toBeUndefined();
  });

  it('never retries with 0 attempts', () => {
    expect(chooseRetrier([retrier({ maxAttempts: 0 })], [], 'A')).toBeUndefined();
  });
});

describe('retryDelayMs', () => {
  it('grows by the backoff rate up to MaxDelaySeconds', () => {
    const slow = retrier({ intervalSeconds: 3, backoffRate: 1.5, maxDelaySeconds: 6 });
    expect([1, 2, 3, 4].map((n) => retryDelayMs(slow, n, always(0)))).toEqual([
      3000, 4500, 6000, 6000,
    ]);
  });

  it('draws from 0 to the whole delay with full jitter', () => {
    const jittered = retrier({ intervalSeconds: 8, jitter: 'FULL' });
    expect(retryDelayMs(jittered, 1, always(0))).toBe(0);
    expect(retryDelayMs(jittered, 1, always(255))).toBe(8000);
    const half = { bytes: () => new Uint8Array([16, 0, 0, 0, 0, 0, 0]) };
    expect(retryDelayMs(jittered, 2, half)).toBe(8000);
  });

  it('never shrinks, never passes its limit, and jitter only shortens it', () => {
    const any = fc.record({
      intervalSeconds: fc.integer({ min: 1, max: 1000 }),
      backoffRate: fc.double({ min: 1, max: 10, noNaN: true }),
      maxDelaySeconds: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 30 }), fc.nat(255), (settings, attempt, byte) => {
        const plain = retrier(settings);
        const delay = retryDelayMs(plain, attempt, always(byte));
        expect(retryDelayMs(plain, attempt + 1, always(byte))).toBeGreaterThanOrEqual(delay);
        expect(delay).toBeLessThanOrEqual((settings.maxDelaySeconds ?? Infinity) * 1000);
        const jittered = retryDelayMs({ ...plain, jitter: 'FULL' }, attempt, always(byte));
        expect(jittered).toBeLessThanOrEqual(delay);
        expect(jittered).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 100 },
    );
  });
});

it('a random fraction is below 1, and uses all its bits', () => {
  expect(randomFraction(always(255))).toBe(1 - 2 ** -53);
  expect(randomFraction(always(0))).toBe(0);
});
