/**
 * rows.idx: where rows begin in rows.jsonl, so that a shard can be cut without reading them.
 *
 * Format, version 1, all numbers little-endian and unsigned:
 *
 *     bytes  0–3   "SHRX"
 *            4–5   version
 *            6–11  stride: every stride-th row has an offset, beginning with the first
 *           12–17  number of rows
 *           18–23  size of rows.jsonl
 *           24–    one offset of 6 bytes for each of the rows 1, 1 + stride, 1 + 2 × stride, …
 *
 * The stride is a power of two: it doubles whenever there would be more than MAX_INDEX_OFFSETS
 * offsets, so the index stays small whatever the number of rows, and exact while there are few.
 */
import { MAX_INDEX_OFFSETS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { viewOf } from './pieces.ts';

const MAGIC = 'SHRX';
const VERSION = 1;
const HEADER_BYTES = 24;
const NUMBER_BYTES = 6;

/** Offsets of every `stride`-th row in rows.jsonl, in bytes; `bytes` is the size of rows.jsonl. */
export interface RowsIndex {
  readonly rowCount: number;
  readonly stride: number;
  readonly bytes: number;
  readonly offsets: readonly number[];
}

/** Consecutive rows: `firstRow` is 1-based, the bytes are those of their lines in rows.jsonl. */
export interface RowRange {
  readonly firstRow: number;
  readonly rowCount: number;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** Collects offsets while rows are written, in memory that does not grow beyond the index. */
export interface IndexBuilder {
  /** Takes in that the next row begins at `offset`. */
  add(offset: number): void;
  readonly rowCount: number;
  /** @param bytes the size of rows.jsonl */
  finish(bytes: number): RowsIndex;
}

/** An index of no rows yet. */
export function createIndexBuilder(): IndexBuilder {
  let offsets: number[] = [];
  let stride = 1;
  let rowCount = 0;
  return {
    add(offset) {
      if (rowCount % stride === 0) {
        if (offsets.length === MAX_INDEX_OFFSETS) {
          offsets = offsets.filter((_, i) => i % 2 === 0);
          stride *= 2;
        }
        // Still a multiple of the stride after doubling, because MAX_INDEX_OFFSETS is even.
        offsets.push(offset);
      }
      rowCount++;
    },
    get rowCount() {
      return rowCount;
    },
    finish: (bytes) => ({ rowCount, stride, bytes, offsets }),
  };
}

/** The bytes of rows.idx. */
export function encodeIndex({ rowCount, stride, bytes, offsets }: RowsIndex): Uint8Array {
  const encoded = Buffer.alloc(HEADER_BYTES + NUMBER_BYTES * offsets.length);
  encoded.write(MAGIC, 0, 'latin1');
  encoded.writeUInt16LE(VERSION, 4);
  let at = 6;
  for (const number of [stride, rowCount, bytes, ...offsets]) {
    at = encoded.writeUIntLE(number, at, NUMBER_BYTES);
  }
  return encoded;
}

/**
 * Reads rows.idx back.
 * @throws Error when the bytes are no index of this version, or contradict themselves
 */
export function decodeIndex(encoded: Uint8Array): RowsIndex {
  const view = viewOf(encoded);
  if (view.length < HEADER_BYTES || view.toString('latin1', 0, 4) !== MAGIC) {
    throw new Error('This is no index of rows.');
  }
  const version = view.readUInt16LE(4);
  if (version !== VERSION) {
    throw new Error(`The index of rows has version ${version}; version ${VERSION} is known.`);
  }
  const number = (at: number) => view.readUIntLE(at, NUMBER_BYTES);
  const offsets: number[] = [];
  for (let at = HEADER_BYTES; at + NUMBER_BYTES <= view.length; at += NUMBER_BYTES) {
    offsets.push(number(at));
  }
  const index = { stride: number(6), rowCount: number(12), bytes: number(18), offsets };
  const isExact = view.length === HEADER_BYTES + NUMBER_BYTES * offsets.length;
  if (!isExact || !isConsistent(index)) throw new Error('The index of rows is damaged.');
  return index;
}

function isConsistent({ stride, rowCount, bytes, offsets }: RowsIndex): boolean {
  if (stride < 1 || !Number.isInteger(Math.log2(stride))) return false;
  if (offsets.length !== Math.ceil(rowCount / stride)) return false;
  if (rowCount === 0) return bytes === 0;
  // The shortest row is {} and its line break.
  const isAscending = offsets.every((offset, i) => i === 0 || offset - (offsets[i - 1] ?? 0) >= 3);
  return offsets[0] === 0 && isAscending && (offsets.at(-1) ?? 0) + 3 <= bytes;
}

/**
 * The index at this key.
 * @throws ObjectMissing; Error when it is damaged
 */
export async function readIndex(
  { objects }: Pick<Ports, 'objects'>,
  indexKey: string,
): Promise<RowsIndex> {
  return decodeIndex(await objects.read(indexKey));
}

/**
 * Cuts a range into ⌈its rows ÷ rowsPerShard⌉ ranges of nearly equal length, without gaps and in order.
 * A cut is possible only where the index has an offset: with a stride above 1 a range may have up to one
 * stride more than rowsPerShard, and there may be fewer ranges.
 * @param within of rows.jsonl; it may begin and end anywhere
 */
export function cutRange(index: RowsIndex, within: RowRange, rowsPerShard: number): RowRange[] {
  const { stride, offsets } = index;
  const endRow = within.firstRow + within.rowCount;
  /** Points of the index at which a range may begin: the first that is not before the rows, … */
  const firstPoint = Math.ceil((within.firstRow - 1) / stride);
  const points = Math.max(0, Math.ceil((endRow - 1) / stride) - firstPoint);
  const startsAtPoint = (within.firstRow - 1) % stride === 0;
  /** … and, where the rows begin between points, their own beginning before it. */
  const starts = points + (startsAtPoint ? 0 : 1);
  const place = (start: number) => {
    if (start === starts) return { row: endRow, offset: within.byteOffset + within.byteLength };
    const point = firstPoint + start - (startsAtPoint ? 0 : 1);
    const offset = start === 0 ? undefined : offsets[point];
    return offset === undefined
      ? { row: within.firstRow, offset: within.byteOffset }
      : { row: point * stride + 1, offset };
  };
  const ranges = Math.min(Math.ceil(within.rowCount / Math.max(1, rowsPerShard)), starts);
  return Array.from({ length: ranges }, (_, range) => {
    const [start, end] = [range, range + 1].map((i) => place(Math.floor((i * starts) / ranges)));
    if (!start || !end) throw new Error('A range has a beginning and an end.');
    return {
      firstRow: start.row,
      rowCount: end.row - start.row,
      byteOffset: start.offset,
      byteLength: end.offset - start.offset,
    };
  });
}

/** All rows. */
export const allRows = ({ rowCount, bytes }: RowsIndex): RowRange => ({
  firstRow: 1,
  rowCount,
  byteOffset: 0,
  byteLength: bytes,
});

/** Cuts all rows (cutRange). */
export const cutRows = (index: RowsIndex, rowsPerShard: number): RowRange[] =>
  cutRange(index, allRows(index), rowsPerShard);
