/** Places in the reports of a task, which lists go on from: cursors. */
import { hash } from 'node:crypto';
import { Problem } from '../problems.ts';
import type { ShardItem } from '../schemas/items.ts';

/** A line of a list: its row, and which of the row's lines it is, counted from 1. */
export interface LineOfRow {
  readonly row: number;
  readonly nth: number;
}

/** Behind a line of a shard; `at` says how much of the shard's lines that is, in bytes. */
export interface Reached extends LineOfRow {
  readonly shard: ShardItem;
  readonly at: number;
}

/** Where a page begins: as it was reached by the page before. */
export interface Place extends LineOfRow {
  /** The first row of the shard. */
  readonly firstRow: number;
  readonly at: number;
  /** Which lines the shard had: merging a retry writes others. */
  readonly lines: string;
}

/** Places of one list. */
export interface Places {
  /** @throws Problem VALIDATION_ERROR for what is no cursor, or that of another list */
  parse(cursor: string | undefined): Place;
  /** What a page tells that goes no further. */
  endOf(reached: Reached): { readonly nextCursor: string; readonly throughRow: number };
}

const START: Place = { firstRow: 1, at: 0, lines: '', row: 0, nth: 0 };
const CURSOR = /^([1-9]\d{0,8})\.(\d{1,15})\.([\w-]{8})\.(\d{1,9})\.(\d{1,4})\.([\w-]{12})$/;

/** @param list what makes it another list: the task, and what is asked of it */
export function placesIn(list: readonly (string | undefined)[]): Places {
  const mark = digest(JSON.stringify(list), 12);
  return {
    parse(cursor) {
      if (cursor === undefined) return START;
      const [, firstRow, at, lines = '', row, nth, marked] = CURSOR.exec(cursor) ?? [];
      if (marked !== mark) {
        const detail = 'The cursor is not one of this list. Use nextCursor of the page before.';
        throw new Problem('VALIDATION_ERROR', detail, { errors: [{ pointer: '/cursor', detail }] });
      }
      return {
        firstRow: Number(firstRow),
        at: Number(at),
        lines,
        row: Number(row),
        nth: Number(nth),
      };
    },
    endOf: ({ shard, at, row, nth }) => ({
      nextCursor: [shard.firstRow, at, linesOf(shard), row, nth, mark].join('.'),
      throughRow: row,
    }),
  };
}

/** @param before the line before */
export const lineBehind = (before: LineOfRow, row: number): LineOfRow => ({
  row,
  nth: row === before.row ? before.nth + 1 : 1,
});

/**
 * Where a list goes on in this shard, in bytes of its lines: where it stopped, or behind the same line of those that
 * were written in place of the older.
 * @param all the lines of the shard, from the first on, with their ends
 */
export async function startIn(
  shard: ShardItem,
  place: Place,
  all: () => AsyncIterable<{ readonly row: number; readonly endsAt: number }>,
): Promise<number> {
  if (shard.firstRow !== place.firstRow || place.at === 0) return 0;
  if (linesOf(shard) === place.lines) return place.at;
  let at = 0;
  let line: LineOfRow = START;
  for await (const { row, endsAt } of all()) {
    line = lineBehind(line, row);
    if (row > place.row || (row === place.row && line.nth > place.nth)) break;
    at = endsAt;
  }
  return at;
}

/** Who goes on with a shard carries its lines on; merging a retry begins with a segment of another key. */
const linesOf = ({ segments }: ShardItem) => digest(segments[0]?.key ?? '', 8);

const digest = (text: string, length: number) => hash('sha256', text, 'base64url').slice(0, length);
