/** Which rows of a task are left to a run: pure, from what its shards say. */
import type { RowRange } from '../dataSources/rows.ts';
import type { Counts } from '../schemas/common.ts';
import type { KeptDocuments, Retry, ShardItem, TaskItem } from '../schemas/items.ts';
import { partsOf } from '../tasks/parts.ts';

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

/** What became of a shard's documents, the rest of one that was given up included. */
export function outcomesOf(shard: ShardItem, parts: number): Counts {
  const { counts } = shard;
  const lost = lostOf(shard, parts);
  const kept = lost > 0 ? (shard.lost?.kept.count ?? 0) : 0;
  return {
    succeeded: counts.succeeded + kept,
    failed: counts.failed + lost - kept,
    skipped: counts.skipped,
  };
}

/**
 * Documents that were taken over from an earlier task, of those that the archive has.
 * @param own shards of the task's own rows: what retries made anew is merged into them at a run's end
 */
export const reusedIn = (own: readonly ShardItem[]): number =>
  own.reduce((sum, { segments }) => segments.reduce((its, { reused = 0 }) => its + reused, sum), 0);

/** Documents of a run's retries that stay what they were. */
export function keptIn(shards: readonly ShardItem[], run: number): KeptDocuments {
  const all = shards
    .filter((shard) => shard.run === run)
    .flatMap(({ kept, lost, status }) =>
      status === 'failed' && lost ? [kept, lost.kept] : [kept],
    );
  const rows = all.flatMap((each) => each.rows).toSorted((a, b) => a - b);
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    rows: [...new Set(rows)].slice(0, MOST_KEPT_ROWS),
  };
}

/** What was counted for the same documents before a retry came to them. */
const supersededBy = ({ superseded, status, lost }: ShardItem): Counts =>
  status === 'failed' && lost ? added(superseded, lost.superseded) : superseded;

const added = (a: Counts, b: Counts, sign = 1): Counts => ({
  succeeded: a.succeeded + sign * b.succeeded,
  failed: a.failed + sign * b.failed,
  skipped: a.skipped + sign * b.skipped,
});

/** Rows of kept documents that are named, of a shard and of a task. */
const MOST_KEPT_ROWS = 20;

/** Counts one more document that stays, of this row. */
export const withKept = ({ count, rows }: KeptDocuments, row: number): KeptDocuments => ({
  count: count + 1,
  rows: rows.length < MOST_KEPT_ROWS && rows.at(-1) !== row ? [...rows, row] : rows,
});

const NOTHING: Counts = { succeeded: 0, failed: 0, skipped: 0 };

/**
 * The exact counts of all shards, of every layer: of each document what became of it last, except that one
 * that was made stays.
 * @param parts documents of a row
 */
export function sumOf(shards: Iterable<ShardItem>, parts: number): Counts {
  let sum = NOTHING;
  for (const shard of shards) {
    sum = added(added(sum, outcomesOf(shard, parts)), supersededBy(shard), -1);
  }
  return sum;
}

/**
 * The retries whose rows a run goes on with. Once the rows are replaced, what an older one has not tried
 * belongs to the one that replaced them.
 */
export function openRetries({ retries = [] }: Pick<TaskItem, 'retries'>): Retry[] {
  const from = retries.findLastIndex(({ replacesRows }) => replacesRows);
  return retries.slice(Math.max(0, from));
}

/**
 * The same counts while a run works: documents that are to be made anew and were not tried yet are
 * pending.
 */
export function sumAtWork(
  shards: readonly ShardItem[],
  task: Pick<TaskItem, 'retries' | 'templates' | 'steps'>,
): Counts {
  let sum = sumOf(shards, partsOf(task).length);
  for (const { run, before = NOTHING } of openRetries(task)) {
    sum = added(sum, before, -1);
    for (const shard of shards) if (shard.layer === run) sum = added(sum, supersededBy(shard));
  }
  return sum;
}
