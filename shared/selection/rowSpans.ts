/** Rows as people name them: numbers and spans of them, such as "3,7-9". */
import { joinSpans, type RowSpan } from './spans.ts';

const SPAN = /^(\d{1,9})(?:-(\d{1,9}))?$/;

/** What is quoted of a text that cannot be read: it may be anything. */
const SHOWN_CHARACTERS = 20;

/** Spans in order, or what is wrong, as a sentence that says what to do. */
export function parseRowSpans(
  text: string,
  rowCount: number,
): { readonly spans: RowSpan[] } | { readonly fault: string } {
  const spans: RowSpan[] = [];
  for (const piece of text.split(',')) {
    const written = piece.replace(/\s+/g, '');
    const [, first, last = first] = SPAN.exec(written) ?? [];
    if (first === undefined) {
      const shown = JSON.stringify(piece.trim().slice(0, SHOWN_CHARACTERS));
      return { fault: `${shown} is no row. Name rows by their numbers, such as "3,7-9".` };
    }
    const [from, to] = [Number(first), Number(last)];
    if (from > to) {
      return { fault: `${from}-${to} goes backwards. Write the smaller number first.` };
    }
    const missing = noSuchRow(from, rowCount) ?? noSuchRow(to, rowCount);
    if (missing !== undefined) return { fault: missing };
    spans.push([from, to]);
  }
  return { spans: joinSpans(spans) };
}

/** Why a number is that of no row; undefined when it is. */
export function noSuchRow(row: number, rowCount: number): string | undefined {
  if (row < 1) return `There is no row ${row}: rows are counted from 1.`;
  if (row <= rowCount) return undefined;
  return `There is no row ${row}: there ${rowCount === 1 ? 'is 1 row' : `are ${rowCount} rows`}.`;
}
