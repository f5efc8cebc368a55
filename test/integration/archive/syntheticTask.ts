/**
 * The archive of a task of any number of documents, assembled by the real code from segments whose
 * documents are only counted: directories and report lines are real bytes, copies move none. At full
 * size (docs/hundred-million.md): `npx tsx test/integration/archive/syntheticTask.ts 100000000`.
 */
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { crc32 } from 'node:zlib';
import {
  assembleArchive,
  type ShardContribution,
} from '../../../shared/archive/assembleArchive.ts';
import { documentLine } from '../../../shared/archive/reports.ts';
import { directoryRecord, localHeader } from '../../../shared/archive/zip.ts';
import { createIndexBuilder, cutRows } from '../../../shared/dataSources/rowsIndex.ts';
import { objectKeys } from '../../../shared/keys.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { rowsPerShard } from '../../../shared/shards/shardSize.ts';
import { createSparseObjectStore } from '../../support/sparseObjectStore.ts';
import { TASK_ID } from '../../support/tasks.ts';

const LETTER_BYTES = 9_322;
const LINE_BYTES = 234;
/** A row whose number has as many digits as most of 100,000,000. */
const TYPICAL_ROW = 50_000_000;
/** ZIP64 end record, its locator and the end record. */
export const END_BYTES = 56 + 20 + 22;

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
  const rows = rowsPerShard({ rowCount, concurrency: 100 }, { ms: 0.04, bytes: documentBytes });
  return cutRows(index.finish(rowCount * LINE_BYTES), rows);
}

/** Assembles a task of so many documents, one a row. */
export async function assembleSyntheticTask(
  documents: number,
  documentBytes = LETTER_BYTES,
): Promise<SyntheticArchive> {
  const store = createSparseObjectStore({ keepBytes: false });
  const models = new Map<number, ReturnType<typeof modelSegment>>();
  const contributions = shardsOf(documents, documentBytes).map(
    ({ rowCount }, shard): ShardContribution => {
      const model = models.get(rowCount) ?? modelSegment(rowCount, documentBytes);
      models.set(rowCount, model);
      const { entriesBytes, directory, manifest, manifestCrc } = model;
      const key = objectKeys.segment(TASK_ID, shard, 1);
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
      return { kind: 'segment', segment };
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
  const result = await assembleSyntheticTask(Number(argv[2]));
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  const { rss } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ ...result, seconds, rss }, null, 2)}\n`);
}
