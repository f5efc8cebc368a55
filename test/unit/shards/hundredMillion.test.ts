/** The largest task, planned by the real code: docs/hundred-million.md has its figures from here. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { layOutArchive } from '../../../shared/archive/archiveLayout.ts';
import { planParts } from '../../../shared/archive/partPlan.ts';
import {
  createIndexBuilder,
  cutRows,
  encodeIndex,
  type RowRange,
  type RowsIndex,
} from '../../../shared/dataSources/rowsIndex.ts';
import { objectKeys } from '../../../shared/keys.ts';
import {
  MAX_ROWS,
  MAX_SHARDS,
  S3_MAX_PART_BYTES,
  S3_MAX_PARTS,
  STATE_BYTES_MAX,
} from '../../../shared/limits.ts';
import {
  costOf,
  rowsPerShard,
  shardsAtOnce,
  workersOf,
  type RowCost,
} from '../../../shared/shards/shardSize.ts';
import { TASK_ID } from '../../support/tasks.ts';

/** A line of rows.jsonl. */
const LINE_BYTES = 234;
const LETTER: RowCost = { ms: 0.04, bytes: 9_322 };
/** Around a document: its local header (30 and the name), its directory record, its manifest line. */
const NAME_BYTES = 'letter-100000000.docx'.length;
const HEADER_BYTES = 30 + NAME_BYTES;
const RECORD_BYTES = 58 + NAME_BYTES;
const REPORT_LINE_BYTES = 118;

let index: RowsIndex;

beforeAll(() => {
  const builder = createIndexBuilder();
  for (let row = 0; row < MAX_ROWS; row++) builder.add(row * LINE_BYTES);
  index = builder.finish(MAX_ROWS * LINE_BYTES);
});

function cut(wanted: number, cost: RowCost) {
  const concurrency = workersOf(wanted, costOf(MAX_ROWS, cost));
  return cutRows(index, rowsPerShard({ rowCount: MAX_ROWS, concurrency }, cost));
}

function segmentOf({ firstRow, rowCount }: RowRange, documentBytes: number) {
  return {
    key: objectKeys.segment(TASK_ID, firstRow, 1, 0),
    documents: rowCount,
    entriesBytes: rowCount * (documentBytes + HEADER_BYTES),
    directoryBytes: rowCount * RECORD_BYTES,
    manifestBytes: rowCount * REPORT_LINE_BYTES,
    manifestCrc: 0,
    failures: 0,
    failuresBytes: 0,
    failuresCrc: 0,
  };
}

describe('a task of 100,000,000 rows', () => {
  it('has an index of 293 KB', () => {
    expect(index.stride).toBe(2_048);
    expect(encodeIndex(index)).toHaveLength(292_998);
  });

  it('is cut into 3,500 shards of 26,624 to 28,672 letters', () => {
    const sizes = new Map<number, number>();
    for (const { rowCount } of cut(100, LETTER)) {
      sizes.set(rowCount, (sizes.get(rowCount) ?? 0) + 1);
    }
    expect(Object.fromEntries(sizes)).toEqual({ 26624: 171, 26880: 1, 28672: 3_328 });
  });

  it('has 147 letter shards at a time, of 1,000 that are asked for', () => {
    const { length } = cut(1_000, LETTER);
    const shard = costOf(MAX_ROWS / length, LETTER);
    expect([length, shardsAtOnce(1_000, shard)]).toEqual([3_670, 147]);
    expect(shardsAtOnce(100, shard)).toBe(100);
  });

  it('is cut into 9,000 shards of at most 12,288 rows, when it is of larger or slower documents', () => {
    for (const cost of [
      { ...LETTER, bytes: 25_000 },
      { ...LETTER, ms: 1.5 },
    ]) {
      const rows = cut(100, cost).map(({ rowCount }) => rowCount);
      expect([rows.length, Math.max(...rows)]).toEqual([MAX_SHARDS, 12_288]);
    }
  });

  it('has shards of every row, in order, whatever it costs; the map can read each of them', () => {
    const concurrencies = fc.integer({ min: 1, max: 1_000 });
    const costs = fc.record({
      ms: fc.double({ min: 0, max: 60_000, noNaN: true }),
      bytes: fc.double({ min: 0, max: 1e8, noNaN: true }),
    });
    fc.assert(
      fc.property(concurrencies, costs, (concurrency, cost) => {
        const ranges = cut(concurrency, cost);
        expect(ranges.length).toBeLessThanOrEqual(MAX_SHARDS);
        let row = 1;
        let offset = 0;
        for (const range of ranges) {
          if (range.firstRow !== row || range.byteOffset !== offset || range.rowCount < 1) {
            throw new Error(`There is a gap or an empty shard before row ${row}.`);
          }
          row += range.rowCount;
          offset += range.byteLength;
        }
        expect([row, offset]).toEqual([MAX_ROWS + 1, index.bytes]);
        const item = { taskId: TASK_ID, run: 1, round: 1, ...ranges.at(-1) };
        expect(JSON.stringify(item).length).toBeLessThan(STATE_BYTES_MAX);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['9 KB', 9_322],
    ['250 KB', 250_000],
    ['430 KB, the largest that S3 copies in one part a shard', 430_000],
  ])('has an archive that fits into the parts of one upload: documents of %s', (_, bytes) => {
    const segments = cut(100, { ...LETTER, bytes }).map((range) => ({
      segments: [segmentOf(range, bytes)],
    }));
    const { archive, documents } = layOutArchive(segments);
    expect(documents).toBe(MAX_ROWS);
    const parts = planParts(archive);
    expect(parts.length).toBeLessThanOrEqual(S3_MAX_PARTS);
    expect(parts.filter(({ kind }) => kind === 'copy')).toHaveLength(segments.length);
    for (const part of parts) {
      const length = part.kind === 'copy' ? part.slice.length : part.length;
      expect(length).toBeLessThanOrEqual(S3_MAX_PART_BYTES);
    }
  });
});
