/** The rows that an order takes, checked when it is given. */
import { nearestAmong } from '../columns/nearest.ts';
import { quoteName } from '../columns/quoteName.ts';
import { MAX_GROUPED_ROWS } from '../limits.ts';
import { Problem, type ProblemDetail } from '../problems.ts';
import type { TaskOptions } from '../schemas/common.ts';
import { filterFault, type FilterColumns } from '../selection/filter.ts';
import { GROUP_LIST } from '../selection/groupList.ts';
import { parseRowSpans } from '../selection/rowSpans.ts';

function faultOfGroups(
  column: string,
  rowCount: number,
  { names }: FilterColumns,
): string | undefined {
  if (!names.includes(column)) {
    const nearest = nearestAmong(names.map((name) => ({ column: name, names: [name] })))(column);
    const hint = nearest === undefined ? '' : ` Did you mean ${quoteName(nearest)}?`;
    return `The rows have no column ${quoteName(column)} to group by.${hint}`;
  }
  if (names.includes(GROUP_LIST)) {
    return `The rows have a column ${quoteName(GROUP_LIST)}, which is what the list of a group is called. Rename it.`;
  }
  return rowCount > MAX_GROUPED_ROWS
    ? `${rowCount} rows would be grouped; a task groups at most ${MAX_GROUPED_ROWS}. Split the table.`
    : undefined;
}

/** @throws Problem VALIDATION_ERROR with what is wrong with rows and filter */
export function checkSelection(
  { rows, filter, groupBy }: Pick<TaskOptions, 'rows' | 'filter' | 'groupBy'>,
  rowCount: number,
  columns: FilterColumns,
): void {
  const errors: ProblemDetail[] = [];
  const spans = rows === undefined ? undefined : parseRowSpans(rows, rowCount);
  if (spans && 'fault' in spans) errors.push({ pointer: '/options/rows', detail: spans.fault });
  const fault = filter === undefined ? undefined : filterFault(filter, columns);
  if (fault !== undefined) errors.push({ pointer: '/options/filter', detail: fault });
  const groupFault = groupBy === undefined ? undefined : faultOfGroups(groupBy, rowCount, columns);
  if (groupFault !== undefined) errors.push({ pointer: '/options/groupBy', detail: groupFault });
  const [first] = errors;
  if (first) throw new Problem('VALIDATION_ERROR', first.detail, { errors });
}
