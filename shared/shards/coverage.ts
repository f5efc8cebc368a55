/** Which rows of a task are left to a run: pure, from what its shards say. */
import type { RowRange } from '../dataSources/rows.ts';
import type { Counts } from '../schemas/common.ts';
import type { ShardItem } from '../schemas/items.ts';

/** The rows of a shard, as it is or as a plan leaves it. */
export const rangeOf = ({ firstRow, rowCount, byteOffset, byteLength }: RowRange): RowRange => ({
  firstRow,
  rowCount,
  byteOffset,
  byteLength,
});

/** Where a range ends. */
const endOf = ({ firstRow, rowCount, byteOffset, byteLength }: RowRange) => ({
  row: firstRow + rowCount,
  byte: byteOffset + byteLength,
});

/**
 * Whether a run goes on with what a shard lacks: with everything but shards that are whole, and those
 * that failed for good in this very run.
 */
export const isOpen = (shard: ShardItem, run: number): boolean =>
  shard.status !== 'done' && !(shard.status === 'failed' && shard.run === run);

/** What of a shard is to be worked on: from the row on that is not done; undefined when all are. */
export function restOf(shard: ShardItem): RowRange | undefined {
  const { rows, bytes } = shard.reached;
  if (rows >= shard.rowCount) return undefined;
  return {
    firstRow: shard.firstRow + rows,
    rowCount: shard.rowCount - rows,
    byteOffset: shard.byteOffset + bytes,
    byteLength: shard.byteLength - bytes,
  };
}

/**
 * What an open shard keeps when its rest is given to others: the rows that were begun. The last of them
 * may lack some of its parts: those are left to this shard.
 * @returns undefined for a shard of which nothing was made
 */
export function keptOf(shard: ShardItem): { range: RowRange; isWhole: boolean } | undefined {
  const { rows, parts, begunBytes } = shard.reached;
  const rowCount = rows + (parts > 0 ? 1 : 0);
  if (rowCount === 0) return undefined;
  return {
    range: { ...rangeOf(shard), rowCount, byteLength: begunBytes },
    isWhole: parts === 0,
  };
}

/**
 * The rows that no shard has.
 * @param covered what shards have, in any order
 * @throws Error when two of them have a row: then the archive would have it twice
 */
export function gapsOf(all: RowRange, covered: readonly RowRange[]): RowRange[] {
  const gaps: RowRange[] = [];
  let at = { row: all.firstRow, byte: all.byteOffset };
  const gapUntil = (row: number, byte: number) => {
    if (row < at.row) throw new Error(`Row ${row} belongs to two shards.`);
    if (row === at.row) return;
    gaps.push({
      firstRow: at.row,
      rowCount: row - at.row,
      byteOffset: at.byte,
      byteLength: byte - at.byte,
    });
  };
  for (const range of covered.toSorted((a, b) => a.firstRow - b.firstRow)) {
    gapUntil(range.firstRow, range.byteOffset);
    at = endOf(range);
  }
  const end = endOf(all);
  gapUntil(end.row, end.byte);
  return gaps;
}

/** How many documents of a shard that failed for good nobody made. */
export function lostOf(shard: ShardItem, parts: number): number {
  if (shard.status !== 'failed') return 0;
  const { rows, parts: begun } = shard.reached;
  return shard.rowCount * parts - (rows * parts + begun);
}

/**
 * The exact counts of all shards.
 * @param parts documents of a row
 */
export function sumOf(shards: Iterable<ShardItem>, parts: number): Counts {
  const sum: Counts = { succeeded: 0, failed: 0, skipped: 0 };
  for (const shard of shards) {
    sum.succeeded += shard.counts.succeeded;
    sum.failed += shard.counts.failed + lostOf(shard, parts);
    sum.skipped += shard.counts.skipped;
  }
  return sum;
}
