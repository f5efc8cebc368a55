/**
 * Finds the cells of marks in the workbook that the rows were read from: by reading it once more as it was read,
 * so that header, blank and hidden rows, and columns without a name count as they did.
 */
import {
  chooseSheet,
  readWorkbookPart,
  type Sheet,
  type Workbook,
} from '../../../dataSources/xlsx/workbook.ts';
import type { WorkbookPackage } from '../../../dataSources/xlsx/package.ts';
import type { Reading } from '../../../dataSources/reading.ts';
import type { RowsWriter } from '../../../dataSources/rowsWriter.ts';
import { createProblemList, SourceFault } from '../../../dataSources/sourceFault.ts';
import { damaged } from '../../../dataSources/xlsx/faults.ts';
import { scanPart } from '../../../dataSources/xlsx/partText.ts';
import { readSheetContext } from '../../../dataSources/xlsx/sheetContext.ts';
import { columnLetters } from '../../../office/cellReference.ts';
import {
  createSheetScan,
  type MergedArea,
  type RowSink,
} from '../../../dataSources/xlsx/sheetScan.ts';
import { createSheetTable } from '../../../dataSources/xlsx/sheetTable.ts';
import { joinMarks, type CellMark, type MarkedCell } from '../marks.ts';
import { createSheetOutline, type SheetOutline } from './sheetOutline.ts';

/** A cell of the sheet: its 1-based row and 0-based column. */
export interface SheetCell {
  readonly row: number;
  readonly column: number;
}

export const referenceOf = ({ row, column }: SheetCell): string => `${columnLetters(column)}${row}`;

export interface PlacedMarks {
  readonly workbook: Workbook;
  readonly sheet: Sheet;
  readonly outline: SheetOutline;
  /** From top to bottom, and from left to right. */
  readonly cells: readonly MarkedCell<SheetCell>[];
  /** Marks of rows or columns that the sheet has not. */
  readonly unplaced: readonly CellMark[];
  readonly rowCount: number;
  /** The row of the sheet that is a row of data, if it was asked for. */
  sheetRow(row: number): number | undefined;
  /** The column of the sheet, 0-based, of a name. */
  columnOf(name: string): number | undefined;
}

/**
 * @param rows further rows of data whose places are wanted
 * @throws SourceFault when the workbook cannot be read (any more)
 */
export async function placeMarks(
  parts: WorkbookPackage,
  reading: Pick<Reading, 'sheet' | 'headerRow' | 'values' | 'hidden' | 'locale'>,
  marks: readonly CellMark[],
  rows: readonly number[],
): Promise<PlacedMarks> {
  const workbook = await readWorkbookPart(parts);
  const sheet = chooseSheet(workbook.sheets, reading.sheet);
  const context = await readSheetContext(parts, workbook, reading);
  const problems = createProblemList();
  const wanted = new Set([...marks.map(({ row }) => row), ...rows]);
  const sheetRows = new Map<number, number>();
  const table = createSheetTable(
    { writer: withoutRows(), problems },
    {
      headerRow: reading.headerRow,
      skipsHidden: reading.hidden === 'skip',
      writesTyped: !context.asTyped,
      merged: undefined,
      onRow: (row, sheetRow) => {
        if (wanted.has(row)) sheetRows.set(row, sheetRow);
      },
    },
  );
  const areas = createAreas(() => sheetRows.values());
  const sink: RowSink = {
    get full() {
      return table.full;
    },
    row: (row) => table.row(row),
    hiddenColumns: (from, to) => table.hiddenColumns(from, to),
    merged(area) {
      table.merged(area);
      areas.add(area);
    },
  };
  const scan = createSheetOutline(createSheetScan(context, sink));
  await scanPart(sheet.part, parts.stream(sheet.part), scan, () => Promise.resolve());
  table.end();
  const [problem] = problems.listed;
  if (problem) throw new SourceFault(problem);

  const unplaced: CellMark[] = [];
  const placed: (CellMark & { place: SheetCell })[] = [];
  const columns = new Map<string, number | undefined>();
  const columnOf = (name: string) => {
    if (!columns.has(name)) columns.set(name, table.columnOf(name));
    return columns.get(name);
  };
  for (const mark of marks) {
    const row = sheetRows.get(mark.row);
    const column = columnOf(mark.column);
    if (row === undefined || column === undefined) unplaced.push(mark);
    else placed.push({ ...mark, place: areas.firstCellOf({ row, column }) });
  }
  const cells = joinMarks(placed, referenceOf).sort(
    ({ place: a }, { place: b }) => a.row - b.row || a.column - b.column,
  );
  return {
    workbook,
    sheet,
    outline: scan.outline(),
    cells,
    unplaced,
    rowCount: table.rowCount,
    sheetRow: (row) => sheetRows.get(row),
    columnOf,
  };
}

/** In a row lie 8,192 at the most; few rows have more than some. */
const MOST_AREAS = 1_000_000;

/**
 * Merged areas over rows that are asked for.
 * @param wantedRows rows of the sheet, ascending; all are known before the first area comes
 */
function createAreas(wantedRows: () => Iterable<number>) {
  let rows: number[] | undefined;
  const byRow = new Map<number, MergedArea[]>();
  let count = 0;
  return {
    add(area: MergedArea) {
      rows ??= [...wantedRows()].sort((a, b) => a - b);
      for (let i = firstFrom(rows, area.top); i < rows.length; i++) {
        const row = rows[i] as number;
        if (row > area.bottom) break;
        if (++count > MOST_AREAS) throw damaged('areas of merged cells lie over each other.');
        const areas = byRow.get(row);
        if (areas) areas.push(area);
        else byRow.set(row, [area]);
      }
    },
    /** The cell itself, or the first of the area that it is in: the only one that is shown. */
    firstCellOf({ row, column }: SheetCell): SheetCell {
      const area = byRow.get(row)?.find(({ left, right }) => left <= column && column <= right);
      return area ? { row: area.top, column: area.left } : { row, column };
    },
  };
}

/** Position of the first number that is not smaller. */
function firstFrom(ascending: readonly number[], least: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A writer that writes nothing: only the places of rows are wanted. */
function withoutRows(): RowsWriter {
  let memory = Buffer.alloc(0);
  return {
    full: false,
    position: 0,
    reserve(bytes) {
      if (memory.length < bytes) memory = Buffer.allocUnsafeSlow(2 * bytes);
      return memory;
    },
    endLine: () => undefined,
    writeRow: () => true,
    writeLine: () => undefined,
    flush: () => Promise.resolve(),
    finish: () => Promise.resolve({ rowCount: 0, bytes: 0 }),
    abort: () => Promise.resolve(),
  };
}
