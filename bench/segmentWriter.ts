/**
 * How fast a segment is written, beside what others do with the same documents: archiver (the peer)
 * and plain concatenation (the floor). Two comparisons, each of like with like: the ZIP entries alone
 * with archiver and concatenation, and the whole writer, whose manifest needs a SHA-256 of each
 * document, with concatenation and the bare checksums. Only ratios within one run mean anything.
 */
import { hash, randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { ZipArchive } from 'archiver';
import { createEntryWriter } from '../shared/archive/entryWriter.ts';
import { createObjectWriter } from '../shared/archive/objectWriter.ts';
import { createSegmentWriter } from '../shared/archive/segmentWriter.ts';
import { PART_BYTES } from '../shared/limits.ts';
import type { Benchmark } from './benchmark.ts';
import { save } from './results.ts';
import type { MultipartUpload, ObjectStore } from '../shared/ports.ts';

const DOCUMENT_BYTES = 12_000;
const DOCUMENTS = 6_000;
/** Of different content, more than a processor's cache holds. */
const DIFFERENT_DOCUMENTS = 2_000;
const ROUNDS = 7;

/** Rates are medians; a ratio above 1 says that ours is faster. */
interface SegmentWriterBench {
  readonly documents: number;
  readonly documentBytes: number;
  readonly rounds: number;
  readonly rates: readonly {
    readonly method: string;
    readonly documentsPerSecond: number;
    readonly megabytesPerSecond: number;
  }[];
  readonly ratios: {
    readonly entriesToArchiver: number;
    readonly entriesToConcatenation: number;
    readonly segmentToArchiver: number;
    readonly segmentToConcatenation: number;
    readonly segmentToChecksums: number;
  };
}

/** An object store that takes everything and keeps nothing. */
function createNowhere(): Pick<ObjectStore, 'put' | 'startUpload'> {
  const upload: MultipartUpload = {
    uploadPart: async () => {},
    copyPart: async () => {},
    complete: async () => true,
    abort: async () => {},
  };
  return { put: async () => true, startUpload: async () => upload };
}

/** The documents of one round, in order. */
function* eachDocument(different: readonly Buffer[]) {
  for (let row = 1; row <= DOCUMENTS; row++) {
    const bytes = different[row % different.length];
    if (bytes) yield { row, name: `letter-${row}.docx`, bytes };
  }
}

async function writeWithSegmentWriter(different: readonly Buffer[]) {
  const objects = createNowhere() as ObjectStore;
  const writer = createSegmentWriter({ objects }, 'segment');
  for (const document of eachDocument(different)) {
    writer.document({ ...document, template: 'letter' });
    if (writer.full) await writer.flush();
  }
  await writer.finish();
}

async function writeEntriesOnly(different: readonly Buffer[]) {
  const object = createObjectWriter({ objects: createNowhere() as ObjectStore }, 'segment');
  const entries = createEntryWriter(object);
  for (const { name, bytes } of eachDocument(different)) {
    entries.append(name, bytes);
    if (object.full) await object.flush();
  }
  object.append(entries.directory());
  await object.finish();
}

async function writeWithArchiver(different: readonly Buffer[]) {
  const archive = new ZipArchive({ store: true });
  const nowhere = new Writable({ write: (_bytes, _encoding, done) => done() });
  const written = pipeline(archive, nowhere);
  for (const { name, bytes } of eachDocument(different)) archive.append(bytes, { name });
  await archive.finalize();
  await written;
}

/** Joins documents into parts, as anyone must who uploads them. */
async function concatenate(different: readonly Buffer[], inspect: (bytes: Buffer) => void) {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for (const { bytes } of eachDocument(different)) {
    inspect(bytes);
    pending.push(bytes);
    pendingBytes += bytes.length;
    if (pendingBytes < PART_BYTES) continue;
    Buffer.concat(pending, pendingBytes);
    pending = [];
    pendingBytes = 0;
  }
  Buffer.concat(pending, pendingBytes);
}

const METHODS = {
  'segment writer': writeWithSegmentWriter,
  'its ZIP entries alone': writeEntriesOnly,
  archiver: writeWithArchiver,
  concatenation: (different: readonly Buffer[]) => concatenate(different, () => {}),
  'concatenation, CRC-32, SHA-256': (different: readonly Buffer[]) =>
    concatenate(different, (bytes) => {
      crc32(bytes);
      hash('sha256', bytes, 'hex');
    }),
} as const;
type Method = keyof typeof METHODS;

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Runs all methods by turns, after a warm-up; some seconds. */
async function benchSegmentWriter(): Promise<SegmentWriterBench> {
  const different = Array.from({ length: DIFFERENT_DOCUMENTS }, () => randomBytes(DOCUMENT_BYTES));
  const methods = Object.keys(METHODS) as Method[];
  const seconds: Record<Method, number[]> = {
    'segment writer': [],
    'its ZIP entries alone': [],
    archiver: [],
    concatenation: [],
    'concatenation, CRC-32, SHA-256': [],
  };
  for (let round = 0; round <= ROUNDS; round++) {
    for (const method of methods) {
      const start = performance.now();
      await METHODS[method](different);
      // Round 0 is the warm-up.
      if (round > 0) seconds[method].push((performance.now() - start) / 1000);
    }
  }
  const rate = (method: Method) => DOCUMENTS / median(seconds[method]);
  const ratio = (ours: Method, other: Method) => rate(ours) / rate(other);
  return {
    documents: DOCUMENTS,
    documentBytes: DOCUMENT_BYTES,
    rounds: ROUNDS,
    rates: methods.map((method) => ({
      method,
      documentsPerSecond: Math.round(rate(method)),
      megabytesPerSecond: Math.round((rate(method) * DOCUMENT_BYTES) / 1e6),
    })),
    ratios: {
      entriesToArchiver: ratio('its ZIP entries alone', 'archiver'),
      entriesToConcatenation: ratio('its ZIP entries alone', 'concatenation'),
      segmentToArchiver: ratio('segment writer', 'archiver'),
      segmentToConcatenation: ratio('segment writer', 'concatenation'),
      segmentToChecksums: ratio('segment writer', 'concatenation, CRC-32, SHA-256'),
    },
  };
}

export const segments: Benchmark = {
  name: 'segments',
  arguments: '',
  about: 'the segment writer, archiver and plain concatenation',
  async run() {
    const result = await benchSegmentWriter();
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    await save('segments', result);
  },
};
