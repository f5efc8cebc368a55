/** What making an order takes, by what a few of its rows took: the formulas of docs/operations.md, "Cost". */
import { SEGMENT_BYTES, SHARD_WORK_MS } from '../limits.ts';
import type { Estimate } from '../schemas/checks.ts';
import {
  costOf,
  shardsAtOnce,
  shardSeconds,
  workersOf,
  type RowCost,
} from '../shards/shardSize.ts';

/** US dollars at the list prices of us-east-1, without free tiers, as known on 22 November 2026. */
const PRICES = {
  /** Of a GB-second of Lambda on arm64. */
  functionTime: 0.000_013_333_4,
  /** Of a GB-second of Step Functions Express, whose children are of 64 MB. */
  expressTime: 0.000_016_67,
  expressRequest: 1 / 1_000_000,
  transition: 25 / 1_000_000,
  call: 0.2 / 1_000_000,
  bucketWrite: 5 / 1_000_000,
  tableWrite: 0.625 / 1_000_000,
  /** What a task costs besides its documents. */
  task: 0.0004,
};
const FUNCTION_GB = 1769 / 1024;
const CHILD_GB = 64 / 1024;
const UPLOAD_PART_BYTES = 8 * 1024 * 1024;
/** Begun, completed and copied. */
const WRITES_PER_SHARD = 3;
/** A shard tells four times a second what it did, in two units of the table. */
const UNITS_PER_SECOND = 8;

/** Starting, planning, joining and finishing, in seconds. */
const AROUND_SECONDS = 0.5;
/** Segments are copied on the server, several at a time. */
const JOINING_BYTES_PER_SECOND = 2_000_000_000;

/**
 * @param rows of which documents are made
 * @param cost of a row, measured
 * @param concurrency shards at a time that the order asks for; 1 for one after the other
 */
export function estimateOrder(rows: number, cost: RowCost, concurrency: number): Estimate {
  const all = costOf(rows, cost);
  const workSeconds = all.ms / 1000;
  const shards = Math.max(
    1,
    Math.ceil(Math.max(all.ms / SHARD_WORK_MS, all.bytes / SEGMENT_BYTES)),
  );
  const workers = Math.max(1, Math.min(workersOf(concurrency, all), rows));
  const share = costOf(1 / workers, all);
  const atOnce = Math.max(1, Math.min(workers, shardsAtOnce(concurrency, share)));
  const seconds =
    rows === 0
      ? 0
      : AROUND_SECONDS + shardSeconds(all) / atOnce + all.bytes / JOINING_BYTES_PER_SECOND;
  const costUsd =
    PRICES.task +
    workSeconds * FUNCTION_GB * PRICES.functionTime +
    (all.bytes / UPLOAD_PART_BYTES + WRITES_PER_SHARD * shards) * PRICES.bucketWrite +
    shards * (PRICES.transition + PRICES.expressRequest + PRICES.call) +
    workSeconds * CHILD_GB * PRICES.expressTime +
    UNITS_PER_SECOND * workSeconds * PRICES.tableWrite;
  return {
    seconds: Math.round(seconds * 10) / 10,
    bytes: Math.round(all.bytes),
    costUsd: Math.round(costUsd * 10_000) / 10_000,
  };
}
