/** Which rows of a task are taken: options.rows and options.filter. The others are skipped. */
import { isBlankRow, typedValues, type NumberedRow } from '../dataSources/rows.ts';
import type { RowFailure } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';
import { compileFilter } from '../selection/filter.ts';
import { parseRowSpans } from '../tasks/rowSpans.ts';
import { spanLookup } from './retryRequest.ts';

/** What a selection says of a row: taken, left out, or why that cannot be decided. */
export type Selected = true | false | RowFailure;

const UNDECIDED: RowFailure = {
  code: 'RENDER_FAILED',
  detail:
    'The filter cannot be decided for this row: a column that it reads is empty here, or holds another kind of value than it is compared with. Write number(…) or date(…) around what is to be read as such, and test for null before: price != null && number(price) > 10.',
};

/** @returns for rows in ascending order; undefined when all rows are taken */
export function createSelection({
  options: { rows, filter },
  rowCount,
}: Pick<TaskItem, 'options' | 'rowCount'>): ((row: NumberedRow) => Selected) | undefined {
  if (rows === undefined && filter === undefined) return undefined;
  const parsed = rows === undefined ? undefined : parseRowSpans(rows, rowCount);
  const isNamed = parsed && 'spans' in parsed ? spanLookup(parsed.spans) : () => true;
  const passes = filter === undefined ? undefined : compileFilter(filter);
  return (row) => {
    if (!isNamed(row.row)) return false;
    // A blank row is skipped, whatever a filter says of it.
    if (!passes || isBlankRow(row.values)) return true;
    return passes(row.values, typedValues(row)) ?? UNDECIDED;
  };
}
