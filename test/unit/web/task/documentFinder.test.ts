import { describe, expect, it } from 'vitest';
import type { DocumentView } from '../../../../shared/schemas/taskApi.ts';
import { widthsOf } from '../../../../web/parts/barWidths.ts';
import { scaleOf } from '../../../../web/parts/scale.ts';
import { createDocumentFinder, rowOf } from '../../../../web/pages/task/documentFinder.ts';

const listOf = (count: number, from = 1): DocumentView[] =>
  Array.from({ length: count }, (_, i) => ({
    row: from + i,
    template: 'letter',
    name: (from + i) % 10 === 0 ? null : `Letter ${from + i}.docx`,
    status: 'succeeded',
    bytes: 1,
  }));
const rowsOf = (found: readonly DocumentView[]) => found.map(({ row }) => row);

describe('documents', () => {
  it('are found by a part of their names, or by their row, as the list grows', () => {
    const finder = createDocumentFinder();
    const first = listOf(15);
    expect(rowsOf(finder.find(first, 'letter 1'))).toEqual([1, 11, 12, 13, 14, 15]);
    const all = [...first, ...listOf(5, 16)];
    expect(rowsOf(finder.find(all, 'letter 1'))).toEqual([1, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(rowsOf(finder.find(all, '20'))).toEqual([20]);
    expect(finder.find(all, '')).toBe(all);
  });

  it('are found anew in a list that was loaded anew', () => {
    const finder = createDocumentFinder();
    finder.find(listOf(5), 'letter');
    expect(rowsOf(finder.find(listOf(3, 7), 'letter'))).toEqual([7, 8, 9]);
  });

  it('are the same list as long as nothing changes', () => {
    const finder = createDocumentFinder();
    const list = listOf(5);
    expect(finder.find(list, 'letter')).toBe(finder.find(list, 'letter'));
  });

  it('know a row by its number alone', () => {
    expect(rowOf('12')).toBe(12);
    for (const text of ['', '0', '1.5', '-1', 'x1', '1e3', '1234567890']) {
      expect.soft(rowOf(text), text).toBeUndefined();
    }
  });
});

describe('the bar', () => {
  it('shows whatever there is, and is never longer than whole', () => {
    expect(widthsOf([500, 500, 0], 1000)).toEqual([50, 50, 0]);
    expect(widthsOf([998, 2, 0], 1000)).toEqual([99, 1, 0]);
    expect(widthsOf([0, 0, 0], 0)).toEqual([0, 0, 0]);
    expect(widthsOf([1, 0, 0], 1_000_000)).toEqual([1, 0, 0]);
  });
});

describe('the scale of a line', () => {
  it('ends at a round number', () => {
    expect([0, 0.3, 1, 7, 12, 480, 501].map(scaleOf)).toEqual([1, 0.5, 1, 10, 20, 500, 1000]);
  });
});
