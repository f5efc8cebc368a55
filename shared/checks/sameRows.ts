/** Finding what comes again among many texts, by a hash of each: twelve bytes a row and places beside them. */
import { MAX_COMPARED_ROWS } from '../limits.ts';

/** A factor and beginnings as FNV-1a has them (IETF, draft-eastlake-fnv). */
const PRIME = 0x01000193;
const FIRST_BEGINNING = 0x811c9dc5;
const SECOND_BEGINNING = 0x2f3b5a1d;
/** Twice as many places as rows, so that one is found soon. */
const PLACES_PER_ROW = 2;
/**
 * Places that are looked at for a row. Of a table that is half full the longest chain has some
 * ln(rows) ÷ (0.5 - 1 - ln 0.5) places: 80 for four million. More are needed only for rows that were
 * made to have the same hashes, which anybody can: those are left out, so that they cost no time.
 */
export const MOST_PLACES = 400;

/** Rows that have something alike; a row stands for those that come after it. */
export interface SameRows {
  /** @returns the first row with the same text, or 0. Rows beyond MAX_COMPARED_ROWS are not compared */
  add(text: string, row: number): number;
  /** Whether rows were left out: for their number, or because too many have the same hash. */
  readonly isPartial: boolean;
}

/** @param rowCount how many rows come at the most */
export function createSameRows(rowCount: number): SameRows {
  const most = Math.min(rowCount, MAX_COMPARED_ROWS);
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, most * PLACES_PER_ROW)));
  const rows = new Int32Array(size);
  const firsts = new Int32Array(size);
  const seconds = new Int32Array(size);
  let added = 0;
  let isPartial = false;
  return {
    get isPartial() {
      return isPartial;
    },
    add(text, row) {
      let first = FIRST_BEGINNING;
      let second = SECOND_BEGINNING ^ text.length;
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i);
        first = Math.imul(first ^ code, PRIME);
        second = Math.imul(second ^ code, 0x5bd1e995) ^ (second >>> 15);
      }
      for (let looked = 0; looked < MOST_PLACES; looked++) {
        const at = (first + looked) & (size - 1);
        const there = rows[at] as number;
        if (there === 0) {
          if (added === most) break;
          rows[at] = row;
          firsts[at] = first;
          seconds[at] = second;
          added++;
          return 0;
        }
        if (firsts[at] === first && seconds[at] === second) return there;
      }
      isPartial = true;
      return 0;
    },
  };
}
