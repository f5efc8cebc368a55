import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_SHARDS,
  PART_BYTES,
  S3_MIN_PART_BYTES,
  SEGMENT_BYTES,
  SEGMENT_BYTES_PER_SECOND,
  SHARD_WORK_MS,
  SHARDS_PER_SECOND,
} from '../../../shared/limits.ts';
import { flushInterval } from '../../../shared/shards/attempt.ts';
import {
  rowsPerShard,
  shardsAtOnce,
  shardSeconds,
  workersOf,
} from '../../../shared/shards/shardSize.ts';

const shards = (rowCount: number, concurrency: number, ms: number, bytes: number) =>
  Math.ceil(rowCount / rowsPerShard({ rowCount, concurrency }, { ms, bytes }));

describe('the size of a shard', () => {
  it('is at least one row, at most all, and gives no more shards than there are parts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000_000 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 60_000, noNaN: true }),
        fc.double({ min: 0, max: 1e8, noNaN: true }),
        (rowCount, concurrency, ms, bytes) => {
          const rows = rowsPerShard({ rowCount, concurrency }, { ms, bytes });
          expect(Number.isInteger(rows)).toBe(true);
          expect(rows).toBeGreaterThanOrEqual(1);
          expect(rows).toBeLessThanOrEqual(rowCount);
          expect(Math.ceil(rowCount / rows)).toBeLessThanOrEqual(MAX_SHARDS);
        },
      ),
    );
  });

  it('keeps to the work and to the bytes of a shard, unless there would be too many', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0.01, max: 1_000, noNaN: true }),
        fc.double({ min: 100, max: 1e6, noNaN: true }),
        (rowCount, concurrency, ms, bytes) => {
          const rows = rowsPerShard({ rowCount, concurrency }, { ms, bytes });
          if (Math.ceil(rowCount / (rows - 1)) > MAX_SHARDS) return;
          expect((rows - 1) * ms).toBeLessThanOrEqual(SHARD_WORK_MS);
          expect((rows - 1) * bytes).toBeLessThanOrEqual(SEGMENT_BYTES);
        },
      ),
    );
  });

  it('gives few shards to few rows, and one to every worker when there is work for it', () => {
    expect(shards(10, 10, 0.1, 12_000)).toBe(1);
    expect(shards(10, 10, 2_000, 12_000)).toBe(10);
    expect(shards(10_000, 10, 3, 12_000)).toBe(10);
    expect(shards(1_000, 10, 0.1, 12_000)).toBeLessThanOrEqual(10);
  });

  it('gives every worker as many as the others, of as many bytes as a segment may have', () => {
    const letters = { ms: 0.04, bytes: 9_322 };
    for (const [concurrency, rounds] of [
      [1, 35],
      [10, 4],
      [20, 2],
      [40, 1],
    ] as const) {
      expect(shards(1_000_000, concurrency, letters.ms, letters.bytes)).toBe(concurrency * rounds);
    }
    // As long as no share of a worker is larger than a segment, shares are what is cut.
    expect(shards(200_000, 10, letters.ms, letters.bytes)).toBe(10);
    // A large task has shards of nearly the size of a segment.
    const rows = rowsPerShard({ rowCount: 10_000_000, concurrency: 10 }, letters);
    expect(rows * letters.bytes).toBeGreaterThan(0.95 * SEGMENT_BYTES);
  });

  it('lets S3 copy the segments of large tasks', () => {
    for (const bytes of [2_000, 12_000, 200_000]) {
      const rows = rowsPerShard({ rowCount: 1_000_000, concurrency: 10 }, { ms: 0.05, bytes });
      expect(rows * bytes).toBeGreaterThanOrEqual(S3_MIN_PART_BYTES);
    }
  });

  it('is small for slow templates', () => {
    expect(rowsPerShard({ rowCount: 10_000, concurrency: 1 }, { ms: 1_500, bytes: 1e6 })).toBe(10);
  });
});

describe('the shards at a time', () => {
  const concurrencies = fc.integer({ min: 1, max: 1_000 });
  const shardCosts = fc.record({
    ms: fc.double({ min: 0, max: 120_000, noNaN: true }),
    bytes: fc.double({ min: 0, max: SEGMENT_BYTES, noNaN: true }),
  });

  it('are as many as asked for, or as many as end at the pace that storage takes', () => {
    fc.assert(
      fc.property(concurrencies, shardCosts, (concurrency, shard) => {
        const atOnce = shardsAtOnce(concurrency, shard);
        expect(Number.isInteger(atOnce)).toBe(true);
        expect(atOnce).toBeGreaterThanOrEqual(1);
        expect(atOnce).toBeLessThanOrEqual(concurrency);
        const seconds = Math.max(1, shardSeconds(shard));
        // One more would be too fast already.
        if (atOnce < concurrency) {
          expect((atOnce + 1) / seconds).toBeGreaterThan(SHARDS_PER_SECOND);
          expect((atOnce - 1) / seconds).toBeLessThan(SHARDS_PER_SECOND);
        }
      }),
    );
    expect(shardsAtOnce(1_000, { ms: SHARD_WORK_MS, bytes: 1 })).toBe(1_000);
    expect(shardsAtOnce(1_000, { ms: 3_000, bytes: 1 })).toBe(3 * SHARDS_PER_SECOND);
    // What is sent for two seconds takes two, however fast it was made.
    const bytes = 2 * SEGMENT_BYTES_PER_SECOND;
    expect(shardsAtOnce(1_000, { ms: 500, bytes })).toBe(2 * SHARDS_PER_SECOND);
    expect(shardsAtOnce(1_000, { ms: 1, bytes: 1 })).toBe(SHARDS_PER_SECOND);
    expect(shardsAtOnce(10, { ms: 1, bytes: 1 })).toBe(10);
  });

  it('write no more than one partition of the table and one prefix of the bucket take', () => {
    fc.assert(
      fc.property(concurrencies, shardCosts, (concurrency, shard) => {
        const seconds = Math.max(1, shardSeconds(shard));
        const perSecond = shardsAtOnce(concurrency, shard) / seconds;
        // The task's item has up to 2 KB. A report is written to it and to the shard's own item.
        const unitsOfTask = 2;
        const unitsOfReport = 1 + unitsOfTask;
        // Lease, last report, end.
        const unitsAtEnd = 1 + unitsOfReport + 1;
        const reports = Math.floor((1_000 * seconds) / flushInterval(concurrency));
        // The push lease is taken and given back.
        const pushes = 5 * 2 * unitsOfTask;
        const units = perSecond * (unitsAtEnd + reports * unitsOfReport) + pushes;
        expect(units).toBeLessThan(1_000);
        const writesOfSegment = Math.ceil(SEGMENT_BYTES / PART_BYTES) + 1 + 2;
        expect(perSecond * writesOfSegment).toBeLessThan(3_500);
      }),
    );
  });
});

describe('the workers of a task', () => {
  it('are so many that one round of its shards ends at the pace that storage takes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 1e8, noNaN: true }),
        (concurrency, ms) => {
          const all = { ms, bytes: 0 };
          const workers = workersOf(concurrency, all);
          expect(workers).toBeLessThanOrEqual(concurrency);
          expect(workers).toBeGreaterThanOrEqual(Math.min(concurrency, SHARDS_PER_SECOND));
          // All of them may work at a time.
          const share = { ms: ms / workers, bytes: 0 };
          expect(shardsAtOnce(concurrency, share)).toBeGreaterThanOrEqual(workers - 1);
        },
      ),
    );
    expect(workersOf(1_000, { ms: 1_000_000, bytes: 0 })).toBe(274);
    expect(workersOf(1_000, { ms: 100, bytes: 0 })).toBe(SHARDS_PER_SECOND);
    expect(workersOf(10, { ms: 1_000_000, bytes: 0 })).toBe(10);
  });
});
