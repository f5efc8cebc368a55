import { describe, expect, it } from 'vitest';
import type { FailureView } from '../../../../shared/schemas/taskApi.ts';
import {
  cellsOf,
  columnsOf,
  correctionsOf,
  countEdits,
  editsOf,
  shownColumns,
  textOf,
  withEdit,
  type Edits,
} from '../../../../web/pages/task/cells.ts';
import { groupFailures, spansOf } from '../../../../web/pages/task/failureGroups.ts';
import { keepEdits, keptEdits } from '../../../../web/pages/task/keptEdits.ts';

const failure = (row: number, change: Partial<FailureView> = {}): FailureView => ({
  row,
  template: 'letter',
  code: 'MISSING_VALUE',
  tag: 'city',
  column: 'city',
  detail: 'The row has no value in the column "city".',
  ...change,
});

describe('failures', () => {
  it('are grouped by their cause, those of most rows first, each row once', () => {
    const groups = groupFailures([
      failure(9, { column: 'zip', tag: 'zip' }),
      failure(7),
      failure(3),
      failure(3, { template: 'envelope' }),
    ]);
    expect(groups.map(({ column, rows }) => [column, rows])).toEqual([
      ['city', [3, 7]],
      ['zip', [9]],
    ]);
  });

  it('without a column are told apart by what they say, but for numbers', () => {
    const none = { tag: null, column: null, code: 'RENDER_FAILED' } as const;
    const groups = groupFailures([
      failure(1, { ...none, detail: 'Row 1 holds 1,200 entries.' }),
      failure(2, { ...none, detail: 'Row 2 holds 90 entries.' }),
      failure(3, { ...none, detail: 'It has no end.' }),
    ]);
    expect(groups.map(({ rows }) => rows)).toEqual([[1, 2], [3]]);
    expect(new Set(groups.map(({ key }) => key)).size).toBe(2);
  });

  it('keep causes apart whose names hold what stands between them', () => {
    const groups = groupFailures([
      failure(1, { tag: 'a:b', column: 'c' }),
      failure(2, { tag: 'a', column: 'b:c' }),
    ]);
    expect(groups).toHaveLength(2);
  });

  it('are retried by spans', () => {
    expect(spansOf([1, 2, 3, 7, 9, 10])).toBe('1-3,7,9-10');
    expect(spansOf([])).toBe('');
  });
});

describe('cells', () => {
  const values = {
    name: 'Ada',
    age: 36,
    address: { city: 'London' },
    items: [{ price: 1 }, { price: 2 }],
    note: null,
  };

  it('are named as corrections name them', () => {
    expect([...cellsOf(values).keys()]).toEqual([
      'name',
      'age',
      'address.city',
      'items[1].price',
      'items[2].price',
      'note',
    ]);
    expect(textOf(null)).toBe('');
    expect(textOf(36)).toBe('36');
  });

  it('show the columns at fault, there or not, behind the one that rows are known by', () => {
    const columns = columnsOf([cellsOf({ id: '1', city: 'Bonn' }), cellsOf({ id: '2' })], ['zip']);
    expect(columns).toEqual(['id', 'city', 'zip']);
    expect(shownColumns(columns, ['zip'])).toEqual(['id', 'zip']);
    expect(shownColumns(columns, ['id'])).toEqual(['id']);
  });

  it('are corrections once they are edited, of the kind that they were', () => {
    const cells = new Map([
      [7, cellsOf(values)],
      [2, cellsOf({ name: 'Bo', age: 5, isNew: true })],
    ]);
    let edits: Edits = new Map();
    const edit = (row: number, column: string, text: string) => {
      edits = withEdit(edits, row, column, text, cells.get(row)?.get(column));
    };
    edit(7, 'age', '37');
    edit(7, 'note', 'new');
    edit(2, 'age', '007');
    edit(2, 'isNew', 'false');
    edit(2, 'zip', '53111');
    edit(2, 'name', 'Bob');
    edit(2, 'name', 'Bo');
    expect(countEdits(edits)).toBe(5);
    expect(correctionsOf(edits, cells)).toEqual([
      { row: 2, values: { age: '007', isNew: false, zip: '53111' } },
      { row: 7, values: { age: 37, note: 'new' } },
    ]);
  });

  it('of rows that do not fail any more are not sent, and kept until then by their cause', () => {
    const edits = withEdit(withEdit(new Map(), 3, 'a', 'x', null), 7, 'a', 'y', null);
    expect([...editsOf(edits, [7, 9]).keys()]).toEqual([7]);
    expect(keepEdits('task_1', 'MISSING_VALUE:a', edits)).toBe(true);
    expect(keptEdits('task_1', 'MISSING_VALUE:a')).toBe(edits);
    expect(keptEdits('task_2', 'MISSING_VALUE:a')).toBeUndefined();
    expect(keepEdits('task_1', 'MISSING_VALUE:a', new Map())).toBe(false);
    expect(keptEdits('task_1', 'MISSING_VALUE:a')).toBeUndefined();
  });

  it('that are as they were are no corrections', () => {
    const edits = withEdit(withEdit(new Map(), 1, 'a', 'x', null), 1, 'a', '', null);
    expect(edits.size).toBe(0);
  });
});
