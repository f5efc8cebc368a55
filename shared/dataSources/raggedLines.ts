/**
 * Lines of a CSV that have other numbers of cells than the header. Spreadsheets leave out empty cells at
 * the end of a line, and write some beside the table: what is unmistakable is taken, and told.
 */
import { isSplitAlso } from './csvDelimiter.ts';
import type { CsvRow } from './csvTokens.ts';
import type { Finding } from './sourceFault.ts';

/** Looks at the lines of one table. */
export interface RaggedLines {
  /**
   * Gives a row as many cells as there are columns: missing ones are absent, empty ones beyond are left
   * out.
   * @param headerCells how many the header has, those without a name at its end included
   * @returns what is wrong with it otherwise
   */
  fit(row: CsvRow, columns: number, headerCells: number): Finding | undefined;
  /** What is wrong with a table of so many rows as a whole. */
  faultOfAll(rowCount: number): Finding | undefined;
  /** What was taken otherwise than it is written, in sentences. */
  warnings(): string[];
}

/** @param delimiter as a byte */
export function createRaggedLines(delimiter: number): RaggedLines {
  let short = 0;
  let firstShort = 0;
  /** Short lines that another delimiter would cut. */
  let otherwise = 0;

  function fill(row: CsvRow, columns: number) {
    if (short++ === 0) firstShort = row.line;
    if (row.cellCount === 1 && isSplitAlso(row.bytes.subarray(0, row.size), delimiter)) otherwise++;
    row.ends.fill(row.size, row.cellCount, columns);
  }

  return {
    fit(row, columns, headerCells) {
      if (row.cellCount === columns) return undefined;
      if (row.cellCount < columns) {
        fill(row, columns);
        return undefined;
      }
      const surplus = firstSurplus(row, columns);
      if (surplus === undefined) return undefined;
      if (surplus <= headerCells) {
        const detail = `Column ${surplus} has no name, but line ${row.line} has a value in it. Name it, or remove the column.`;
        return { code: 'COLUMN_UNNAMED', detail };
      }
      const detail = `Line ${row.line} has ${row.cellCount} cells, but the header has ${headerCells}. Add or remove delimiters, or put cells that contain one in quotes.`;
      return { code: 'CELL_COUNT', detail };
    },
    faultOfAll(rowCount) {
      if (otherwise === 0 || otherwise < rowCount) return undefined;
      const detail =
        'No line has as many cells as the header, but another delimiter than that of the header would cut all of them. Use the same in all lines.';
      return { code: 'CELL_COUNT', detail };
    },
    warnings() {
      if (short === 0) return [];
      const lines =
        short === 1
          ? `Line ${firstShort} has fewer cells than the header`
          : `${short} lines have fewer cells than the header, line ${firstShort} first`;
      return [`${lines}: the missing ones are empty.`];
    },
  };
}

/** 1-based number of the first cell beyond the columns that holds something. */
function firstSurplus({ bytes, ends, cellCount }: CsvRow, columns: number): number | undefined {
  for (let i = columns; i < cellCount; i++) {
    // What is beyond is not kept, so that nobody knows.
    if (i >= ends.length) return i + 1;
    const cell = bytes.subarray(ends[i - 1], ends[i]);
    if (!cell.every((byte) => EMPTY.has(byte))) return i + 1;
  }
  return undefined;
}

/** An empty text in its quotes of JSON, and blanks. */
const EMPTY: ReadonlySet<number> = new Set(Buffer.from('" '));
