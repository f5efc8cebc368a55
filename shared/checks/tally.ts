/** Rows in which something was met: how many, and the first of them. */
import { MARKED_ROWS } from '../limits.ts';

export interface Tally {
  readonly count: number;
  /** 1-based, ascending, at most MARKED_ROWS. */
  readonly rows: readonly number[];
}

/** One that counts; a row that comes several times in a row counts once. */
export class RowTally implements Tally {
  #count = 0;
  #last = 0;
  readonly rows: number[] = [];

  get count(): number {
    return this.#count;
  }

  add(row: number): void {
    if (row === this.#last) return;
    this.#last = row;
    this.#count++;
    if (this.rows.length < MARKED_ROWS) this.rows.push(row);
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
