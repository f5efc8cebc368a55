import { randomBytes } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assembleArchive,
  type ShardContribution,
} from '../../../shared/archive/assembleArchive.ts';
import { segmentRanges } from '../../../shared/archive/segmentRanges.ts';
import { S3_MIN_PART_BYTES } from '../../../shared/limits.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { type Outcome, readArchive, type ReadEntry, writeSegment } from '../../support/archives.ts';
import {
  createMemoryObjectStore,
  type MemoryObjectStore,
} from '../../support/memoryObjectStore.ts';

const MiB = 1024 ** 2;
const KEYS = { archiveKey: 'tasks/t/archive.zip', failuresKey: 'tasks/t/reports/failures.csv' };
const noise = randomBytes(9 * MiB);
const missing = { code: 'MISSING_VALUE', column: 'name', detail: 'No name.' } as const;
const lost = { code: 'SHARD_FAILED', detail: 'The shard failed for good: try again.' } as const;

const document = (name: string, bytes: Uint8Array = Buffer.from(name)): Outcome => ({
  kind: 'document',
  name,
  bytes,
});

/** A shard's rows: outcomes to write into a segment, or the number of rows that were lost. */
type Shard = readonly Outcome[] | number;

/** Writes the segments of consecutive shards. */
async function contribute(objects: ObjectStore, shards: readonly Shard[]) {
  const contributions: ShardContribution[] = [];
  let firstRow = 1;
  for (const [index, shard] of shards.entries()) {
    if (typeof shard === 'number') {
      const rows = { firstRow, rowCount: shard, madeOfFirst: 0, templates: ['letter'] };
      contributions.push({ segments: [], lost: { ...rows, failure: lost } });
      firstRow += shard;
    } else {
      const segment = await writeSegment(objects, `tasks/t/segments/${index}`, firstRow, shard);
      contributions.push({ segments: [segment] });
      firstRow += shard.length;
    }
  }
  return contributions;
}

const assemble = async (objects: ObjectStore, shards: readonly Shard[]) =>
  assembleArchive({ objects }, { ...KEYS, contributions: await contribute(objects, shards) });

/** The archive's documents, and its reports as csv-parse reads them. */
async function readBack(objects: MemoryObjectStore) {
  const entries = await readArchive(await objects.read(KEYS.archiveKey));
  const documents = entries.filter(({ name }) => name.endsWith('.docx'));
  const reports = entries.slice(documents.length);
  const lines = (report?: ReadEntry) =>
    report && parse<Record<string, string>>(report.bytes, { bom: true, columns: true });
  return {
    documents,
    reportNames: reports.map(({ name }) => name),
    manifest: lines(reports[0]) ?? [],
    failures: lines(reports[1]),
    failuresBytes: reports[1]?.bytes,
  };
}

/** What `readBack` must give, from the outcomes themselves. */
function expectedOf(shards: readonly Shard[]) {
  const outcomes = shards.flatMap((shard): Outcome[] =>
    typeof shard === 'number'
      ? Array.from({ length: shard }, () => ({ kind: 'failure', failure: lost }))
      : [...shard],
  );
  const documents = outcomes.flatMap((o) =>
    o.kind === 'document' ? [{ name: o.name, bytes: o.bytes }] : [],
  );
  const statuses = { document: 'succeeded', failure: 'failed', skipped: 'skipped' } as const;
  const manifest = outcomes.map((o, index) => ({
    row: String(index + 1),
    status: statuses[o.kind],
    document: o.kind === 'document' ? asCell(o.name) : '',
    bytes: o.kind === 'document' ? String(o.bytes.length) : '',
  }));
  const failures = outcomes.flatMap((o, index) =>
    o.kind === 'failure' ? [{ row: String(index + 1), ...o.failure }] : [],
  );
  return { documents, manifest, failures };
}

/** A cell as the report holds it: what a spreadsheet would run has an apostrophe before it. */
const asCell = (text: string) => (/^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text);

const anyBytes = fc
  .oneof(
    { weight: 12, arbitrary: fc.nat(3_000) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 2 * MiB }) },
    { weight: 1, arbitrary: fc.integer({ min: S3_MIN_PART_BYTES - 100, max: 9 * MiB }) },
  )
  .map((length) => noise.subarray(noise.length - length));

const anyName = fc
  .string({ unit: 'grapheme', maxLength: 8 })
  .map((text) => `${text.replaceAll(/[\\/:\0]/g, '_')}.docx`);

const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('document'), name: anyName, bytes: anyBytes }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'failure', failure: missing } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'skipped' } as const) },
);

const anyShard: fc.Arbitrary<Shard> = fc.oneof(
  { weight: 6, arbitrary: fc.array(anyOutcome, { maxLength: 8 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) },
);

describe('assembleArchive', { timeout: 30_000 }, () => {
  it('joins any segments into an archive of exactly their documents', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyShard, { maxLength: 6 }), async (shards) => {
        const objects = createMemoryObjectStore();
        const result = await assemble(objects, shards);
        const expected = expectedOf(shards);
        const read = await readBack(objects);

        const sameBytes = read.documents.map(({ name, bytes }, index) => {
          const wanted = expected.documents[index];
          return name === wanted?.name && bytes.equals(wanted.bytes);
        });
        expect(sameBytes).toEqual(expected.documents.map(() => true));
        expect(read.manifest).toMatchObject(expected.manifest);
        expect(read.failures ?? []).toMatchObject(expected.failures);
        expect(result).toEqual({
          bytes: (await objects.read(KEYS.archiveKey)).length,
          documents: expected.documents.length,
          failures: expected.failures.length,
        });
        expect(objects.openUploads()).toBe(0);
      }),
      { numRuns: 25 },
    );
  });

  it('makes a small archive by one read of each segment and one put', async () => {
    const objects = createMemoryObjectStore();
    const contributions = await contribute(objects, [[document('a.docx')], [document('b.docx')]]);
    const { put, read } = objects.calls;
    await assembleArchive({ objects }, { ...KEYS, contributions });
    expect(objects.calls.read).toBe(read + 2);
    expect(objects.calls.put).toBe(put + 1);
    expect(objects.calls.startUpload).toBe(0);
    expect(objects.contentType(KEYS.archiveKey)).toBe('application/zip');
  });

  it('copies large segments without reading their documents', async () => {
    const reads: number[] = [];
    const memory = createMemoryObjectStore();
    const objects: ObjectStore = {
      ...memory,
      read: async (key, range) => {
        reads.push(range?.length ?? Infinity);
        return memory.read(key, range);
      },
    };
    const shards = ['a', 'b', 'c'].map((name) => [document(`${name}.docx`, noise)]);
    await assemble(objects, shards);
    expect(memory.calls).toMatchObject({ copyPart: 3, complete: 4 });
    expect(Math.max(...reads)).toBeLessThan(1_000);
    expect((await readBack(memory)).documents).toHaveLength(3);
  });

  it('is an archive with an empty manifest when there is nothing', async () => {
    const objects = createMemoryObjectStore();
    const result = await assemble(objects, []);
    expect(result).toMatchObject({ documents: 0, failures: 0 });
    expect(await readBack(objects)).toMatchObject({
      documents: [],
      reportNames: ['_manifest.csv'],
      manifest: [],
    });
  });

  it('reports failures within the archive and beside it', async () => {
    const objects = createMemoryObjectStore();
    await assemble(objects, [
      [document('a.docx'), { kind: 'failure', failure: missing }],
      2,
      [{ kind: 'skipped' }],
    ]);
    const read = await readBack(objects);
    expect(read.reportNames).toEqual(['_manifest.csv', '_failures.csv']);
    expect(read.failures).toEqual([
      { row: '2', template: 'letter', ...missing, tag: '' },
      { row: '3', template: 'letter', ...lost, tag: '', column: '' },
      { row: '4', template: 'letter', ...lost, tag: '', column: '' },
    ]);
    expect(read.failuresBytes?.equals(await objects.read(KEYS.failuresKey))).toBe(true);
    expect(objects.contentType(KEYS.failuresKey)).toMatch('text/csv');
  });

  it('writes no failure report when nothing failed', async () => {
    const objects = createMemoryObjectStore();
    await assemble(objects, [[document('a.docx')]]);
    expect(objects.keys()).not.toContain(KEYS.failuresKey);
    expect((await readBack(objects)).reportNames).toEqual(['_manifest.csv']);
  });

  it('lists every row and template of a large lost shard', async () => {
    const objects = createMemoryObjectStore();
    const templates = ['offer', 'contract', 'annex, "B"'];
    const rows = { firstRow: 7, rowCount: 5_000, madeOfFirst: 0, templates };
    const result = await assembleArchive(
      { objects },
      { ...KEYS, contributions: [{ segments: [], lost: { ...rows, failure: lost } }] },
    );
    expect(result.failures).toBe(15_000);
    const { manifest, failures } = await readBack(objects);
    const places = Array.from({ length: 15_000 }, (_, index) => ({
      row: String(7 + Math.floor(index / 3)),
      template: templates[index % 3],
    }));
    expect(manifest.map(({ row, template }) => ({ row, template }))).toEqual(places);
    expect(failures?.map(({ row, template }) => ({ row, template }))).toEqual(places);
  });

  it('gives the same bytes again, and overwrites', async () => {
    const objects = createMemoryObjectStore();
    const shards = [[document('a.docx', noise)], 3, [document('b.docx')]];
    const contributions = await contribute(objects, shards);
    await objects.put(KEYS.archiveKey, Buffer.from('an older archive'));
    await assembleArchive({ objects }, { ...KEYS, contributions });
    const first = Buffer.from(await objects.read(KEYS.archiveKey));
    await assembleArchive({ objects }, { ...KEYS, contributions });
    expect(first.equals(await objects.read(KEYS.archiveKey))).toBe(true);
  });

  it.each(['copyPart', 'uploadPart', 'complete', 'read'] as const)(
    'gives the upload up when %s fails, and leaves the earlier archive as it was',
    async (broken) => {
      let failing = false;
      const objects = createMemoryObjectStore({
        before: (call, key) => {
          if (failing && call === broken && (call === 'read') === key.includes('segments')) {
            throw new Error(`${call} is broken`);
          }
        },
      });
      const shards = [[document('a.docx', noise)], [document('b.docx', noise)]];
      const contributions = await contribute(objects, shards);
      await objects.put(KEYS.archiveKey, Buffer.from('an older archive'));
      failing = true;
      await expect(assembleArchive({ objects }, { ...KEYS, contributions })).rejects.toThrow(
        `${broken} is broken`,
      );
      failing = false;
      expect(objects.openUploads()).toBe(0);
      expect(objects.calls.abort).toBe(1);
      expect(Buffer.from(await objects.read(KEYS.archiveKey)).toString()).toBe('an older archive');
    },
  );

  it('tells of the failure even when giving up fails too', async () => {
    const objects = createMemoryObjectStore({
      before: (call) => {
        if (call === 'copyPart' || call === 'abort') throw new Error(`${call} is broken`);
      },
    });
    const contributions = await contribute(objects, [[document('a.docx', noise)]]);
    await expect(assembleArchive({ objects }, { ...KEYS, contributions })).rejects.toThrow(
      'copyPart is broken',
    );
  });

  it('refuses a segment whose directory is damaged or shorter than said', async () => {
    const objects = createMemoryObjectStore();
    const [contribution] = await contribute(objects, [[document('a.docx')]]);
    const segment = contribution?.segments[0];
    if (!contribution || !segment) throw new Error('There is a segment.');
    const assembled = () =>
      assembleArchive({ objects }, { ...KEYS, contributions: [contribution] });

    const bytes = Buffer.from(await objects.read(segment.key));
    const damaged = Buffer.from(bytes);
    damaged[segmentRanges(segment).directory.offset] = 0;
    await objects.put(segment.key, Uint8Array.from(damaged));
    await expect(assembled()).rejects.toThrow('damaged');

    await objects.put(segment.key, Uint8Array.from(bytes.subarray(0, -5)));
    await expect(assembled()).rejects.toThrow(/Expected \d+ bytes/);
    expect(objects.keys()).not.toContain(KEYS.archiveKey);
  });
});
