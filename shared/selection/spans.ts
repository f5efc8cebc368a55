/** Spans of rows. */
import * as z from 'zod';

/** From one row to another, both included. */
export const RowSpanSchema = z.tuple([z.int().min(1), z.int().min(1)]);
export type RowSpan = z.infer<typeof RowSpanSchema>;

/** The spans in order, those that touch each other as one. */
export function joinSpans(spans: readonly RowSpan[]): RowSpan[] {
  const joined: RowSpan[] = [];
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

/** How many rows they are. */
export const rowsIn = (spans: readonly RowSpan[]): number =>
  spans.reduce((sum, [from, to]) => sum + to - from + 1, 0);

/** @returns for rows that are asked for in ascending order: whether some span has them */
export function spanLookup(spans: readonly RowSpan[]) {
  let at = 0;
  return (row: number): boolean => {
    while (at < spans.length && (spans[at]?.[1] ?? 0) < row) at++;
    return (spans[at]?.[0] ?? Infinity) <= row;
  };
}
