/** Rows in which something was met: how many, and the first of them. */
import { MAX_REPORT_MARKS } from '../limits.ts';

/** A cell in which something was met. */
export interface Cell {
  readonly row: number;
  /** As header paths of the data name it: `items[2].price`. */
  readonly column: string;
}

export interface Tally {
  readonly count: number;
  /** 1-based, ascending, at most MAX_REPORT_MARKS. */
  readonly rows: readonly number[];
  /** The first cells, at most MAX_REPORT_MARKS, where they may be in several columns; none where they are in one. */
  readonly cells?: readonly Cell[];
  /** How many there are of those. */
  readonly cellCount?: number;
}

/** Where something is met; good only while it is told of. */
export interface MetAt {
  /** As header paths of the data name it. */
  readonly column: () => string;
}

/** Bits of a byte that hold a part of a number; the highest says that more follows. */
const PART_BITS = 7;
const MORE = 1 << PART_BITS;
/** Bytes that a number below MAX_ROWS takes at most. */
const LONGEST = 5;
/** Most tallies have no row, and many have few. */
const NO_BYTES = new Uint8Array(0);
const LEAST_BYTES = 16;

/** Numbers one behind the other, small ones of one byte or two. */
class Numbers {
  #bytes = NO_BYTES;
  #end = 0;

  add(number: number): void {
    if (this.#end + LONGEST > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(LEAST_BYTES, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    let rest = number;
    for (; rest >= MORE; rest >>>= PART_BITS) this.#bytes[this.#end++] = (rest & (MORE - 1)) | MORE;
    this.#bytes[this.#end++] = rest;
  }

  all(): number[] {
    const numbers: number[] = [];
    let number = 0;
    let shift = 0;
    for (const byte of this.#bytes.subarray(0, this.#end)) {
      number |= (byte & (MORE - 1)) << shift;
      shift += PART_BITS;
      if (byte & MORE) continue;
      numbers.push(number);
      number = shift = 0;
    }
    return numbers;
  }
}

/** Cells in the order of their rows: each as what its row is more than the one before, and which column it is. */
class CellTally {
  #kept = 0;
  #count = 0;
  #last = 0;
  readonly #numbers = new Numbers();
  readonly #columns = new Map<string, number>();
  /** Columns of the last row. */
  readonly #inRow = new Set<number>();

  get count(): number {
    return this.#count;
  }

  all(): Cell[] {
    const columns = [...this.#columns.keys()];
    const cells: Cell[] = [];
    const numbers = this.#numbers.all();
    let row = 0;
    for (let i = 0; i < numbers.length; i += 2) {
      row += numbers[i] ?? 0;
      cells.push({ row, column: columns[numbers[i + 1] ?? 0] ?? '' });
    }
    return cells;
  }

  add(row: number, at: MetAt): void {
    if (this.#kept === MAX_REPORT_MARKS) {
      this.#count++;
      return;
    }
    const column = at.column();
    const number = this.#columns.get(column) ?? this.#columns.size;
    this.#columns.set(column, number);
    if (row !== this.#last) this.#inRow.clear();
    // The same tag may stand in several places, and read the same cell there.
    if (this.#inRow.has(number)) return;
    this.#inRow.add(number);
    this.#numbers.add(row - this.#last);
    this.#numbers.add(number);
    this.#last = row;
    this.#count++;
    this.#kept++;
  }
}

/** One that counts; a row that comes several times in a row counts once. Rows come in ascending order. */
export class RowTally implements Tally {
  #count = 0;
  #last = 0;
  #times = 0;
  #cells: CellTally | undefined;
  readonly #rows = new Numbers();

  get count(): number {
    return this.#count;
  }

  /** How often it was met, in one row or in several. */
  get times(): number {
    return this.#times;
  }

  get rows(): number[] {
    let row = 0;
    return this.#rows.all().map((more) => (row += more));
  }

  get cells(): Cell[] {
    return this.#cells?.all() ?? [];
  }

  get cellCount(): number {
    return this.#cells?.count ?? 0;
  }

  /** @param at where in the row; for what is met in one column alone it need not be said */
  add(row: number, at?: MetAt): void {
    this.#times++;
    if (row !== this.#last) {
      if (this.#count < MAX_REPORT_MARKS) this.#rows.add(row - this.#last);
      this.#last = row;
      this.#count++;
    }
    if (at !== undefined) (this.#cells ??= new CellTally()).add(row, at);
  }
}

/** Tallies by a key, made when they are needed first; beyond `most` keys none are. */
export class Tallies<K> {
  readonly #byKey = new Map<K, RowTally>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(key: K, row: number, at?: MetAt): void {
    let tally = this.#byKey.get(key);
    if (!tally) {
      if (this.#byKey.size === this.#most) return;
      tally = new RowTally();
      this.#byKey.set(key, tally);
    }
    tally.add(row, at);
  }

  /** How often the key was met. */
  times(key: K): number {
    return this.#byKey.get(key)?.times ?? 0;
  }

  entries(): [K, RowTally][] {
    return [...this.#byKey];
  }
}

export const NOTHING: Tally = { count: 0, rows: [] };

/** All of them, in the order of rows. */
export function joined(tallies: readonly Tally[]): Tally {
  const [only, ...others] = tallies.filter(({ count }) => count > 0);
  if (!only) return NOTHING;
  if (others.length === 0) return only;
  const all = [only, ...others];
  // Read when they are asked for: all of all findings are much memory.
  const rows = () => [...new Set(all.flatMap((tally) => tally.rows))].sort((a, b) => a - b);
  const isWhole = all.every((tally) => tally.count <= MAX_REPORT_MARKS);
  return {
    // A row may be in several of them.
    count: isWhole ? rows().length : all.reduce((sum, { count }) => sum + count, 0),
    get rows() {
      return rows().slice(0, MAX_REPORT_MARKS);
    },
    get cells() {
      const cells = all.flatMap((tally) => tally.cells ?? []).sort((a, b) => a.row - b.row);
      return cells.slice(0, MAX_REPORT_MARKS);
    },
    cellCount: all.reduce((sum, { cellCount = 0 }) => sum + cellCount, 0),
  };
}
