/** How many rows a shard gets: the arithmetic, apart from where its figures come from. */
import {
  MAX_SHARDS,
  S3_MIN_PART_BYTES,
  SEGMENT_BYTES,
  SEGMENT_BYTES_PER_SECOND,
  SHARD_MIN_WORK_MS,
  SHARD_WORK_MS,
  SHARDS_PER_SECOND,
} from '../limits.ts';

/** What rows take: all of their documents together. */
export interface RowCost {
  readonly ms: number;
  readonly bytes: number;
}

/** Below any real cost: keeps the divisions finite. */
const LEAST: RowCost = { ms: 1e-4, bytes: 1 };

/**
 * Rows a shard, from 1 to all of them.
 *
 * A shard is worth its calls (SHARD_MIN_WORK_MS), every worker has as many as the others
 * (`concurrency`), it is done well within its function's time (SHARD_WORK_MS), and its segment is of a
 * size that S3 copies in one part (SEGMENT_BYTES). Where the rows suffice, the segment is not smaller
 * than S3's smallest part, so that the archive is copied on the server. Last, there are no more shards
 * than parts (MAX_SHARDS).
 */
export function rowsPerShard(
  task: { readonly rowCount: number; readonly concurrency: number },
  cost: RowCost,
): number {
  const ms = Math.max(cost.ms, LEAST.ms);
  const bytes = Math.max(cost.bytes, LEAST.bytes);
  const most = Math.min(SHARD_WORK_MS / ms, SEGMENT_BYTES / bytes);
  const least = Math.min(most, SHARD_MIN_WORK_MS / ms);
  const share = task.rowCount / task.concurrency;
  // Shards of `most` rows would leave workers without one in the last round: 35 shards, 10 workers.
  const even = share / Math.max(1, Math.ceil(share / most));
  // A task whose shares are smaller than a part is small: its archive is joined in memory in a moment.
  const copied = share * bytes >= S3_MIN_PART_BYTES ? (1.2 * S3_MIN_PART_BYTES) / bytes : 0;
  const wanted = Math.min(most, Math.max(least, even, copied));
  const rows = Math.ceil(Math.max(1, wanted, task.rowCount / MAX_SHARDS));
  return Math.min(rows, Math.max(1, task.rowCount));
}

/** What so many rows take. */
export const costOf = (rows: number, { ms, bytes }: RowCost): RowCost => ({
  ms: rows * ms,
  bytes: rows * bytes,
});

/** Seconds that a shard takes at least, its calls left out: its segment is sent while it is made. */
export const shardSeconds = (shard: RowCost): number =>
  Math.max(shard.ms / 1_000, shard.bytes / SEGMENT_BYTES_PER_SECOND);

/**
 * How many shards of a task are rendered at a time, of `concurrency` that it asks for.
 *
 * Shards that end too fast write more than one partition of the table and one prefix of the bucket take
 * (SHARDS_PER_SECOND); both would refuse calls until attempts fail. So quick shards get fewer workers.
 * It costs them little: at that pace whole segments are 20 GB a second. Slow shards, which profit from
 * many workers, keep all of them. A shard counts for a second at least: quicker ones are so small that
 * their calls, or the start of their function, are most of that.
 * @param shard what the rows of a shard take together
 */
export const shardsAtOnce = (concurrency: number, shard: RowCost): number =>
  Math.min(concurrency, Math.ceil(SHARDS_PER_SECOND * Math.max(1, shardSeconds(shard))));

/**
 * The workers that a task is cut for, of `concurrency` that it asks for: with more, its shards would be
 * so short that fewer of them are rendered at a time. A round of w shards, each a w-th of the task, ends
 * at the allowed pace when w ÷ (seconds of the task ÷ w) is that pace.
 * @param all what all rows take together
 */
export function workersOf(concurrency: number, all: RowCost): number {
  const oneRound = Math.ceil(Math.sqrt(SHARDS_PER_SECOND * shardSeconds(all)));
  return Math.min(concurrency, Math.max(SHARDS_PER_SECOND, oneRound));
}
