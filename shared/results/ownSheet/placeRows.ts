/**
 * Finds the rows of data in the workbook that they were read from: by reading it once more as it was read, so that
 * header, blank and hidden rows count as they did.
 */
import { withoutRows } from '../../checks/report/ownWorkbook/placeMarks.ts';
import type { Reading } from '../../dataSources/reading.ts';
import { createProblemList, SourceFault } from '../../dataSources/sourceFault.ts';
import type { WorkbookPackage } from '../../dataSources/xlsx/package.ts';
import { scanPart } from '../../dataSources/xlsx/partText.ts';
import { readSheetContext } from '../../dataSources/xlsx/sheetContext.ts';
import { createSheetScan, type RowSink } from '../../dataSources/xlsx/sheetScan.ts';
import { createSheetTable } from '../../dataSources/xlsx/sheetTable.ts';
import {
  chooseSheet,
  readWorkbookPart,
  type Sheet,
  type Workbook,
} from '../../dataSources/xlsx/workbook.ts';
import { MAX_SHEET_ROWS } from '../../limits.ts';
import { createRowOutline, type RowOutline, type Stretch } from './rowOutline.ts';

/** Where cells can be put behind those of a row. */
export interface RowPlace {
  /** 1-based row of the sheet. */
  readonly sheetRow: number;
  /** In bytes of the part. */
  readonly end: number;
  readonly spans: Stretch | undefined;
}

export interface PlacedRows {
  readonly workbook: Workbook;
  readonly sheet: Sheet;
  readonly root: string;
  readonly dimension: RowOutline['dimension'];
  readonly header: RowPlace;
  /** Names of the columns. */
  readonly names: readonly string[];
  readonly rowCount: number;
  /** The first column, 0-based, that is right of every cell and every merged area of the sheet. */
  readonly firstFree: number;
  /** Undefined for a blank row. */
  placeOf(row: number): RowPlace | undefined;
}

/** @throws SourceFault when the workbook cannot be read (any more) */
export async function placeRows(
  parts: WorkbookPackage,
  reading: Pick<Reading, 'sheet' | 'headerRow' | 'values' | 'hidden' | 'locale'>,
): Promise<PlacedRows> {
  const workbook = await readWorkbookPart(parts);
  const sheet = chooseSheet(workbook.sheets, reading.sheet);
  const context = await readSheetContext(parts, workbook, reading);
  const problems = createProblemList();
  // By row of data, and by row of the sheet: 21 MB, most of which is never touched.
  const sheetRows = new Uint32Array(MAX_SHEET_ROWS + 1);
  const ends = new Float64Array(MAX_SHEET_ROWS + 1);
  const spansAt = new Float64Array(MAX_SHEET_ROWS + 1);
  const spansLengths = new Uint8Array(MAX_SHEET_ROWS + 1);
  let firstFree = 0;
  const table = createSheetTable(
    { writer: withoutRows(), problems },
    {
      headerRow: reading.headerRow,
      skipsHidden: reading.hidden === 'skip',
      writesTyped: !context.asTyped,
      merged: undefined,
      onRow: (row, sheetRow) => {
        sheetRows[row] = sheetRow;
      },
    },
  );
  const sink: RowSink = {
    get full() {
      return table.full;
    },
    row(row) {
      const { number, position } = row;
      firstFree = Math.max(firstFree, position);
      ends[number] = outline.row.end;
      spansAt[number] = outline.row.spansAt;
      // A longer one is no hint that any program writes.
      spansLengths[number] = outline.row.spansLength <= 0xff ? outline.row.spansLength : 0;
      table.row(row);
    },
    hiddenColumns: (from, to) => table.hiddenColumns(from, to),
    merged(area) {
      table.merged(area);
      firstFree = Math.max(firstFree, area.right + 1);
    },
  };
  const outline = createRowOutline(createSheetScan(context, sink));
  await scanPart(sheet.part, parts.stream(sheet.part), outline, () => Promise.resolve());
  table.end();
  const [problem] = problems.listed;
  if (problem) throw new SourceFault(problem);

  function placeAt(sheetRow: number): RowPlace {
    const start = spansAt[sheetRow] ?? 0;
    const length = spansLengths[sheetRow] ?? 0;
    const spans = length > 0 ? { start, end: start + length } : undefined;
    return { sheetRow, end: ends[sheetRow] ?? 0, spans };
  }
  return {
    workbook,
    sheet,
    root: outline.root,
    dimension: outline.dimension,
    header: placeAt(table.headerRow ?? 1),
    names: table.columns,
    rowCount: table.rowCount,
    firstFree,
    placeOf(row) {
      const sheetRow = sheetRows[row] ?? 0;
      return sheetRow === 0 ? undefined : placeAt(sheetRow);
    },
  };
}
