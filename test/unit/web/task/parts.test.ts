import { describe, expect, it } from 'vitest';
import { widthsOf } from '../../../../web/parts/barWidths.ts';
import { scaleOf } from '../../../../web/parts/scale.ts';
import { rowOf } from '../../../../web/pages/task/rowOf.ts';

describe('a text', () => {
  it('is the number of a row, or none', () => {
    expect(rowOf('12')).toBe(12);
    for (const text of ['', '0', '1.5', '-1', 'x1', '1e3', '1234567890']) {
      expect.soft(rowOf(text), text).toBeUndefined();
    }
  });
});

describe('the bar', () => {
  it('shows whatever there is, and is never longer than whole', () => {
    expect(widthsOf([500, 500, 0], 1000)).toEqual([50, 50, 0]);
    expect(widthsOf([998, 2, 0], 1000)).toEqual([98, 2, 0]);
    expect(widthsOf([0, 0, 0], 0)).toEqual([0, 0, 0]);
    expect(widthsOf([1, 0, 0], 1_000_000)).toEqual([2, 0, 0]);
  });
});

describe('the scale of a line', () => {
  it('ends at a round number', () => {
    expect([0, 0.3, 1, 7, 12, 480, 501].map(scaleOf)).toEqual([1, 0.5, 1, 10, 20, 500, 1000]);
  });
});
