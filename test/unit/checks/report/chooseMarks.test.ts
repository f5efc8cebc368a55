import { describe, expect, it } from 'vitest';
import type { Found } from '../../../../shared/checks/found.ts';
import { chooseMarks } from '../../../../shared/checks/report/chooseMarks.ts';
import { FIRST_MARKS, MAX_REPORT_MARKS } from '../../../../shared/limits.ts';

const found = (column: string | undefined, count: number, more: Partial<Found> = {}): Found => ({
  code: 'VALUE_EMPTY',
  severity: 'error',
  column,
  at: { count, rows: Array.from({ length: Math.min(count, MAX_REPORT_MARKS) }, (_, i) => i + 1) },
  detail: 'It is empty.',
  suggestion: 'Fill it.',
  ...more,
});

const counted = (chosen: ReturnType<typeof chooseMarks>) => {
  const counts: Record<string, number> = {};
  for (const { column } of chosen.marks) counts[column] = (counts[column] ?? 0) + 1;
  return { counts, markedAll: chosen.markedAll, unmarked: chosen.unmarked };
};

describe('the marks of a check', () => {
  it('are of every row of a finding, as far as a report has room', () => {
    expect(counted(chooseMarks([found('a', 9_000), found('b', 900)]))).toEqual({
      counts: { a: 9_000, b: 900 },
      markedAll: true,
      unmarked: 0,
    });
  });

  it('leave each finding its first ones, however many rows another is in', () => {
    const chosen = chooseMarks([found('a', 1_000_000), found('b', 5_000), found('c', 3)]);
    expect(counted(chosen)).toEqual({
      counts: { a: MAX_REPORT_MARKS - FIRST_MARKS - 3, b: FIRST_MARKS, c: 3 },
      markedAll: false,
      unmarked: 1_005_003 - MAX_REPORT_MARKS,
    });
    expect(chosen.marks.filter(({ column }) => column === 'b').map(({ row }) => row)).toEqual(
      Array.from({ length: FIRST_MARKS }, (_, i) => i + 1),
    );
  });

  it('are none of notes, and of whole rows', () => {
    expect(chooseMarks([found('a', 5, { severity: 'info' }), found(undefined, 5)]).marks).toEqual(
      [],
    );
  });

  it('speak of their cell, and not of how many there are', () => {
    const detail = 'The tag {email} has nothing to show in 5 rows: it stays blank there.';
    const [mark] = chooseMarks([found('email', 5, { tag: 'email', detail })]).marks;
    expect(mark?.text).toBe('The tag {email} has nothing to show here: it stays blank. Fill it.');
    const ofCell = 'This cell holds no date.';
    const [known] = chooseMarks([found('a', 1, { ofCell, detail })]).marks;
    expect(known?.text).toBe(`${ofCell} Fill it.`);
    // What is said of names is already of one.
    const [other] = chooseMarks([found('a', 1, { code: 'NAME_INVALID', detail })]).marks;
    expect(other?.text).toBe(`${detail} Fill it.`);
  });
});
