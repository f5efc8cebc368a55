/** The rows of a sheet on their way to the writer, with the lists that other sheets have for them. */
import { MAX_ROW_BYTES } from '../../../limits.ts';
import { KEY_COLUMN } from '../../../columns/listColumns.ts';
import { writeFaults } from '../../rowFaults.ts';
import { isBlankRow } from '../../rowShape.ts';
import type { RowsWriter } from '../../rowsWriter.ts';
import type { FoundProblem, ProblemList } from '../../sourceFault.ts';
import { rowTooLarge } from '../../sourceReader.ts';
import type { SheetTable } from '../sheetTable.ts';
import {
  disown,
  joinLists,
  splitLine,
  takeKey,
  type JoinedRow,
  type ReadList,
} from './joinRows.ts';
import { reportUnowned, havePlaces } from './readLists.ts';

/** Takes rows as they were read, and writes them with their lists. */
export interface RowJoin {
  /** @throws SourceFault when a row becomes too large */
  take(line: string, table: SheetTable): void;
  /** Ends the rows. */
  end(problems: ProblemList): void;
  /** The columns of rows, once they have their lists. */
  columns(own: readonly string[]): string[];
}

const BLANK_ROW = '{}';
const NO_ROWS: FoundProblem = {
  code: 'ROWS_MISSING',
  detail: 'There is no row with more than a key. Fill in at least one.',
};

export function createRowJoin(
  lists: readonly ReadList[],
  writer: RowsWriter,
  problems: ProblemList,
): RowJoin {
  let row = 0;
  let hasPlaces: boolean | undefined;
  /** Rows with nothing but a key: they count only if others follow. */
  let blankRows = 0;
  let isFilled = false;
  // A sheet is read again when its cells are merged.
  disown(lists);

  const ownColumns = (columns: readonly string[]) => columns.filter((name) => name !== KEY_COLUMN);

  return {
    take(line, table) {
      hasPlaces ??= havePlaces(lists, ownColumns(table.columns), problems);
      if (!hasPlaces) return;
      row++;
      const { values, typed, faults } = splitLine(line);
      const key = takeKey(values, typed, KEY_COLUMN);
      const joined = joinLists({ values, typed, faults }, key, lists, row, problems);
      if (joined.faults.length === 0 && isBlankRow(joined.values)) {
        blankRows++;
        return;
      }
      for (; blankRows > 0; blankRows--) writer.writeLine(BLANK_ROW);
      writer.writeLine(lineOf(joined, table.line));
      isFilled = true;
    },
    end: (found) => {
      reportUnowned(lists, found);
      if (!isFilled) found.add(NO_ROWS);
    },
    columns: (own) => [...ownColumns(own), ...lists.map(({ name }) => name)],
  };
}

function lineOf({ values, typed, faults }: JoinedRow, line: number): string {
  const own = JSON.stringify(values);
  if (Buffer.byteLength(own) > MAX_ROW_BYTES)
    throw rowTooLarge(`Row ${line}, with its lists`, line);
  const behind = typed && Object.keys(typed).length > 0 ? JSON.stringify(typed) : '';
  const broken = writeFaults(faults);
  if (broken !== undefined) return `${own}\t${behind}\t${broken}`;
  return behind === '' ? own : `${own}\t${behind}`;
}
