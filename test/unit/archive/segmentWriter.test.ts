import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseFailureLines, parseManifestLines } from '../../../shared/archive/reports.ts';
import {
  failureLines,
  locateDocument,
  manifestLines,
} from '../../../shared/archive/segmentReader.ts';
import { createSegmentWriter } from '../../../shared/archive/segmentWriter.ts';
import { endRecords } from '../../../shared/zip/archiveRecords.ts';
import { PART_BYTES } from '../../../shared/limits.ts';
import { SegmentSchema, type Segment } from '../../../shared/schemas/items.ts';
import { readArchive, writeSegment } from '../../support/archives.ts';
import { collect } from '../../support/collect.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';

const KEY = 'tasks/t/segments/00000-1';
const text = (content: string) => Buffer.from(content);
const missing = {
  code: 'MISSING_VALUE',
  tag: '{name}',
  column: 'name',
  detail: 'Column "name" is empty: fill it.',
} as const;

/** The four stretches of a segment object. */
async function stretchesOf(objects: ReturnType<typeof createMemoryObjectStore>, segment: Segment) {
  const bytes = Buffer.from(await objects.read(segment.key));
  const sizes = [
    segment.entriesBytes,
    segment.directoryBytes,
    segment.manifestBytes,
    segment.failuresBytes,
  ];
  let at = 0;
  const stretches = sizes.map((size) => bytes.subarray(at, (at += size)));
  expect(at).toBe(bytes.length);
  const [entries, directory, manifest, failures] = stretches as [Buffer, Buffer, Buffer, Buffer];
  return { entries, directory, manifest, failures };
}

describe('createSegmentWriter', () => {
  it('writes entries, directory, manifest and failures, and tells their sizes and CRCs', async () => {
    const objects = createMemoryObjectStore();
    const writer = createSegmentWriter({ objects }, KEY);
    writer.document({ row: 1, template: 'letter', name: 'a/Zoë 陳.docx', bytes: text('one') });
    writer.failure({ row: 2, template: 'letter', failure: missing });
    writer.skipped({ row: 3, template: 'letter' });
    writer.document({ row: 4, template: 'letter', name: 'b.docx', bytes: text('') });
    const segment = SegmentSchema.parse(await writer.finish());

    const { entries, directory, manifest, failures } = await stretchesOf(objects, segment);
    expect(segment).toMatchObject({ key: KEY, documents: 2, failures: 1 });
    expect(segment.manifestCrc).toBe(crc32(manifest));
    expect(segment.failuresCrc).toBe(crc32(failures));

    // Entries, directory and an end record are a ZIP file by themselves.
    const end = endRecords({ entries: 2, offset: entries.length, bytes: directory.length });
    expect(await readArchive(Buffer.concat([entries, directory, end]))).toEqual([
      { name: 'a/Zoë 陳.docx', bytes: text('one') },
      { name: 'b.docx', bytes: text('') },
    ]);

    const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
    expect(parseManifestLines(manifest).map(({ line }) => line)).toEqual([
      {
        row: 1,
        template: 'letter',
        document: 'a/Zoë 陳.docx',
        status: 'succeeded',
        bytes: 3,
        sha256: sha256('one'),
      },
      { row: 2, template: 'letter', status: 'failed' },
      { row: 3, template: 'letter', status: 'skipped' },
      {
        row: 4,
        template: 'letter',
        document: 'b.docx',
        status: 'succeeded',
        bytes: 0,
        sha256: sha256(''),
      },
    ]);
    expect(parseFailureLines(failures).map(({ line }) => line)).toEqual([
      { row: 2, template: 'letter', ...missing },
    ]);
  });

  it('puts a small segment at once, and an empty one too', async () => {
    const objects = createMemoryObjectStore();
    const segment = await createSegmentWriter({ objects }, KEY).finish();
    expect(segment).toEqual({
      key: KEY,
      documents: 0,
      entriesBytes: 0,
      directoryBytes: 0,
      manifestBytes: 0,
      manifestCrc: 0,
      failures: 0,
      failuresBytes: 0,
      failuresCrc: 0,
    });
    expect(objects.calls).toMatchObject({ put: 1, startUpload: 0 });
  });

  it('uploads a large segment in parts while it is written', async () => {
    const objects = createMemoryObjectStore();
    const content = Buffer.alloc(PART_BYTES / 2 + 1, 'sheaf');
    const writer = createSegmentWriter({ objects }, KEY);
    const fullAfter: boolean[] = [];
    for (const row of [1, 2, 3, 4, 5]) {
      writer.document({ row, template: 'letter', name: `${row}.docx`, bytes: content });
      fullAfter.push(writer.full);
      if (writer.full) await writer.flush();
    }
    const segment = await writer.finish();
    expect(fullAfter).toEqual([false, true, false, true, false]);
    expect(objects.calls).toMatchObject({ put: 0, uploadPart: 3, complete: 1 });
    const { entries, directory } = await stretchesOf(objects, segment);
    const end = endRecords({ entries: 5, offset: entries.length, bytes: directory.length });
    const read = await readArchive(Buffer.concat([entries, directory, end]));
    expect(read.map(({ bytes }) => bytes.equals(content))).toEqual(Array(5).fill(true));
  });

  it('keeps a document of its room whole when a longer name leaves it none', async () => {
    const objects = createMemoryObjectStore();
    const writer = createSegmentWriter({ objects }, KEY);
    let size = 2 * PART_BYTES;
    while (!writer.room('x', size)) size--;
    const room = writer.room('x', size) ?? expect.fail('There is no room.');
    const document = randomBytes(size);
    document.copy(room);
    writer.document({ row: 1, template: 'letter', name: 'longer.docx', bytes: room });

    const segment = await writer.finish();
    const { entries, directory } = await stretchesOf(objects, segment);
    const end = endRecords({ entries: 1, offset: entries.length, bytes: directory.length });
    const [read] = await readArchive(Buffer.concat([entries, directory, end]));
    expect(read?.bytes.equals(document)).toBe(true);
  });

  it('takes documents from its room, and what is known of how they begin', async () => {
    const objects = createMemoryObjectStore();
    const writer = createSegmentWriter({ objects }, KEY);
    const begin = text('every document begins so, ');
    const head = {
      bytes: begin.length,
      crc32: crc32(begin),
      sha256: createHash('sha256').update(begin),
    };
    const documents = ['one', 'two', 'three'].map((end) => Buffer.concat([begin, text(end)]));
    for (const [i, document] of documents.entries()) {
      const room = writer.room(`${i}.docx`, document.length) ?? expect.fail('There is no room.');
      document.copy(room);
      writer.document({ row: i + 1, template: 'letter', name: `${i}.docx`, bytes: room, head });
    }
    // Made in the room of another name, it lies in the way of its own header.
    const room = writer.room('x', 4) ?? expect.fail('There is no room.');
    room.write('four');
    writer.document({ row: 4, template: 'letter', name: 'a longer name.docx', bytes: room });

    const segment = await writer.finish();
    const { entries, directory, manifest } = await stretchesOf(objects, segment);
    const end = endRecords({ entries: 4, offset: entries.length, bytes: directory.length });
    const expected = [...documents, text('four')];
    const read = await readArchive(Buffer.concat([entries, directory, end]));
    expect(read.map(({ bytes }) => bytes.toString())).toEqual(expected.map(String));
    expect(parseManifestLines(manifest).map(({ line }) => 'sha256' in line && line.sha256)).toEqual(
      expected.map((bytes) => createHash('sha256').update(bytes).digest('hex')),
    );
  });

  it('gives the same bytes for the same documents', async () => {
    const objects = createMemoryObjectStore();
    const outcomes = [
      { kind: 'document', name: 'a.docx', bytes: text('one') },
      { kind: 'failure', failure: missing },
    ] as const;
    const first = await writeSegment(objects, 'first', 1, outcomes);
    const second = await writeSegment(objects, 'second', 1, outcomes);
    expect(second).toEqual({ ...first, key: 'second' });
    expect(await objects.read('second')).toEqual(await objects.read('first'));
  });

  it('refuses a name or a document above the limit, without a trace of it', async () => {
    const objects = createMemoryObjectStore();
    const writer = createSegmentWriter({ objects }, KEY);
    const add = (name: string, bytes: Uint8Array) => {
      writer.document({ row: 1, template: 'letter', name, bytes });
    };
    expect(() => add('x'.repeat(181), text(''))).toThrow('at most 180 bytes');
    expect(() => add('陳'.repeat(61), text(''))).toThrow('at most 180 bytes');
    expect(() => add('陳'.repeat(40_000), text(''))).toThrow('at most 180 bytes');
    expect(() => add('a.docx', new Uint8Array(100 * 1024 * 1024 + 1))).toThrow(RangeError);
    add('陳'.repeat(60), text(''));
    const segment = await writer.finish();
    expect(segment.documents).toBe(1);
    const [first] = await collect(manifestLines({ objects }, segment));
    expect(first?.line).toMatchObject({ document: '陳'.repeat(60) });
  });

  it('leaves nothing behind when it is given up', async () => {
    const objects = createMemoryObjectStore();
    const writer = createSegmentWriter({ objects }, KEY);
    const bytes = new Uint8Array(PART_BYTES);
    writer.document({ row: 1, template: 'letter', name: 'a.docx', bytes });
    await writer.flush();
    await writer.abort();
    expect(objects.calls).toMatchObject({ startUpload: 1, abort: 1 });
    expect(objects.openUploads()).toBe(0);
    expect(objects.keys()).toEqual([]);
  });
});

describe('reading a segment', () => {
  const outcomes = [
    { kind: 'skipped' },
    { kind: 'document', name: 'Zoë.docx', bytes: text('first') },
    { kind: 'failure', failure: missing },
    { kind: 'document', name: 'b.docx', bytes: text('second') },
  ] as const;

  it('finds a document within the segment object', async () => {
    const objects = createMemoryObjectStore();
    const segment = await writeSegment(objects, KEY, 11, outcomes);
    for (const [name, content] of [
      ['Zoë.docx', 'first'],
      ['b.docx', 'second'],
    ] as const) {
      const place = await locateDocument({ objects }, [segment], name);
      expect(place?.key).toBe(KEY);
      expect(Buffer.from(await objects.read(KEY, place?.range)).toString()).toBe(content);
    }
  });

  it('finds none where none was made', async () => {
    const objects = createMemoryObjectStore();
    const segment = await writeSegment(objects, KEY, 11, outcomes);
    expect(await locateDocument({ objects }, [segment], 'c.docx')).toBeUndefined();
    const empty = await writeSegment(objects, 'empty', 1, [{ kind: 'skipped' }]);
    expect(await locateDocument({ objects }, [empty], 'b.docx')).toBeUndefined();
  });

  it('tells what became of each document, and why', async () => {
    const objects = createMemoryObjectStore();
    const segment = await writeSegment(objects, KEY, 11, outcomes);
    const manifest = await collect(manifestLines({ objects }, segment));
    expect(manifest.map(({ line: { row, status } }) => [row, status])).toEqual([
      [11, 'skipped'],
      [12, 'succeeded'],
      [13, 'failed'],
      [14, 'succeeded'],
    ]);
    const failures = await collect(failureLines({ objects }, segment));
    expect(failures.map(({ line }) => line)).toEqual([{ row: 13, template: 'letter', ...missing }]);
  });

  it('reads nothing of an empty segment', async () => {
    const objects = createMemoryObjectStore();
    const segment = await writeSegment(objects, KEY, 1, []);
    expect(await collect(manifestLines({ objects }, segment))).toEqual([]);
    expect(await collect(failureLines({ objects }, segment))).toEqual([]);
    expect(objects.calls.read).toBe(0);
  });
});
