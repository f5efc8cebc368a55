/** Which rows of a task are taken: options.rows and options.filter. The others are skipped. */
import { stepsOf } from '../columns/columnPath.ts';
import { readFaults } from '../dataSources/rowFaults.ts';
import { isBlankRow, typedValues, type NumberedRow } from '../dataSources/rows.ts';
import { MAX_ROW_BYTES } from '../limits.ts';
import { GROUP_LIST } from '../selection/groupList.ts';
import type { RowFailure } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';
import { compileFilter } from '../selection/filter.ts';
import { parseRowSpans } from '../selection/rowSpans.ts';
import { spanLookup } from '../selection/spans.ts';

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
  ungrouped,
}: Pick<TaskItem, 'options' | 'rowCount' | 'ungrouped'>):
  ((row: NumberedRow) => Selected) | undefined {
  const passes = filter === undefined ? undefined : filterOf(filter);
  if (ungrouped) return ofGroups(passes);
  if (rows === undefined && !passes) return undefined;
  const parsed = rows === undefined ? undefined : parseRowSpans(rows, rowCount);
  const isNamed = parsed && 'spans' in parsed ? spanLookup(parsed.spans) : () => true;
  return (row) => {
    if (!isNamed(row.row)) return false;
    // A blank row is skipped, whatever a filter says of it.
    if (!passes || isBlankRow(row.values)) return true;
    return passes(row);
  };
}

/** Decides a row; a cell that could not be read decides nothing. */
function filterOf(text: string): (row: NumberedRow) => Selected {
  const { decide, reads } = compileFilter(text);
  return (row) => {
    const fault = readFaults(row.faults).find(({ column }) =>
      reads.has(String(stepsOf(column)[0])),
    );
    if (fault) return { code: 'RENDER_FAILED', column: fault.column, detail: fault.detail };
    return decide(row.values, typedValues(row)) ?? UNDECIDED;
  };
}

const TOO_LARGE: RowFailure = {
  code: 'TOO_LARGE',
  detail: `The rows of this group take more than ${MAX_ROW_BYTES} bytes of JSON together. Group by a column that parts them further.`,
};

/**
 * Groups were selected when they were made: of one that passed, its first row passes again. A row that could not
 * be decided stands by itself, and still cannot be.
 */
const ofGroups =
  (passes: ((row: NumberedRow) => Selected) | undefined) =>
  (row: NumberedRow): Selected => {
    if (isBlankRow(row.values)) return false;
    const list = row.values[GROUP_LIST];
    if (list === null) return TOO_LARGE;
    return passes ? passes(row) : true;
  };
