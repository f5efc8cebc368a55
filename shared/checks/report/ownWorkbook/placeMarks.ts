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
  type SheetContext,
} from '../../../dataSources/xlsx/sheetScan.ts';
import { createSheetTable } from '../../../dataSources/xlsx/sheetTable.ts';
import { splitLine, takeKey } from '../../../dataSources/xlsx/lists/joinRows.ts';
import { OWN_KEY, placeEntry } from '../../../dataSources/xlsx/lists/placeEntries.ts';
import { readJoined } from '../../../dataSources/xlsx/readWorkbook.ts';
import { append } from '../../../columns/append.ts';
import { KEY_COLUMN } from '../../../columns/listColumns.ts';
import { createLineWriter } from '../../../dataSources/lineWriter.ts';
import { MAX_MARKED_SHEET_BYTES } from '../../../limits.ts';
import { xmlEncodingOf } from '../../../office/encoding.ts';
import { joinMarks, type CellMark, type MarkedCell } from '../marks.ts';
import { createSheetOutline, type SheetOutline } from './sheetOutline.ts';

/** A cell of a sheet: its 1-based row and 0-based column. */
export interface SheetCell {
  readonly row: number;
  readonly column: number;
}

export const referenceOf = ({ row, column }: SheetCell): string => `${columnLetters(column)}${row}`;

/** A sheet that gets marks. */
export interface MarkedSheet {
  readonly sheet: Sheet;
  readonly outline: SheetOutline;
  /** From top to bottom, and from left to right. */
  readonly cells: readonly MarkedCell<SheetCell>[];
}

/** Where something is: a cell, or a row as a whole. */
export interface MarkPlace {
  readonly sheet: Sheet;
  readonly row: number;
  readonly column: number | undefined;
}

export interface PlacedMarks {
  readonly workbook: Workbook;
  /** The sheet with the rows, which may have no marks, and those with marked entries of their lists. */
  readonly rows: MarkedSheet;
  readonly lists: readonly MarkedSheet[];
  /** Marks of rows or columns that no sheet has, or of sheets that cannot be marked. */
  readonly unplaced: readonly CellMark[];
  readonly rowCount: number;
  /** Of a row of data that was asked for, and one of its columns. */
  placeOf(row: number, column: string | undefined): MarkPlace | undefined;
}

/** What is to be placed. */
export interface Placing {
  readonly marks: readonly CellMark[];
  /** Further rows of data whose places are wanted. */
  readonly rows: readonly number[];
  /** Whether further sheets have lists of the rows. */
  readonly hasLists: boolean;
}

/** @throws SourceFault when the workbook cannot be read (any more) */
export async function placeMarks(
  parts: WorkbookPackage,
  reading: Pick<Reading, 'sheet' | 'headerRow' | 'values' | 'hidden' | 'locale'>,
  { marks, rows, hasLists }: Placing,
): Promise<PlacedMarks> {
  const workbook = await readWorkbookPart(parts);
  const sheet = chooseSheet(workbook.sheets, reading.sheet);
  const context = await readSheetContext(parts, workbook, reading);
  const problems = createProblemList();
  const wanted = new Set([...marks.map(({ row }) => row), ...rows]);
  const sheetRows = new Map<number, number>();
  const keys = new Map<number, string | undefined>();
  const table = createSheetTable(
    { writer: hasLists ? keysOf(wanted, keys) : withoutRows(), problems },
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
  const work = { parts, sheet, context, reading, problems };
  const { lists } = hasLists ? await readJoined(work, workbook.sheets) : { lists: [] };
  const [problem] = problems.listed;
  if (problem) throw new SourceFault(problem);

  const columns = new Map<string, number | undefined>();
  const columnOf = (name: string) => {
    if (!columns.has(name)) columns.set(name, table.columnOf(name));
    return columns.get(name);
  };
  function placeOf(row: number, name: string | undefined): MarkPlace | undefined {
    const sheetRow = sheetRows.get(row);
    if (sheetRow === undefined) return undefined;
    const here = (column: number | undefined) => ({ sheet, row: sheetRow, column });
    if (name === undefined) return here(undefined);
    const inList = placeEntry(lists, keys.get(row), name);
    if (inList === OWN_KEY) return here(columnOf(KEY_COLUMN));
    return inList ?? here(columnOf(name));
  }
  const sheets = new Map<Sheet, Placed[]>();
  const unplaced: CellMark[] = [];
  for (const mark of marks) {
    const place = placeOf(mark.row, mark.column);
    if (place?.column === undefined) unplaced.push(mark);
    else
      append(sheets, place.sheet, {
        ...mark,
        place: { row: place.row, column: place.column },
        mark,
      });
  }
  const listed: MarkedSheet[] = [];
  for (const [other, placed] of sheets) {
    if (other === sheet) continue;
    const marked = await markedSheet(parts, context, other, placed);
    if (marked) listed.push(marked);
    else unplaced.push(...placed.map(({ mark }) => mark));
  }
  return {
    workbook,
    rows: { sheet, outline: scan.outline(), cells: cellsOf(sheets.get(sheet) ?? [], areas) },
    lists: listed,
    unplaced,
    rowCount: table.rowCount,
    placeOf,
  };
}

/** A mark that has a place, beside it as it came. */
type Placed = CellMark & { readonly place: SheetCell; readonly mark: CellMark };

const cellsOf = (placed: readonly Placed[], areas: ReturnType<typeof createAreas>) =>
  joinMarks(
    placed.map((mark) => ({ ...mark, place: areas.firstCellOf(mark.place) })),
    referenceOf,
  ).sort(({ place: a }, { place: b }) => a.row - b.row || a.column - b.column);

/** A sheet with entries of lists; undefined where its bytes cannot be marked. */
async function markedSheet(
  parts: WorkbookPackage,
  context: SheetContext,
  sheet: Sheet,
  placed: readonly Placed[],
): Promise<MarkedSheet | undefined> {
  if (parts.bytesOf(sheet.part) > MAX_MARKED_SHEET_BYTES) return undefined;
  if (!(await isUtf8(parts, sheet.part))) return undefined;
  const areas = createAreas(() => new Set(placed.map(({ place }) => place.row)));
  const scan = createSheetOutline(
    createSheetScan(context, {
      full: false,
      row: () => undefined,
      hiddenColumns: () => undefined,
      merged: (area) => {
        areas.add(area);
      },
    }),
  );
  await scanPart(sheet.part, parts.stream(sheet.part), scan, () => Promise.resolve());
  return { sheet, outline: scan.outline(), cells: cellsOf(placed, areas) };
}

/** Offsets in a part are those of its bytes only where these are UTF-8. */
export async function isUtf8(parts: WorkbookPackage, name: string): Promise<boolean> {
  for await (const piece of parts.stream(name)) return xmlEncodingOf(piece) === undefined;
  return true;
}

/** A writer that learns the keys by which some rows have entries. */
function keysOf(wanted: ReadonlySet<number>, keys: Map<number, string | undefined>) {
  let row = 0;
  return createLineWriter((line) => {
    if (!wanted.has(++row)) return;
    const { values, typed } = splitLine(line);
    keys.set(row, takeKey(values, typed, KEY_COLUMN));
  });
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
export function withoutRows(): RowsWriter {
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
