/** Single rows out of many: found by the index, read in as few stretches as their places allow. */
import type { Ports } from '../ports.ts';
import { readRows, type NumberedRow } from './rows.ts';
import type { RowRange, RowsIndex } from './rowsIndex.ts';
import type { RowsKeys } from './rowsWriter.ts';

/** A request costs as much as the reading of so many bytes, and more. */
const ONE_READ_BYTES = 1024 * 1024;

/** The rows between two points of the index that hold this one. */
function blockOf({ rowCount, stride, bytes, offsets }: RowsIndex, row: number): RowRange {
  const point = Math.floor((row - 1) / stride);
  const byteOffset = offsets[point];
  if (byteOffset === undefined || row > rowCount) throw new Error(`There is no row ${row}.`);
  const firstRow = point * stride + 1;
  return {
    firstRow,
    rowCount: Math.min(stride, rowCount - firstRow + 1),
    byteOffset,
    byteLength: (offsets[point + 1] ?? bytes) - byteOffset,
  };
}

const joined = (a: RowRange, b: RowRange): RowRange => ({
  firstRow: a.firstRow,
  rowCount: b.firstRow + b.rowCount - a.firstRow,
  byteOffset: a.byteOffset,
  byteLength: b.byteOffset + b.byteLength - a.byteOffset,
});

const gapBytes = (a: RowRange, b: RowRange) => b.byteOffset - (a.byteOffset + a.byteLength);

/** Rows that are read in one go. */
interface Stretch {
  readonly range: RowRange;
  readonly wanted: readonly number[];
}

function stretchesOf(index: RowsIndex, rows: readonly number[]): Stretch[] {
  const stretches: { range: RowRange; wanted: number[] }[] = [];
  for (const row of rows) {
    const block = blockOf(index, row);
    const last = stretches.at(-1);
    if (last && gapBytes(last.range, block) <= ONE_READ_BYTES) {
      last.range = joined(last.range, block);
      last.wanted.push(row);
    } else stretches.push({ range: block, wanted: [row] });
  }
  return stretches;
}

/**
 * These rows, in their order.
 * @param rows ascending
 * @throws ObjectMissing; Error when the bytes are not the rows
 */
export async function* readRowsAt(
  ports: Pick<Ports, 'objects'>,
  { rowsKey }: Pick<RowsKeys, 'rowsKey'>,
  index: RowsIndex,
  rows: readonly number[],
): AsyncGenerator<NumberedRow, void, undefined> {
  for (const { range, wanted } of stretchesOf(index, rows)) {
    let next = 0;
    for await (const batch of readRows(ports, rowsKey, range)) {
      for (const row of batch.rows) {
        if (row.row !== wanted[next]) continue;
        yield row;
        next++;
      }
      if (next === wanted.length) break;
    }
  }
}

/** Where a row begins, in bytes of rows.jsonl; of the row behind the last, where that ends. */
export async function placeOfRow(
  ports: Pick<Ports, 'objects'>,
  { rowsKey }: Pick<RowsKeys, 'rowsKey'>,
  index: RowsIndex,
  row: number,
): Promise<number> {
  if (row === index.rowCount + 1) return index.bytes;
  const block = blockOf(index, row);
  if (row === block.firstRow) return block.byteOffset;
  for await (const batch of readRows(ports, rowsKey, block)) {
    const before = batch.rows.findIndex((each) => each.row === row - 1);
    if (before >= 0) return block.byteOffset + batch.endOf(before);
  }
  throw new Error(`There is no row ${row}.`);
}
