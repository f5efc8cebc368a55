/** Results as a workbook of their own: of rows that came from none, or from one that cannot be added to. */
import type { ObjectWriter } from '../archive/objectWriter.ts';
import type { RowColumns } from '../checks/report/rowColumns.ts';
import { MAX_COLUMNS, MAX_RESULTS_WORKBOOK_BYTES } from '../limits.ts';
import type { Row } from '../schemas/common.ts';
import type { Cell } from '../workbooks/cells.ts';
import { createWorkbookWriter } from '../workbooks/workbookWriter.ts';
import { cellOf, type ResultColumns } from './resultColumns.ts';
import type { ResultRow } from './resultRows.ts';
import { TooMuch } from './tooMuch.ts';

const SHEET = 'Results';
const NOTE_SHEET = 'Note';
const NOTE_WIDTH = 100;
/** Widths of columns, in characters. */
const WIDTH = { least: 10, most: 40 } as const;

/** A day, or a moment without a zone, as they stand behind what a workbook shows. */
const ISO_DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?)?$/;

/** A value by what is behind it: a number or a date, else as it is shown. */
function typedCell(shown: Row[string] | undefined, typed: Row[string] | undefined): Cell {
  if (typeof typed === 'number') return typed;
  if (typeof typed !== 'string' || !ISO_DATE.test(typed)) return cellOf(shown);
  // Cells know no zone: what is read is what is written.
  const date = new Date(typed.includes('T') ? `${typed}Z` : typed);
  return Number.isNaN(date.getTime()) ? cellOf(shown) : date;
}

/**
 * Sheets of so many rows as one may have.
 * @param note a sentence on why it is this workbook
 * @throws TooMuch when it would be larger than readers take
 */
export async function writeResultsWorkbook(
  to: ObjectWriter,
  rows: AsyncIterable<readonly ResultRow[]>,
  columns: RowColumns,
  more: ResultColumns,
  note: string | undefined,
): Promise<void> {
  const names = [...columns.names, ...more.names];
  if (names.length > MAX_COLUMNS)
    throw new TooMuch(`a sheet has ${MAX_COLUMNS} columns, and the table ${names.length}`);
  const writer = createWorkbookWriter(to);
  async function begin() {
    await writer.beginSheet({
      name: SHEET,
      columns: names.map((name) => ({
        width: Math.min(Math.max(name.length + 2, WIDTH.least), WIDTH.most),
      })),
      frozenRows: 1,
      filterFrom: 1,
    });
    writer.row(names.map((value) => ({ value, look: 'header', format: 'text' })));
  }
  await begin();
  for await (const batch of rows) {
    for (const row of batch) {
      if (writer.sheetIsFull) await begin();
      const typed = row.typed();
      const own = columns.names.map((_, column) => {
        const value = columns.valueOf(row.values, column);
        return typed ? typedCell(value, columns.valueOf(typed, column)) : cellOf(value);
      });
      writer.row([...own, ...more.valuesOf(row).map(cellOf)]);
      if (!writer.full) continue;
      await writer.flush();
      if (to.bytes > MAX_RESULTS_WORKBOOK_BYTES)
        throw new TooMuch('a workbook has no room for so many rows');
    }
  }
  if (note !== undefined) {
    await writer.beginSheet({ name: NOTE_SHEET, columns: [{ width: NOTE_WIDTH }] });
    writer.row([{ value: note, format: 'long' }]);
  }
  await writer.finish();
}
