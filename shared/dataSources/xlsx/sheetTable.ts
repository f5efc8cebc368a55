/** From the rows of a sheet to those of a table: finds its header, leaves out what is none of it, writes the rest. */
import * as z from 'zod';
import {
  HEADER_SEARCH_BYTES,
  HEADER_SEARCH_ROWS,
  MAX_COLUMNS,
  MAX_ROW_BYTES,
} from '../../limits.ts';
import { columnLetters } from '../../office/cellReference.ts';
import { compileTable, type TableLayout } from '../rowLayout.ts';
import type { RowFault } from '../../schemas/common.ts';
import { writeFaults } from '../rowFaults.ts';
import { SourceFault, type FoundProblem } from '../sourceFault.ts';
import { rowTooLarge, type ReaderOutput } from '../sourceReader.ts';
import { compileTyped, type TypedLayout } from '../typedLayout.ts';
import { findHeader, type KeptRow } from './findHeader.ts';
import type { LaidOver, MergedCells } from './mergedCells.ts';
import { bytesOf, readSheetHeader, type SheetHeader } from './sheetColumns.ts';
import { GrowingCells, type SheetRow } from './sheetRow.ts';
import type { MergedArea, RowSink } from './sheetScan.ts';

/** How a sheet becomes a table. */
export interface TableOptions {
  /** 1-based row of the sheet that names the columns; found by itself when it is not given. */
  readonly headerRow: number | undefined;
  /** Whether rows and columns that are not shown are left out. */
  readonly skipsHidden: boolean;
  /** Whether what is behind the shown values is written, too. */
  readonly writesTyped: boolean;
  /** Merged cells, once they are known. */
  readonly merged: MergedCells | undefined;
  /** Is told of each row of the table that is not blank, by its number and by that of the sheet; both 1-based. */
  readonly onRow?: (row: number, sheetRow: number) => void;
  /** Whether a header alone is a table, too. */
  readonly mayBeEmpty?: boolean;
}

/** A table that takes the rows of a sheet. */
export interface SheetTable extends RowSink {
  row(row: SheetRow): void;
  /** Ends the table. @throws SourceFault without a header or a row */
  end(): void;
  readonly columns: string[];
  /** Row of the header, once it is known. */
  readonly headerRow: number | undefined;
  readonly rowCount: number;
  readonly warnings: readonly string[];
  /** Row reached in the sheet. */
  readonly line: number;
  /** Areas over more than one cell of the table's rows. */
  readonly mergedAreas: readonly MergedArea[];
  /** The column of the sheet, 0-based, that is the table's column of this name. */
  columnOf(name: string): number | undefined;
}

/** Separates the row from what is behind it in a line, and that from its faults (rows.ts). */
const TAB = 0x09;
const BLANK_ROW = '{}';

const EMPTY_SHEET: FoundProblem = {
  code: 'ROWS_MISSING',
  detail:
    'The sheet is empty. Add a row with the names of the columns and at least one below it, or name another sheet.',
};

const noHeader = (line: number, what: string) =>
  new SourceFault({
    code: 'HEADER_MISSING',
    line,
    detail: `Row ${line}, which should hold the names of the columns, ${what}. If another row holds them, give its number as headerRow.`,
  });

/** Where a table goes: of a writer of rows, what takes lines. */
export interface TableOutput extends Pick<ReaderOutput, 'problems'> {
  readonly writer: Pick<
    ReaderOutput['writer'],
    'full' | 'reserve' | 'position' | 'endLine' | 'writeLine'
  >;
}

/** A table without rows yet. */
export function createSheetTable(
  { writer, problems }: TableOutput,
  { headerRow, skipsHidden, writesTyped, merged, onRow, mayBeEmpty = false }: TableOptions,
): SheetTable {
  let header: SheetHeader | undefined;
  let layout: TableLayout | undefined;
  let typedLayout: TypedLayout | undefined;
  let foundRow: number | undefined;
  /** Rows of which one is the header, and the numbers of those between them that are left out. */
  let kept: (HeldRow | number)[] = [];
  let keptRows = 0;
  let keptBytes = 0;
  let rowCount = 0;
  /** The row that comes next where none is left out, and blank rows that count only if others follow. */
  let expected = 1;
  let blankRows = 0;
  let line = 1;
  const hiddenColumns = new Uint8Array(MAX_COLUMNS);
  let hiddenRows = 0;
  let faultyRows = 0;
  let firstFaulty = '';
  const unnamed = new Set<number>();
  const arranged = new GrowingCells();
  const arrangedTyped = new GrowingCells();
  const mergedAreas: MergedArea[] = [];
  const headerWarnings: string[] = [];

  const isSkipped = (column: number) => skipsHidden && hiddenColumns[column] === 1;

  function takeHeader(row: HeldRow) {
    const [fault] = row.faults;
    if (fault) {
      const { code, column, detail } = fault;
      const cell = `${columnLetters(column)}${row.number}`;
      throw new SourceFault({ code, line: row.number, cell, detail: `Cell ${cell} ${detail}` });
    }
    const names = Array.from({ length: row.columnCount }, (_, i) => nameOf(row, i));
    if (names.every((name) => name === undefined || name.trim() === ''))
      throw noHeader(row.number, 'is empty');
    header = readSheetHeader(names, row.number, isSkipped);
    layout = compileTable(header);
    typedLayout = writesTyped ? compileTyped(header) : undefined;
    headerWarnings.push(...header.warnings);
    foundRow = row.number;
    expected = row.number + 1;
  }

  /** Keeps a row until it is known which one is the header. */
  function keep(row: SheetRow) {
    if (!row.isFilled) return;
    kept.push(copyOf(row));
    keptRows++;
    keptBytes += row.columnCount * 8 + (row.cells.ends[row.columnCount - 1] ?? 0);
    if (keptRows >= HEADER_SEARCH_ROWS || keptBytes >= HEADER_SEARCH_BYTES) settleHeader();
  }

  function settleHeader() {
    const held = kept;
    kept = [];
    const rows = held.filter((row) => typeof row !== 'number');
    const at = findHeader(rows);
    const found = rows[at];
    if (!found) return;
    takeHeader(found);
    if (at > 0) {
      headerWarnings.push(
        `The names of the columns were found in row ${found.number}: what stands above is left out. If another row holds them, give its number as headerRow.`,
      );
    }
    for (const row of held.slice(held.indexOf(found) + 1)) {
      if (typeof row === 'number') leaveOut(row);
      else takeRow(row);
    }
  }

  /** Passes over a row as if it were not there. */
  function leaveOut(number: number) {
    blankRows += number - expected;
    expected = number + 1;
  }

  function takeRow(row: SheetRow) {
    leaveOut(row.number);
    if (row.isHidden && row.isFilled) hiddenRows++;
    if (!row.isFilled) {
      blankRows++;
      return;
    }
    for (; blankRows > 0; blankRows--) {
      rowCount++;
      if (problems.count === 0) writer.writeLine(BLANK_ROW);
    }
    rowCount++;
    onRow?.(rowCount, row.number);
    const laidOver = merged?.at(row);
    if (!header || !layout || hasUnnamed(row, header)) return;
    const faults = faultsOf(row, header, laidOver);
    if (problems.count === 0) write(row, header, layout, laidOver, faults);
  }

  /** Cells of the table that cannot be read: the row stands without them, and says so. */
  function faultsOf(
    row: SheetRow,
    columns: SheetHeader,
    laidOver: LaidOver | undefined,
  ): string | undefined {
    const all = laidOver ? [...row.faults, ...laidOver.faults] : row.faults;
    if (all.length === 0) return undefined;
    const faults: RowFault[] = [];
    for (const { code, column, detail } of all) {
      const name = columns.nameOf(column);
      if (name === undefined) continue;
      const cell = `${columnLetters(column)}${row.number}`;
      faults.push({ column: name, cell, code, detail: `Cell ${cell} ${detail}` });
    }
    const [first] = faults;
    if (first && faultyRows++ === 0) firstFaulty = first.cell;
    return writeFaults(faults);
  }

  function hasUnnamed(row: SheetRow, columns: SheetHeader): boolean {
    const column = columns.findUnnamed(row.cells, row.columnCount);
    if (column !== undefined && !unnamed.has(column)) {
      unnamed.add(column);
      const cell = `${columnLetters(column)}${row.number}`;
      problems.add({
        code: 'COLUMN_UNNAMED',
        line: row.number,
        row: rowCount,
        cell,
        detail: `Column ${columnLetters(column)} has no name, but cell ${cell} has a value in it. Name it, or empty the column.`,
      });
    }
    return column !== undefined;
  }

  function write(
    row: SheetRow,
    of: SheetHeader,
    table: TableLayout,
    laidOver: LaidOver | undefined,
    faults: string | undefined,
  ) {
    const { columns } = of;
    let { cells, typed }: Pick<SheetRow, 'cells' | 'typed'> = row;
    if (of.areFirst && !laidOver) {
      fillUp(cells, row.columnCount, columns.length);
      if (writesTyped) fillUp(typed, row.columnCount, columns.length);
    } else {
      of.arrange(cells, row.columnCount, arranged, laidOver?.cells);
      cells = arranged;
      if (writesTyped) of.arrange(typed, row.columnCount, arrangedTyped, laidOver?.typed);
      typed = arrangedTyped;
    }
    const cellBytes = cells.ends[columns.length - 1] ?? 0;
    const bytes = cellBytes + table.frameBytes + table.repeatedBytes(cells);
    if (bytes > MAX_ROW_BYTES) throw rowTooLarge(`Row ${row.number}`, row.number);
    const typedBytes = typed.ends[columns.length - 1] ?? 0;
    const behind = typedLayout && typedBytes > 0 ? 2 * typedBytes + typedLayout.frameBytes + 1 : 0;
    const faultBytes = faults === undefined ? 0 : Buffer.byteLength(faults) + 2;
    const to = writer.reserve(bytes + behind + faultBytes);
    let end = table.write(cells, to, writer.position);
    if (typedLayout && behind > 0) {
      to[end++] = TAB;
      end = typedLayout.write(cells, typed, to, end);
    }
    if (faults !== undefined) {
      if (behind === 0) to[end++] = TAB;
      to[end++] = TAB;
      end += to.write(faults, end);
    }
    writer.endLine(end);
  }

  return {
    get full() {
      return writer.full;
    },
    get line() {
      return line;
    },
    get columns() {
      return header?.columns ?? [];
    },
    get headerRow() {
      return foundRow;
    },
    get rowCount() {
      return rowCount;
    },
    get mergedAreas() {
      return mergedAreas;
    },
    columnOf: (name) => header?.columnOf(name),
    get warnings() {
      const warnings = [...headerWarnings];
      if (faultyRows > 0) {
        warnings.push(
          `${faultyRows === 1 ? '1 row has a cell' : `${faultyRows} rows have cells`} that cannot be read or shows an error, first ${firstFaulty}: documents that read it fail. The rows tell each with its cell.`,
        );
      }
      if (merged) {
        warnings.push(
          'Cells are merged: each row of a merged area has the value that stands in its first cell.',
        );
      }
      const columns = header === undefined ? 0 : countHidden(hiddenColumns, header);
      if (!skipsHidden && (hiddenRows > 0 || columns > 0)) {
        warnings.push(
          `${countOf(hiddenRows, 'row')} and ${countOf(columns, 'column')} of the table are hidden in the sheet, and are read. To leave them out, complete the data source with hidden "skip".`,
        );
      }
      return warnings;
    },

    hiddenColumns: (from, to) => {
      hiddenColumns.fill(1, from, to + 1);
    },
    merged(area) {
      // They stand behind all rows.
      if (!header && headerRow === undefined) settleHeader();
      if (!header || foundRow === undefined || area.bottom <= foundRow || area.top <= foundRow)
        return;
      let named = 0;
      for (let column = area.left; column <= area.right && named < 2; column++) {
        if (header.isColumn(column)) named++;
      }
      // An area may be as wide as the sheet: what is beside the table takes no time.
      const right = Math.min(area.right, header.lastColumn);
      if (named > 0 && (named > 1 || area.bottom > area.top)) mergedAreas.push({ ...area, right });
    },
    row(row) {
      line = row.number;
      if (row.isHidden && skipsHidden) {
        if (header) leaveOut(row.number);
        else if (kept.length > 0) kept.push(row.number);
        return;
      }
      if (!header && headerRow !== undefined) {
        if (row.number < headerRow) return;
        if (row.number > headerRow) throw noHeader(headerRow, 'is empty');
        takeHeader(row);
        return;
      }
      if (!header) {
        keep(row);
        return;
      }
      takeRow(row);
    },
    end() {
      if (!header && headerRow === undefined) settleHeader();
      if (!header && headerRow === undefined) throw new SourceFault(EMPTY_SHEET);
      if (!header) throw noHeader(headerRow ?? 1, 'is not there');
      if (rowCount === 0 && !mayBeEmpty) {
        throw new SourceFault({
          code: 'ROWS_MISSING',
          detail: `There is a header in row ${foundRow}, but no row below it. Add at least one row.`,
        });
      }
    },
  };
}

/** A row in memory of its own. */
type HeldRow = SheetRow & KeptRow;

const countOf = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

function countHidden(hidden: Uint8Array, header: SheetHeader): number {
  let count = 0;
  for (let column = 0; column < MAX_COLUMNS; column++)
    if (hidden[column] === 1 && header.isColumn(column)) count++;
  return count;
}

function copyOf(row: SheetRow): HeldRow {
  const { number, isHidden, columnCount, faults, isFilled } = row;
  const copy = ({ bytes, ends }: SheetRow['cells']) => {
    // Room for the columns of the table that the row has not.
    const all = new Uint32Array(MAX_COLUMNS);
    all.set(ends.subarray(0, columnCount));
    return { bytes: bytes.slice(0, ends[columnCount - 1] ?? 0), ends: all };
  };
  return {
    number,
    isHidden,
    columnCount,
    faults,
    isFilled,
    cells: copy(row.cells),
    typed: copy(row.typed),
  };
}

/** Ends the cells that the row has not, up to the last column. */
function fillUp({ ends }: SheetRow['cells'], from: number, to: number) {
  const size = from === 0 ? 0 : (ends[from - 1] as number);
  for (let i = from; i < to; i++) ends[i] = size;
}

const JSON_TEXT = z.union([z.string(), z.number(), z.boolean()]);

/** The name that a cell of the header has, as it is shown. */
function nameOf({ cells }: Pick<SheetRow, 'cells'>, column: number): string | undefined {
  const bytes = bytesOf(cells, column);
  if (bytes.length === 0) return undefined;
  const value = JSON_TEXT.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  return typeof value === 'boolean' ? String(value).toUpperCase() : String(value);
}
