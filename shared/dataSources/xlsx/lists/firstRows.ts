/** The first rows of a sheet, looked at without reading on. */
import { bytesOf } from '../sheetColumns.ts';
import { scanPart } from '../partText.ts';
import type { WorkbookPackage } from '../package.ts';
import { createSheetScan, type SheetContext } from '../sheetScan.ts';
import { SourceFault } from '../../sourceFault.ts';
import { HEADER_SEARCH_BYTES } from '../../../limits.ts';

/** A row of a sheet: the cells that hold something, as JSON. */
export interface FirstRow {
  readonly number: number;
  readonly cells: readonly string[];
}

/** Ends a reading that has what it looks for. */
class Enough extends Error {}

/** The first bytes of a sheet, as many as are searched for a header: others than the rows may be endless. */
async function* beginning(pieces: AsyncIterable<Uint8Array>) {
  let bytes = 0;
  for await (const piece of pieces) {
    yield piece;
    bytes += piece.length;
    if (bytes >= HEADER_SEARCH_BYTES) throw new Enough();
  }
}

/** Two quotes: an empty text. */
const EMPTY = '""';

/**
 * The first rows that hold something, within the first HEADER_SEARCH_BYTES and up to where the sheet can be read.
 * @param count how many of them, at most
 * @param cellCount of how many cells at most
 */
export async function firstRows(
  parts: WorkbookPackage,
  part: string,
  context: SheetContext,
  { count, cellCount }: { readonly count: number; readonly cellCount: number },
): Promise<FirstRow[]> {
  const rows: FirstRow[] = [];
  const scan = createSheetScan(context, {
    full: false,
    hiddenColumns: () => undefined,
    merged: () => undefined,
    row(row) {
      const cells: string[] = [];
      for (let column = 0; column < row.columnCount && cells.length < cellCount; column++) {
        const cell = Buffer.from(bytesOf(row.cells, column)).toString('utf8');
        if (cell !== '' && cell !== EMPTY) cells.push(cell);
      }
      if (cells.length === 0) return;
      rows.push({ number: row.number, cells });
      if (rows.length === count) throw new Enough();
    },
  });
  try {
    await scanPart(part, beginning(parts.stream(part)), scan, () => Promise.resolve());
  } catch (error) {
    // What is wrong is told when the sheet is read.
    if (!(error instanceof Enough || error instanceof SourceFault)) throw error;
  }
  return rows;
}
