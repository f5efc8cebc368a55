import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { assembleArchive } from '../../../shared/archive/assembleArchive.ts';
import { mergeSegments } from '../../../shared/archive/mergeSegments.ts';
import { createSegmentWriter } from '../../../shared/archive/segmentWriter.ts';
import { readOutcomes, type Outcome as Told } from '../../../shared/archive/shardOutcomes.ts';
import { S3_MIN_PART_BYTES } from '../../../shared/limits.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import type { Segment } from '../../../shared/schemas/items.ts';
import { readArchive } from '../../support/archives.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';

const MiB = 1024 ** 2;
const noise = randomBytes(12 * MiB);
const LABELS = ['letter', 'annex'];
const KEYS = { archiveKey: 'tasks/t/archive.zip', failuresKey: 'tasks/t/reports/failures.csv' };
const FAILURE = { code: 'RENDER_FAILED', detail: 'No.' } as const;

/** What becomes of a document: its bytes, or why there is none. */
type Fate = { readonly size: number } | 'failed' | 'skipped' | undefined;

const anyFate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 8, arbitrary: fc.nat(2_000).map((size) => ({ size })) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: S3_MIN_PART_BYTES - 100, max: 8 * MiB }).map((size) => ({ size })),
  },
  { weight: 3, arbitrary: fc.constant('failed' as const) },
  { weight: 1, arbitrary: fc.constant('skipped' as const) },
);

/** Fates of the documents of rows, some rows left out. */
const fates = (rows: number) =>
  fc.array(fc.option(fc.tuple(anyFate, anyFate), { nil: undefined }), {
    minLength: rows,
    maxLength: rows,
  });

/** Bytes that tell documents apart: those of the second try end otherwise. */
const bytesOf = (size: number, tryNo: number) =>
  Buffer.concat([noise.subarray(0, size), Buffer.from(`try ${tryNo}`)]);
const nameOf = (row: number, part: number, tryNo: number) => `${row}-${part}-try${tryNo}.docx`;

/** Writes them as a shard would, in segments of these many rows, each with the lines of those before. */
async function write(
  objects: ObjectStore,
  of: readonly (readonly [Fate, Fate] | undefined)[],
  tryNo: number,
  rowsPerSegment: number,
): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (let from = 0; from < of.length; from += rowsPerSegment) {
    const last = segments.at(-1);
    const carried = last && {
      manifest: (await objects.read(last.key)).slice(-last.manifestBytes - last.failuresBytes),
      failed: last.failures,
    };
    const writer = createSegmentWriter(
      { objects },
      `tasks/t/${tryNo}/${from}`,
      carried && {
        manifest: carried.manifest.slice(0, last.manifestBytes),
        failures: carried.manifest.slice(last.manifestBytes),
        failed: carried.failed,
      },
    );
    for (const [i, pair] of of.slice(from, from + rowsPerSegment).entries()) {
      for (const [part, fate] of (pair ?? []).entries()) {
        const place = { row: from + i + 1, template: LABELS[part] ?? '' };
        if (fate === undefined) continue;
        if (fate === 'failed') writer.failure({ ...place, failure: FAILURE });
        else if (fate === 'skipped') writer.skipped(place);
        else {
          const name = nameOf(place.row, part, tryNo);
          writer.document({ ...place, name, bytes: bytesOf(fate.size, tryNo) });
        }
        if (writer.full) await writer.flush();
      }
    }
    segments.push(await writer.finish());
  }
  return segments;
}

async function outcomes(objects: ObjectStore, segments: readonly Segment[]): Promise<Told[]> {
  const told: Told[] = [];
  for await (const outcome of readOutcomes({ objects }, segments, LABELS)) told.push(outcome);
  return told;
}

describe('merged segments', { timeout: 60_000 }, () => {
  it('have of every document the newest that was made, else what became of it last', async () => {
    const tries = fc
      .integer({ min: 1, max: 9 })
      .chain((rows) => fc.tuple(fates(rows), fates(rows), fc.integer({ min: 1, max: rows })));
    await fc.assert(
      fc.asyncProperty(tries, async ([first, second, rowsPerSegment]) => {
        const objects = createMemoryObjectStore();
        const older = await write(objects, first, 1, rowsPerSegment);
        const newer = await write(objects, second, 2, rowsPerSegment);
        const told = await outcomes(objects, newer);
        const merged = await mergeSegments({ objects }, 'tasks/t/merged', older, told, LABELS);

        await assembleArchive({ objects }, { ...KEYS, contributions: [{ segments: [merged] }] });
        const entries = await readArchive(await objects.read(KEYS.archiveKey));
        const report = (name: string) => {
          const entry = entries.find((each) => each.name === name);
          return entry
            ? parse<Record<string, string>>(entry.bytes, { bom: true, columns: true })
            : [];
        };
        const expected = first.flatMap((_, i) =>
          LABELS.flatMap((template, part) => {
            const all = [first[i]?.[part], second[i]?.[part]];
            const made = all.findLastIndex((fate) => typeof fate === 'object');
            const at = made >= 0 ? made : all.findLastIndex((fate) => fate !== undefined);
            const fate = all[at];
            const row = String(i + 1);
            if (fate === undefined) return [];
            if (typeof fate === 'string') return [{ row, template, status: fate, document: '' }];
            const document = nameOf(i + 1, part, at + 1);
            return [{ row, template, status: 'succeeded', document }];
          }),
        );
        expect(report('_manifest.csv')).toMatchObject(expected);
        expect(report('_manifest.csv')).toHaveLength(expected.length);
        const failed = expected.filter(({ status }) => status === 'failed');
        expect(report('_failures.csv').map(({ row, template }) => ({ row, template }))).toEqual(
          failed.map(({ row, template }) => ({ row, template })),
        );
        const documents = entries.filter(({ name }) => name.endsWith('.docx'));
        expect(documents.map(({ name }) => name)).toEqual(
          expected.map(({ document }) => document).filter((name) => name !== ''),
        );
        for (const { name, bytes } of documents) {
          expect(bytes.subarray(-5).toString()).toBe(`try ${name.slice(-6, -5)}`);
        }
        expect(objects.openUploads()).toBe(0);
      }),
      // Nothing was tried, and nothing is written.
      { numRuns: 40, examples: [[[[undefined], [undefined], 1]]] },
    );
  });

  it('copy what lies between two documents on the server, and read it not', async () => {
    const reads: number[] = [];
    const memory = createMemoryObjectStore();
    const first = [{ size: 6 * MiB }, { size: 10 }, { size: 11 * MiB }].map(
      (fate) => [fate, undefined] as [Fate, Fate],
    );
    const older = await write(memory, first, 1, 3);
    const second: [Fate, Fate][] = [
      [undefined, undefined],
      [{ size: 20 }, undefined],
      [undefined, undefined],
    ];
    const told = await outcomes(memory, await write(memory, second, 2, 3));
    const objects: ObjectStore = {
      ...memory,
      read: async (key, range) => {
        reads.push(range?.length ?? Infinity);
        return memory.read(key, range);
      },
    };
    await mergeSegments({ objects }, 'tasks/t/merged', older, told, LABELS);
    expect(memory.calls.copyPart).toBe(2);
    // What is too small for a part by itself borrows from its neighbour.
    expect(reads.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(S3_MIN_PART_BYTES + 2_000);
  });

  it('are the same bytes again', async () => {
    const objects = createMemoryObjectStore();
    const first: [Fate, Fate][] = [[{ size: 5 }, 'failed']];
    const older = await write(objects, first, 1, 1);
    const told = await outcomes(objects, await write(objects, [[undefined, { size: 9 }]], 2, 1));
    const merge = () => mergeSegments({ objects }, 'tasks/t/merged', older, told, LABELS);
    const once = await merge();
    const bytes = Buffer.from(await objects.read('tasks/t/merged'));
    expect(await merge()).toEqual(once);
    expect(bytes.equals(await objects.read('tasks/t/merged'))).toBe(true);
  });

  it('refuse lines and entries that do not belong together', async () => {
    const objects = createMemoryObjectStore();
    const [segment] = await write(objects, [[{ size: 5 }, undefined]], 1, 1);
    if (!segment) throw new Error('There is a segment.');
    await expect(outcomes(objects, [{ ...segment, documents: 0 }])).rejects.toThrow('no entry');
    const [failed] = await write(objects, [['failed', undefined]], 3, 1);
    if (!failed) throw new Error('There is a segment.');
    await expect(outcomes(objects, [{ ...failed, failuresBytes: 0 }])).rejects.toThrow('why row 1');
  });
});
