import { describe, expect, it } from 'vitest';
import { limitedText } from '../../../../local/stepFunctions/limits.ts';
import {
  countEnded,
  countStarted,
  exceedsTolerance,
  newCounts,
} from '../../../../local/stepFunctions/map/mapCounts.ts';
import type { ChildStatus } from '../../../../local/stepFunctions/map/mapCounts.ts';

it('the limit is 262,144 bytes of UTF-8', () => {
  const text = (characters: string) => limitedText(characters, 'S');
  expect(text('x'.repeat(262_142))).toHaveLength(262_144);
  expect(() => text('x'.repeat(262_143))).toThrow(/States.DataLimitExceeded/);
  expect(() => text('ü'.repeat(131_072))).toThrow(/The state\/task 'S' returned/);
});

describe('exceedsTolerance', () => {
  const counted = (failed: number, total: number, status: ChildStatus = 'FAILED') => {
    const counts = { itemCounts: newCounts(total), executionCounts: newCounts(total) };
    for (let i = 0; i < failed; i++) {
      countStarted(counts);
      countEnded(counts, status);
    }
    return counts.itemCounts;
  };

  it.each<[number, number, number | undefined, number | undefined, boolean]>([
    [0, 10, undefined, undefined, false],
    [1, 10, undefined, undefined, true],
    [2, 10, 2, undefined, false],
    [3, 10, 2, undefined, true],
    [2, 10, undefined, 20, false],
    [3, 10, undefined, 20, true],
    [1, 91, undefined, 1.1, false],
    [1, 90, undefined, 1.1, true],
    [10, 10, undefined, 100, false],
    [1, 10, 0, 100, true],
    [3, 10, 5, 20, true],
  ])('%i of %i, at most %s or %s %%: %s', (failed, total, count, percentage, expected) => {
    expect(exceedsTolerance(counted(failed, total), { count, percentage })).toBe(expected);
    const timedOut = counted(failed, total, 'TIMED_OUT');
    expect(exceedsTolerance(timedOut, { count, percentage })).toBe(expected);
  });
});
