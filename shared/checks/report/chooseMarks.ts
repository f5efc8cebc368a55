/** Which of the cells that something is wrong with are marked, where they are more than a report can show. */
import { FIRST_MARKS, MAX_REPORT_MARKS } from '../../limits.ts';
import type { Found } from '../found.ts';
import type { Cell, Tally } from '../tally.ts';
import { textOfCell } from './cellTexts.ts';
import type { CellMark } from './marks.ts';

export interface ChosenMarks {
  readonly marks: readonly CellMark[];
  /** Whether every bad cell is among the marks. */
  readonly markedAll: boolean;
  /** How many are not; a cell that several things are wrong with counts as often. */
  readonly unmarked: number;
}

/**
 * The first of each finding get their marks, then the others as far as there is room: one that is in every row
 * leaves some to all others.
 * @param found the gravest first
 */
export function chooseMarks(found: readonly Found[], most = MAX_REPORT_MARKS): ChosenMarks {
  const marks: CellMark[] = [];
  let bad = 0;
  /** Marks cells of a finding, from one to another; they are read anew, as all of all findings are much memory. */
  const mark = (each: Found, from: number, to: number): void => {
    const { severity, column, at } = each;
    if (severity === 'info' || column === undefined || !at || marks.length >= most) return;
    const text = textOfCell(each);
    const end = Math.min(to, from + most - marks.length);
    for (const cell of cellsOf(at, column).slice(from, end))
      marks.push({ ...cell, severity, text });
  };
  for (const each of found) {
    if (each.severity !== 'info' && each.column !== undefined && each.at) bad += badCells(each.at);
    mark(each, 0, FIRST_MARKS);
  }
  for (const each of found) mark(each, FIRST_MARKS, Infinity);
  const unmarked = bad - marks.length;
  return { marks, markedAll: unmarked === 0, unmarked };
}

/** @param column of a finding that is about one column alone */
function cellsOf({ rows, cells = [] }: Tally, column: string): readonly Cell[] {
  return cells.length > 0 ? cells : rows.map((row): Cell => ({ row, column }));
}

const badCells = ({ count, cellCount = 0 }: Tally): number => (cellCount > 0 ? cellCount : count);
