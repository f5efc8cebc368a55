/** The rows that a task takes, checked when it is created. */
import { Problem, type ProblemDetail } from '../problems.ts';
import type { TaskOptions } from '../schemas/common.ts';
import { filterFault, type FilterColumns } from '../selection/filter.ts';
import { parseRowSpans } from './rowSpans.ts';

/** @throws Problem VALIDATION_ERROR with what is wrong with rows and filter */
export function checkSelection(
  { rows, filter }: Pick<TaskOptions, 'rows' | 'filter'>,
  rowCount: number,
  columns: FilterColumns,
): void {
  const errors: ProblemDetail[] = [];
  const spans = rows === undefined ? undefined : parseRowSpans(rows, rowCount);
  if (spans && 'fault' in spans) errors.push({ pointer: '/options/rows', detail: spans.fault });
  const fault = filter === undefined ? undefined : filterFault(filter, columns);
  if (fault !== undefined) errors.push({ pointer: '/options/filter', detail: fault });
  const [first] = errors;
  if (first) throw new Problem('VALIDATION_ERROR', first.detail, { errors });
}
