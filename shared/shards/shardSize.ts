/** How many rows a shard gets: the arithmetic, apart from where its figures come from. */
import {
  MAX_SHARDS,
  S3_MIN_PART_BYTES,
  SEGMENT_BYTES,
  SHARD_MIN_WORK_MS,
  SHARD_WORK_MS,
  SHARDS_PER_SECOND,
} from '../limits.ts';

/** What one row of a task takes: all of its documents together. */
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

/**
 * How many shards of a task are rendered at a time, of `concurrency` that it asks for.
 *
 * Shards that end too fast write more than one partition of the table and one prefix of the bucket take
 * (SHARDS_PER_SECOND); both would refuse calls until attempts fail. So quick shards get fewer workers.
 * It costs them little: at that pace whole segments are 20 GB a second. Slow shards, which profit from
 * many workers, keep all of them. A shard counts for a second at least: if its rows take less, then its
 * bytes take the rest of it to S3, or it is one of at most `concurrency` small ones, over before
 * anything is refused.
 * @param shardMs what the rows of a shard take, without calls
 */
export const shardsAtOnce = (concurrency: number, shardMs: number): number =>
  Math.min(concurrency, Math.ceil((SHARDS_PER_SECOND * Math.max(1_000, shardMs)) / 1_000));
