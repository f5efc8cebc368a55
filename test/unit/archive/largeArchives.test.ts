/** Archives beyond the classic limits of ZIP, and the memory that making them takes. */
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import yauzl from 'yauzl';
import {
  assembleArchive,
  type ShardContribution,
} from '../../../shared/archive/assembleArchive.ts';
import { documentLine, MANIFEST_HEADER } from '../../../shared/archive/reports.ts';
import { directoryRecord, localHeader, type ZipEntry } from '../../../shared/zip/archiveRecords.ts';
import { JOINED_BYTES_AT_ONCE } from '../../../shared/limits.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { readAll, readArchive, writeSegment } from '../../support/archives.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';
import {
  createSparseObjectStore,
  type Piece,
  type SparseObjectStore,
} from '../../support/sparseObjectStore.ts';

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;
const KEYS = { archiveKey: 'archive.zip', failuresKey: 'failures.csv' };

/** The sparse store has what assembling needs; anything else called is a fault of the test. */
const asPort = (store: SparseObjectStore) => store as unknown as ObjectStore;

/** A segment of documents of zeros, of which only headers, records and lines are real bytes. */
function defineSegment(
  store: SparseObjectStore,
  key: string,
  documents: number,
  size: number,
  crc: number,
): ShardContribution {
  const pieces: Piece[] = [];
  const records: Uint8Array[] = [];
  let lines = '';
  let offset = 0;
  for (let index = 0; index < documents; index++) {
    const entry: ZipEntry = { name: `${key}/${index}.docx`, size, crc };
    const header = localHeader(entry);
    pieces.push(header, size);
    records.push(directoryRecord(entry, offset));
    lines += documentLine(index + 1, 'letter', entry.name, size, 'ab'.repeat(32));
    offset += header.length + size;
  }
  const directory = Buffer.concat(records);
  const manifest = Buffer.from(lines);
  store.define(key, [...pieces, directory, manifest]);
  const segment = {
    key,
    documents,
    entriesBytes: offset,
    directoryBytes: directory.length,
    manifestBytes: manifest.length,
    manifestCrc: crc32(manifest),
    failures: 0,
    failuresBytes: 0,
    failuresCrc: 0,
  };
  return { segments: [segment] };
}

class SparseReader extends yauzl.RandomAccessReader {
  readonly store: SparseObjectStore;
  readonly key: string;

  constructor(store: SparseObjectStore, key: string) {
    super();
    this.store = store;
    this.key = key;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const { store, key } = this;
    async function* pieces() {
      for (let at = start; at < end; at += MiB) {
        yield await store.read(key, { offset: at, length: Math.min(MiB, end - at) });
      }
    }
    return Readable.from(pieces());
  }
}

/** Opens an archive that only the store can hold. */
const openSparse = (store: SparseObjectStore, key: string) =>
  yauzl.fromRandomAccessReaderPromise(new SparseReader(store, key), store.size(key), {
    autoClose: false,
  });

describe('an archive of more than 65,535 entries', { timeout: 30_000 }, () => {
  it.each([
    ['the first count with ZIP64', 65_534, 65_535],
    ['more', 66_000, 66_001],
  ])('is read whole: %s', async (_, documents, entryCount) => {
    const objects = createMemoryObjectStore();
    const contributions: ShardContribution[] = [];
    for (let first = 0; first < documents; first += 16_384) {
      const outcomes = Array.from({ length: Math.min(16_384, documents - first) }, (_, index) => ({
        kind: 'document' as const,
        name: `${first + index}.docx`,
        bytes: Buffer.from(String(first + index)),
      }));
      const segment = await writeSegment(objects, `segment-${first}`, first + 1, outcomes);
      contributions.push({ segments: [segment] });
    }
    const result = await assembleArchive({ objects }, { ...KEYS, contributions });
    expect(result.documents).toBe(documents);

    const entries = await readArchive(await objects.read(KEYS.archiveKey));
    expect(entries).toHaveLength(entryCount);
    const right = entries.filter(
      ({ name, bytes }, index) => name === `${index}.docx` && bytes.toString() === String(index),
    );
    expect(right).toHaveLength(documents);
    expect(entries.at(-1)?.name).toBe('_manifest.csv');
  });
});

describe('an archive of more than 4 GiB', () => {
  it('has every entry at its place, before and behind the border', async () => {
    const store = createSparseObjectStore({ keepBytes: true });
    const size = 90 * MiB;
    const crc = crc32(Buffer.alloc(size));
    const last = {
      kind: 'document' as const,
      name: 'last.docx',
      bytes: Buffer.from('behind 4 GiB'),
    };
    const contributions = [
      ...['a', 'b', 'c'].map((key) => defineSegment(store, key, 20, size, crc)),
      { segments: [await writeSegment(asPort(store), 'd', 61, [last])] },
    ];
    const ports = { objects: asPort(store) };
    const result = await assembleArchive(ports, { ...KEYS, contributions });
    expect(result.bytes).toBe(store.size(KEYS.archiveKey));
    expect(result.bytes).toBeGreaterThan(5 * GiB);
    expect(store.parts).toEqual({ copied: 3, uploaded: 1 });

    const file = await openSparse(store, KEYS.archiveKey);
    expect(file.entryCount).toBe(62);
    let expectedOffset = 0;
    const zip64: boolean[] = [];
    for await (const entry of file.eachEntry()) {
      expect(entry.relativeOffsetOfLocalHeader).toBe(expectedOffset);
      const header = await file.readLocalFileHeaderPromise(entry);
      expect(header.fileName.toString()).toBe(entry.fileName);
      expect(header.crc32).toBe(entry.crc32);
      expect(header.compressedSize).toBe(entry.compressedSize);
      expectedOffset = header.fileDataStart + entry.compressedSize;
      zip64.push(entry.extraFields.some(({ id }) => id === 1));
      if (entry.fileName === last.name) {
        const content = await readAll(await file.openReadStreamPromise(entry));
        expect(content.equals(last.bytes)).toBe(true);
      }
      if (entry.fileName === '_manifest.csv') {
        const content = await readAll(await file.openReadStreamPromise(entry));
        expect(crc32(content)).toBe(entry.crc32);
        expect(content.toString().split('\n')).toHaveLength(1 + 61 + 1);
      }
    }
    // 45 entries of 90 MiB begin below 4 GiB, the 46th is the last.
    expect(zip64.indexOf(true)).toBe(46);
    expect(zip64.slice(46)).toEqual(Array(16).fill(true));
    file.close();
  });

  it('has a ZIP64 entry for a manifest that is larger than that itself', async () => {
    const store = createSparseObjectStore({ keepBytes: true });
    store.define('s', [5 * GiB]);
    const segment = {
      key: 's',
      documents: 0,
      entriesBytes: 0,
      directoryBytes: 0,
      manifestBytes: 5 * GiB,
      manifestCrc: 0x12345678,
      failures: 0,
      failuresBytes: 0,
      failuresCrc: 0,
    };
    const contributions = [{ segments: [segment] }];
    await assembleArchive({ objects: asPort(store) }, { ...KEYS, contributions });

    const file = await openSparse(store, KEYS.archiveKey);
    for await (const entry of file.eachEntry()) {
      const header = Buffer.byteLength(MANIFEST_HEADER);
      expect(entry.fileName).toBe('_manifest.csv');
      expect(entry.uncompressedSize).toBe(5 * GiB + header);
      expect(entry.compressedSize).toBe(5 * GiB + header);
      expect(entry.relativeOffsetOfLocalHeader).toBe(0);
      const { fileDataStart } = await file.readLocalFileHeaderPromise(entry, { minimal: true });
      const range = { offset: fileDataStart, length: header };
      const text = Buffer.from(await store.read(KEYS.archiveKey, range)).toString();
      expect(text).toBe(MANIFEST_HEADER);
    }
    file.close();
  });
});

describe('memory', { timeout: 30_000 }, () => {
  async function peakOf(segments: number) {
    const store = createSparseObjectStore({ keepBytes: false });
    const model = defineSegment(store, 'model', 2_000, 12_000, 0);
    const [segment] = model.segments;
    if (!segment) throw new Error('There is a segment.');
    const contributions = Array.from({ length: segments }, () => model);
    const ports = { objects: asPort(store) };
    const result = await assembleArchive(ports, { ...KEYS, contributions });
    expect(result.documents).toBe(segments * 2_000);
    const { directoryBytes, manifestBytes } = segment;
    return { peak: store.peakBytes(), joined: segments * (directoryBytes + manifestBytes) };
  }

  it('is flat in the number of documents: directory and reports are never held whole', async () => {
    const few = await peakOf(400);
    const many = await peakOf(800);
    // Directory and manifest of 1,600,000 documents.
    expect(many.joined).toBeGreaterThan(250 * MiB);
    expect(many.peak).toBeLessThan(JOINED_BYTES_AT_ONCE);
    expect(many.peak).toBeLessThan(1.2 * few.peak);
  });
});
