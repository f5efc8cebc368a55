/**
 * The archive of a task of any number of documents, assembled by the real code from segments whose
 * documents are only counted: directories and report lines are real bytes, copies move none. At full
 * size (docs/hundred-million.md): `npx tsx test/integration/archive/syntheticTask.ts 100000000`, and with
 * `waiting` behind it, as long as S3 is taken to need, which are five minutes.
 */
import { argv } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { crc32 } from 'node:zlib';
import {
  assembleArchive,
  type ShardContribution,
} from '../../../shared/archive/assembleArchive.ts';
import { documentLine } from '../../../shared/archive/reports.ts';
import { directoryRecord, localHeader } from '../../../shared/zip/archiveRecords.ts';
import { createIndexBuilder, cutRows } from '../../../shared/dataSources/rowsIndex.ts';
import { objectKeys } from '../../../shared/keys.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { costOf, rowsPerShard, workersOf } from '../../../shared/shards/shardSize.ts';
import {
  createSparseObjectStore,
  type SparseObjectStore,
} from '../../support/sparseObjectStore.ts';
import { TASK_ID } from '../../support/tasks.ts';

const LETTER_BYTES = 9_322;
const LINE_BYTES = 234;
/** A row whose number has as many digits as most of 100,000,000. */
const TYPICAL_ROW = 50_000_000;
/** ZIP64 end record, its locator and the end record. */
export const END_BYTES = 56 + 20 + 22;

/** How long S3 lets wait. It promises no such figures: these are what is usual. */
interface Pace {
  readonly firstByteMs: number;
  readonly connectionBytesPerSecond: number;
  readonly copyBytesPerSecond: number;
}
const USUAL_PACE: Pace = {
  firstByteMs: 150,
  connectionBytesPerSecond: 80e6,
  copyBytesPerSecond: 100e6,
};

/** The store, as slow as S3. */
function slowedDown(store: SparseObjectStore, pace: Pace): SparseObjectStore {
  const wait = (bytes: number, bytesPerSecond: number) =>
    sleep(pace.firstByteMs + (1_000 * bytes) / bytesPerSecond);
  return {
    ...store,
    async read(key, range) {
      await wait(range?.length ?? store.size(key), pace.connectionBytesPerSecond);
      return store.read(key, range);
    },
    async startUpload(key) {
      const upload = await store.startUpload(key);
      return {
        ...upload,
        async uploadPart(partNumber, body) {
          await wait(body.length, pace.connectionBytesPerSecond);
          return upload.uploadPart(partNumber, body);
        },
        async copyPart(partNumber, sourceKey, range) {
          await wait(range?.length ?? store.size(sourceKey), pace.copyBytesPerSecond);
          return upload.copyPart(partNumber, sourceKey, range);
        },
      };
    },
  };
}

export interface SyntheticArchive {
  readonly shards: number;
  readonly bytes: number;
  readonly documents: number;
  /** What the upload was completed with. */
  readonly completedBytes: number;
  readonly parts: { readonly copied: number; readonly uploaded: number };
  /** The most bytes that reads and uploads had under way at once. */
  readonly peakBytes: number;
  /** As the ZIP64 end record has it. */
  readonly directory: {
    readonly entries: number;
    readonly bytes: number;
    readonly offset: number;
  };
}

/** What a segment of so many documents has in real bytes; one stands for all of its size. */
function modelSegment(documents: number, documentBytes: number) {
  const records: Uint8Array[] = [];
  let lines = '';
  let entriesBytes = 0;
  for (let row = TYPICAL_ROW; row < TYPICAL_ROW + documents; row++) {
    const entry = { name: `letter-${row}.docx`, size: documentBytes, crc: 0 };
    records.push(directoryRecord(entry, entriesBytes));
    lines += documentLine(row, 'letter', entry.name, documentBytes, '0'.repeat(64));
    entriesBytes += localHeader(entry).length + documentBytes;
  }
  const manifest = Buffer.from(lines);
  return {
    entriesBytes,
    directory: Buffer.concat(records),
    manifest,
    manifestCrc: crc32(manifest),
  };
}

/** Where the shards of so many rows are cut. */
function shardsOf(rowCount: number, documentBytes: number) {
  const index = createIndexBuilder();
  for (let row = 0; row < rowCount; row++) index.add(row * LINE_BYTES);
  const cost = { ms: 0.04, bytes: documentBytes };
  const workers = workersOf(100, costOf(rowCount, cost));
  const rows = rowsPerShard({ rowCount, concurrency: workers }, cost);
  return cutRows(index.finish(rowCount * LINE_BYTES), rows);
}

/** Assembles a task of so many documents, one a row; without a pace, as fast as this machine can. */
export async function assembleSyntheticTask(
  documents: number,
  { documentBytes = LETTER_BYTES, pace }: { documentBytes?: number; pace?: Pace } = {},
): Promise<SyntheticArchive> {
  const fastStore = createSparseObjectStore({ keepBytes: false });
  const store = pace ? slowedDown(fastStore, pace) : fastStore;
  const models = new Map<number, ReturnType<typeof modelSegment>>();
  const contributions = shardsOf(documents, documentBytes).map(
    ({ firstRow, rowCount }): ShardContribution => {
      const model = models.get(rowCount) ?? modelSegment(rowCount, documentBytes);
      models.set(rowCount, model);
      const { entriesBytes, directory, manifest, manifestCrc } = model;
      const key = objectKeys.segment(TASK_ID, firstRow, 1, 0);
      store.define(key, [entriesBytes, directory, manifest]);
      const segment = {
        key,
        documents: rowCount,
        entriesBytes,
        directoryBytes: directory.length,
        manifestBytes: manifest.length,
        manifestCrc,
        failures: 0,
        failuresBytes: 0,
        failuresCrc: 0,
      };
      return { segments: [segment] };
    },
  );

  let lastPart = 0;
  let end = Buffer.alloc(END_BYTES);
  const objects: Pick<ObjectStore, 'put' | 'read' | 'startUpload'> = {
    ...store,
    async startUpload(key) {
      const upload = await store.startUpload(key);
      return {
        ...upload,
        uploadPart(partNumber, body) {
          if (partNumber > lastPart) {
            lastPart = partNumber;
            end = Buffer.from(body.slice(-END_BYTES));
          }
          return upload.uploadPart(partNumber, body);
        },
      };
    },
  };
  const archiveKey = objectKeys.archive(TASK_ID);
  const failuresKey = objectKeys.failures(TASK_ID);
  // Assembling calls nothing else of the port.
  const ports = { objects: objects as ObjectStore };
  const archive = await assembleArchive(ports, { archiveKey, failuresKey, contributions });
  const number = (at: number) => Number(end.readBigUInt64LE(at));
  return {
    shards: contributions.length,
    bytes: archive.bytes,
    documents: archive.documents,
    completedBytes: store.size(archiveKey),
    parts: { ...store.parts },
    peakBytes: store.peakBytes(),
    directory: { entries: number(32), bytes: number(40), offset: number(48) },
  };
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const begun = performance.now();
  const pace = argv[3] === 'waiting' ? { pace: USUAL_PACE } : {};
  const result = await assembleSyntheticTask(Number(argv[2]), pace);
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  const { rss } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ ...result, seconds, rss }, null, 2)}\n`);
}
