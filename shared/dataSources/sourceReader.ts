/** What the readers of all formats have in common. */
import { MAX_ROW_BYTES, MAX_ROWS } from '../limits.ts';
import type { FoundReading } from '../schemas/common.ts';
import type { RowsWriter } from './rowsWriter.ts';
import { SourceFault, type ProblemList } from './sourceFault.ts';

/**
 * Reads one table: UTF-8 without a byte-order mark in, rows and problems out. A plain state machine
 * without I/O; readSource.ts drives it.
 */
export interface SourceReader {
  /**
   * Takes a window in (pieces.ts), from index `from` on.
   * @returns where it stopped: the window's end, or less when the writer is full; to be pushed again
   *   from there
   * @throws SourceFault when the table cannot be read on
   */
  push(window: Uint8Array, from: number): number;
  /**
   * Ends the table; false when the writer is full: to be called again.
   * @throws SourceFault
   */
  end(): boolean;
  /** 1-based line reached. */
  readonly line: number;
  /** Names of the columns found so far. */
  readonly columns: string[];
  /** Fields inside of them, as header paths name them; undefined where there are none, or too many. */
  readonly nestedColumns?: string[] | undefined;
  /** How it was read, once its end was reached, where that is more than its encoding. */
  readonly found?: FoundReading | undefined;
  /** What was taken otherwise than it is written, in sentences. */
  warnings(): string[];
  /** Rows so far, those with problems included. */
  readonly rowCount: number;
}

/** Where a reader puts what it finds. Once there are problems, rows are no longer worth writing. */
export interface ReaderOutput {
  readonly writer: RowsWriter;
  readonly problems: ProblemList;
}

/** The fault of a row above MAX_ROW_BYTES. @param place where it begins, such as "Line 5" */
export const rowTooLarge = (place: string, line: number) =>
  new SourceFault({
    code: 'ROW_TOO_LARGE',
    line,
    detail: `${place}: the row is larger than ${MAX_ROW_BYTES} bytes. Make it smaller, or close a quote or bracket that is open in it.`,
  });

/** Stops a table that has more than MAX_ROWS rows. */
export function checkRowCount(rowCount: number, line: number) {
  if (rowCount <= MAX_ROWS) return;
  throw new SourceFault({
    code: 'ROWS_TOO_MANY',
    line,
    detail: `The table has more than ${MAX_ROWS} rows. Split it.`,
  });
}
