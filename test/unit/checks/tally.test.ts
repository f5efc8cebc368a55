import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined, RowTally } from '../../../shared/checks/tally.ts';
import { MAX_REPORT_MARKS, MAX_ROWS } from '../../../shared/limits.ts';

describe('a tally of rows', () => {
  it('has the first of them as they came, and counts all', () => {
    const ascending = fc
      .array(fc.integer({ min: 1, max: MAX_ROWS }), { maxLength: 300 })
      .map((rows) => rows.sort((a, b) => a - b));
    fc.assert(
      fc.property(ascending, (rows) => {
        const tally = new RowTally();
        for (const row of rows) tally.add(row);
        const different = [...new Set(rows)];
        expect(tally.rows).toEqual(different);
        expect(tally.count).toBe(different.length);
      }),
    );
  });

  it('keeps as many as a report marks, and no more', () => {
    const [odd, even] = [new RowTally(), new RowTally()];
    for (let row = 1; row <= 4 * MAX_REPORT_MARKS; row++) (row % 2 === 1 ? odd : even).add(row);
    expect([odd.count, odd.rows.length, odd.rows.at(-1)]).toEqual([
      2 * MAX_REPORT_MARKS,
      MAX_REPORT_MARKS,
      2 * MAX_REPORT_MARKS - 1,
    ]);
    const both = joined([odd, even]);
    expect([both.count, both.rows.length, both.rows.at(-1)]).toEqual([
      4 * MAX_REPORT_MARKS,
      MAX_REPORT_MARKS,
      MAX_REPORT_MARKS,
    ]);
  });
});
