import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_SHARDS,
  S3_MIN_PART_BYTES,
  SEGMENT_BYTES,
  SHARD_WORK_MS,
} from '../../../shared/limits.ts';
import { rowsPerShard } from '../../../shared/shards/shardSize.ts';

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
