/** Rows in which something was met: how many, and the first of them. */
import { MARKED_ROWS } from '../limits.ts';

/** Most tallies have no row, and many have few. */
const NO_BYTES = new Uint8Array(0);
const LEAST_BYTES = 16;

export interface Tally {
  readonly count: number;
  /** 1-based, ascending, at most MARKED_ROWS. */
  readonly rows: readonly number[];
}

/** Bits of a byte that hold a part of a number; the highest says that more follows. */
const PART_BITS = 7;
const MORE = 1 << PART_BITS;
/** Bytes that a number below MAX_ROWS takes at most. */
const LONGEST = 5;

/**
 * One that counts; a row that comes several times in a row counts once. Rows come in ascending order, and are kept
 * as what each is more than the one before, of one byte or two as a rule.
 */
export class RowTally implements Tally {
  #count = 0;
  #last = 0;
  #kept = 0;
  #bytes = NO_BYTES;
  #end = 0;

  get count(): number {
    return this.#count;
  }

  get rows(): number[] {
    const rows: number[] = [];
    let row = 0;
    let more = 0;
    let shift = 0;
    for (const byte of this.#bytes.subarray(0, this.#end)) {
      more |= (byte & (MORE - 1)) << shift;
      shift += PART_BITS;
      if (byte & MORE) continue;
      rows.push((row += more));
      more = shift = 0;
    }
    return rows;
  }

  add(row: number): void {
    if (row === this.#last) return;
    if (this.#kept < MARKED_ROWS) this.#keep(row - this.#last);
    this.#last = row;
    this.#count++;
  }

  #keep(more: number): void {
    this.#kept++;
    if (this.#end + LONGEST > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(LEAST_BYTES, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    let rest = more;
    for (; rest >= MORE; rest >>>= PART_BITS) this.#bytes[this.#end++] = (rest & (MORE - 1)) | MORE;
    this.#bytes[this.#end++] = rest;
  }
}

/** Tallies by a key, made when they are needed first; beyond `most` keys none are. */
export class Tallies<K> {
  readonly #byKey = new Map<K, RowTally>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(key: K, row: number): void {
    let tally = this.#byKey.get(key);
    if (!tally) {
      if (this.#byKey.size === this.#most) return;
      tally = new RowTally();
      this.#byKey.set(key, tally);
    }
    tally.add(row);
  }

  get(key: K): Tally {
    return this.#byKey.get(key) ?? NOTHING;
  }

  entries(): [K, Tally][] {
    return [...this.#byKey];
  }
}

export const NOTHING: Tally = { count: 0, rows: [] };

/** Both, in the order of rows. */
export function joined(tallies: readonly Tally[]): Tally {
  const [only, ...others] = tallies.filter(({ count }) => count > 0);
  if (!only) return NOTHING;
  if (others.length === 0) return only;
  return {
    count: tallies.reduce((sum, { count }) => sum + count, 0),
    rows: [...new Set(tallies.flatMap(({ rows }) => rows))]
      .sort((a, b) => a - b)
      .slice(0, MARKED_ROWS),
  };
}
