/** A workbook of rows as they were read, where there is none of their owner's that could be marked. */
import { allRows, readIndex, readRows } from '../../dataSources/rows.ts';
import type { RowsKeys } from '../../dataSources/rowsWriter.ts';
import { MAX_COLUMNS, MAX_MARKED_BYTES, MAX_SHEET_ROWS } from '../../limits.ts';
import { columnLetters } from '../../office/cellReference.ts';
import type { Ports } from '../../ports.ts';
import type { Row } from '../../schemas/common.ts';
import type { Cell } from '../../workbooks/cells.ts';
import type { Look } from '../../workbooks/styles.ts';
import { createWorkbookWriter } from '../../workbooks/workbookWriter.ts';
import type { ByteSink } from '../../zip/deflatedEntries.ts';
import {
  CHECK_SHEET,
  CHECK_WIDTHS,
  checkLines,
  isWrapped,
  type LineKind,
} from './findingsSheet.ts';
import type { Locate } from './groupedPlaces.ts';
import {
  commentOf,
  joinMarks,
  type CellMark,
  type MarkedCell,
  type ReportFinding,
} from './marks.ts';
import { createColumnFinder, type RowColumns } from './rowColumns.ts';

/** What is written. */
export interface RowsReport {
  readonly keys: RowsKeys;
  /** Names of columns in their order, as far as they are known. */
  readonly columns: readonly string[];
  readonly marks: readonly CellMark[];
  readonly findings: readonly ReportFinding[];
  readonly markedAll: boolean;
  /** How many are not, where that is known. */
  readonly unmarked?: number | undefined;
  /** Where what is told of findings stands. */
  readonly locate: Locate;
  /** Sentences on why it is this workbook. */
  readonly notes: readonly string[];
}

/** Names of the sheet of rows, and of the column with their numbers where not all rows are there. */
const ROWS_SHEET = 'Rows';
const NUMBERS = 'Row';
const HEADER_ROWS = 1;
/** Widths of columns, in characters. */
const WIDTH = { least: 10, most: 40 } as const;

const ONLY_MARKED = `A sheet has no room for so many rows: only those with marked cells are shown, with their numbers.`;
/** One is kept for the numbers of rows. */
const MOST_COLUMNS = MAX_COLUMNS - 1;
const ONLY_SOME_COLUMNS = `A sheet has no room for so many columns: only the first ${MOST_COLUMNS} are shown.`;

function withinSheet(columns: RowColumns): RowColumns {
  if (columns.names.length <= MOST_COLUMNS) return columns;
  return {
    ...columns,
    names: columns.names.slice(0, MOST_COLUMNS),
    find(column) {
      const at = columns.find(column);
      return at !== undefined && at < MOST_COLUMNS ? at : undefined;
    },
  };
}

const isFullAfter = (row: number) =>
  `The file is full after row ${row}: the rows behind it are not shown.`;

type Cells = ReadonlyMap<number, MarkedCell<{ row: number; column: number }>>;

/**
 * @param to takes the bytes, and says how many it has
 * @throws what the bucket throws
 */
export async function writeRowsWorkbook(
  ports: Pick<Ports, 'objects'>,
  { keys, columns: known, marks, findings, markedAll, unmarked, locate, notes: before }: RowsReport,
  to: ByteSink & { readonly bytes: number },
): Promise<void> {
  const index = await readIndex(ports, keys.indexKey);
  const found = await findColumns(ports, keys, known);
  const columns = withinSheet(found);
  const notes = [...before];
  if (columns !== found) notes.push(ONLY_SOME_COLUMNS);
  const isWhole = index.rowCount + HEADER_ROWS <= MAX_SHEET_ROWS;
  if (!isWhole) notes.push(ONLY_MARKED);
  const { cells, unplaced } = placeCells(marks, columns);
  const writer = createWorkbookWriter(to);
  const numbers = isWhole ? [] : [NUMBERS];
  const names = [...numbers, ...columns.names];
  await writer.beginSheet({
    name: ROWS_SHEET,
    columns: names.map((name) => ({
      width: Math.min(Math.max(name.length + 2, WIDTH.least), WIDTH.most),
    })),
    frozenRows: HEADER_ROWS,
    filterFrom: HEADER_ROWS,
  });
  writer.row(names.map((value) => ({ value, look: 'header', format: 'text' })));

  /** Rows of the sheet by those of data, where they are not one behind the other. */
  const places = new Map<number, number>();
  let lastRow = 0;
  let isFull = false;
  for await (const { rows } of readRows(ports, keys.rowsKey, allRows(index))) {
    for (const { row, values } of rows) {
      const marked = cells.get(row);
      if (!isWhole && !marked) continue;
      isFull ||= writer.sheetIsFull || to.bytes > MAX_MARKED_BYTES;
      if (isFull) break;
      writer.row([...(isWhole ? [] : [{ value: row }]), ...cellsOf(values, columns, marked)]);
      lastRow = row;
      if (!isWhole) places.set(row, writer.rowCount);
      if (writer.full) await writer.flush();
    }
    if (isFull) break;
  }
  if (isFull) notes.push(isFullAfter(lastRow));

  const sheetRow = (row: number) =>
    isWhole ? (row <= lastRow ? row + HEADER_ROWS : undefined) : places.get(row);
  await writeCheckSheet(writer, {
    findings,
    markedAll,
    unmarked,
    locate,
    notes,
    columns,
    numbers: numbers.length,
    marked: [...cells.values()].flatMap((row) => [...row.values()]),
    unplaced,
    sheetRow,
  });
  await writer.finish();
}

async function findColumns(
  ports: Pick<Ports, 'objects'>,
  { rowsKey, indexKey }: RowsKeys,
  known: readonly string[],
): Promise<RowColumns> {
  const finder = createColumnFinder(known);
  const index = await readIndex(ports, indexKey);
  for await (const { rows } of readRows(ports, rowsKey, allRows(index)))
    for (const { values } of rows) finder.add(values);
  return finder.columns();
}

function placeCells(marks: readonly CellMark[], columns: RowColumns) {
  const unplaced: CellMark[] = [];
  const placed = marks.flatMap((mark) => {
    const column = columns.find(mark.column);
    if (column !== undefined) return [{ ...mark, place: { row: mark.row, column } }];
    unplaced.push(mark);
    return [];
  });
  const cells = new Map<number, Map<number, MarkedCell<{ row: number; column: number }>>>();
  for (const cell of joinMarks(placed, ({ row, column }) => `${row} ${column}`)) {
    const { row, column } = cell.place;
    const others = cells.get(row);
    if (others) others.set(column, cell);
    else cells.set(row, new Map([[column, cell]]));
  }
  return { cells, unplaced };
}

function cellsOf(values: Row, columns: RowColumns, marked: Cells | undefined): Cell[] {
  return columns.names.map((_, column): Cell => {
    const value = columns.textOf(values, column);
    const mark = marked?.get(column);
    if (mark) return { value, format: 'text', look: mark.severity, comment: commentOf(mark) };
    // What looks like a formula or a number stays a text when it is edited.
    return value === null ? null : { value, format: 'text' };
  });
}

const LOOKS: Readonly<Record<LineKind, Look>> = {
  title: 'title',
  text: 'plain',
  head: 'header',
  error: 'error',
  warning: 'warning',
  info: 'plain',
};

async function writeCheckSheet(
  writer: ReturnType<typeof createWorkbookWriter>,
  {
    findings,
    markedAll,
    unmarked,
    locate,
    notes,
    columns,
    numbers,
    marked,
    unplaced,
    sheetRow,
  }: Pick<RowsReport, 'findings' | 'markedAll' | 'unmarked' | 'locate' | 'notes'> & {
    readonly columns: RowColumns;
    /** Columns before those of the rows. */
    readonly numbers: number;
    readonly marked: readonly MarkedCell<{ row: number; column: number }>[];
    readonly unplaced: readonly CellMark[];
    readonly sheetRow: (row: number) => number | undefined;
  },
) {
  const shown = marked.filter(({ place }) => sheetRow(place.row) !== undefined);
  const lines = checkLines({
    findings,
    marked: [{ sheet: ROWS_SHEET, cells: shown.length }],
    markedAll,
    unmarked,
    notes,
    placeOf(ofRow, ofColumn) {
      const { row, column } = locate(ofRow, ofColumn);
      const at = sheetRow(row);
      if (at === undefined) return undefined;
      const position = column === undefined ? undefined : columns.find(column);
      const told =
        position === undefined
          ? `row ${at} of the sheet`
          : `${columnLetters(position + numbers)}${at}`;
      return { told };
    },
    withoutComment: [
      ...marked
        .filter(({ place }) => sheetRow(place.row) === undefined)
        .map((cell) => ({
          ...cell,
          place: `row ${cell.place.row}, column ${columns.names[cell.place.column] ?? ''}`,
        })),
      ...unplaced.map(({ row, column, severity, text }) => ({
        place: `row ${row}, column ${column}`,
        severity,
        texts: [text],
      })),
    ],
  });
  await writer.beginSheet({
    name: CHECK_SHEET,
    columns: CHECK_WIDTHS.map((width) => ({ width })),
    fitsPage: true,
  });
  for (const { kind, cells, lines: height } of lines) {
    const isLong = isWrapped(kind);
    writer.row(
      cells.map((value, column): Cell => {
        // Only the first cell of a finding has its colour.
        const look = column > 0 && (kind === 'error' || kind === 'warning') ? 'plain' : LOOKS[kind];
        return { value, look, format: isLong ? 'long' : 'text' };
      }),
      height > 1 ? { lines: height } : {},
    );
    if (writer.full) await writer.flush();
  }
}
