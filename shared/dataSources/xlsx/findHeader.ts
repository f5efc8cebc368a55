/** Finding the row that names the columns: people put titles, dates and blank rows above it. */
import type { CellBytes } from './sheetRow.ts';

/** A row that may be it, with memory of its own. */
export interface KeptRow {
  readonly number: number;
  readonly cells: CellBytes;
  readonly typed: CellBytes;
  readonly columnCount: number;
}

const QUOTE = 0x22;
/** A title has fewer cells than a header: that has this share of the widest row's. */
const SHARE_OF_WIDEST = 0.6;

/** How many cells hold something, and whether all of these are texts. */
export function filledCells({ cells, typed, columnCount }: KeptRow): {
  count: number;
  areTexts: boolean;
} {
  let count = 0;
  let areTexts = true;
  for (let i = 0, start = 0; i < columnCount; i++) {
    const end = cells.ends[i] as number;
    const typedStart = i === 0 ? 0 : (typed.ends[i - 1] as number);
    // Two quotes are an empty text.
    if (end - start > 0 && !(end - start === 2 && cells.bytes[start] === QUOTE)) {
      count++;
      if (cells.bytes[start] !== QUOTE || typed.ends[i] !== typedStart) areTexts = false;
    }
    start = end;
  }
  return { count, areTexts };
}

/**
 * The position of the row that most likely names the columns: the first of texts alone that is nearly as
 * wide as the widest; else the first that is so wide.
 * @param rows the first rows that hold something, at least one
 */
export function findHeader(rows: readonly KeptRow[]): number {
  const filled = rows.map(filledCells);
  const widest = Math.max(...filled.map(({ count }) => count));
  const isWide = ({ count }: { count: number }) => count >= widest * SHARE_OF_WIDEST;
  const ofTexts = filled.findIndex((row) => row.areTexts && isWide(row));
  if (ofTexts >= 0) return ofTexts;
  return filled.findIndex(isWide);
}
