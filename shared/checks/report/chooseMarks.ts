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
  const later: (() => void)[] = [];
  for (const each of found) {
    const { severity, column, at } = each;
    if (severity === 'info' || column === undefined || !at) continue;
    const text = textOfCell(each);
    const { cells, count } = cellsOf(at, column);
    bad += count;
    const mark = (from: number, to: number) => {
      for (const cell of cells.slice(from, Math.min(to, from + most - marks.length)))
        marks.push({ ...cell, severity, text });
    };
    mark(0, FIRST_MARKS);
    later.push(() => {
      mark(FIRST_MARKS, cells.length);
    });
  }
  for (const markOthers of later) markOthers();
  const unmarked = bad - marks.length;
  return { marks, markedAll: unmarked === 0, unmarked };
}

/** @param column of a finding that is about one column alone */
function cellsOf({ count, rows, cells = [], cellCount = 0 }: Tally, column: string) {
  return cells.length > 0
    ? { cells, count: cellCount }
    : { cells: rows.map((row): Cell => ({ row, column })), count };
}
