/**
 * What an attempt at a shard writes up to a checkpoint: its documents as ZIP entries, and behind them, in
 * the same object, what the archive needs to know of the shard (schemas/items.ts, SegmentSchema). The
 * entries go out in parts as they come; only the directory, the report lines and the origins, some 250 bytes
 * a document, are held to the end.
 */
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Ports } from '../ports.ts';
import type { RowFailure } from '../schemas/common.ts';
import type { DocumentHead } from '../rendering/renderer.ts';
import type { Segment } from '../schemas/items.ts';
import { createEntryWriter } from './entryWriter.ts';
import { appendBytes, appendText, createGrowingBuffer, writtenBytes } from './growingBuffer.ts';
import { createObjectWriter } from './objectWriter.ts';
import { createOriginsWriter } from './origins.ts';
import type { DirectoryEntry } from '../zip/archiveRecords.ts';
import { documentLine, failureLine, missingDocumentLine } from './reports.ts';

/** Writes one segment. Rows come in order; `template` is the template's label. */
export interface SegmentWriter {
  /** Adds a document: a stored entry, its directory record and its manifest line. */
  document(entry: {
    row: number;
    template: string;
    name: string;
    bytes: Uint8Array;
    /** What is known of how the bytes begin. */
    head?: DocumentHead | undefined;
    /** What it was made from, in hex (origins.ts). */
    fingerprint?: string | undefined;
  }): void;
  /**
   * Adds what is told of a document that is taken over from another task. Its entry is to follow, behind
   * those of documents before it and ahead of those behind it.
   */
  taken(entry: {
    row: number;
    template: string;
    name: string;
    bytes: number;
    /** In hex. */
    sha256: string;
    fingerprint: string;
  }): void;
  /** Adds the entry of such a document by its content. @param crc what the content was seen to have */
  takenEntry(name: string, bytes: Uint8Array, crc: number): void;
  /** Bytes of entries that must be there before some can be copied behind them. */
  readonly beforeCopy: number;
  /** Adds the entries of such documents as they are, names included (entryWriter.ts). */
  copyEntries(sourceKey: string, entries: readonly DirectoryEntry[]): Promise<void>;
  /**
   * Memory for the next document, of this name and size: made there it need not be copied. Undefined
   * when there is none in one piece.
   */
  room(name: string, bytes: number): Buffer | undefined;
  /** Adds the manifest line and the failure line of a document that could not be made. */
  failure(entry: { row: number; template: string; failure: RowFailure }): void;
  /** Adds the manifest line of a blank row. */
  skipped(entry: { row: number; template: string }): void;
  /** PART_BYTES or more are buffered: await `flush` before going on. */
  readonly full: boolean;
  /** Uploads what is buffered, in whole parts. */
  flush(): Promise<void>;
  /** Publishes the segment; a small one is a single put. */
  finish(): Promise<Segment>;
  /** Gives the segment up and forgets what was uploaded; safe to repeat. */
  abort(): Promise<void>;
}

/** Report lines that a segment carries on from the one before it. */
export interface CarriedLines {
  readonly manifest: Uint8Array;
  readonly failures: Uint8Array;
  /** How many failure lines there are. */
  readonly failed: number;
}

/** What lies behind the entries of a segment: directory records, manifest and failure lines, origins. */
type BehindEntries = readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

/** What is kept of a segment that was written. */
export const segmentOf = (
  written: Pick<Segment, 'key' | 'documents' | 'entriesBytes' | 'failures'>,
  [directory, manifest, failures, origins]: BehindEntries,
  reused: number,
): Segment => ({
  ...written,
  directoryBytes: directory.length,
  manifestBytes: manifest.length,
  manifestCrc: crc32(manifest),
  failuresBytes: failures.length,
  failuresCrc: crc32(failures),
  ...(origins.length > 0 && {
    originsBytes: origins.length,
    originsCrc: crc32(origins, crc32(directory)),
  }),
  ...(reused > 0 && { reused }),
});

/**
 * Opens a segment for writing at `key`; a repeat with the same documents gives the same bytes.
 * @param carried the lines of the shard so far, which come before those of this segment
 */
export function createSegmentWriter(
  ports: Pick<Ports, 'objects'>,
  key: string,
  carried?: CarriedLines,
): SegmentWriter {
  const object = createObjectWriter(ports, key);
  const entries = createEntryWriter(object);
  const manifest = createGrowingBuffer();
  const failures = createGrowingBuffer();
  const origins = createOriginsWriter();
  let failed = carried?.failed ?? 0;
  if (carried) {
    appendBytes(manifest, carried.manifest);
    appendBytes(failures, carried.failures);
  }

  return {
    room: (name, bytes) => entries.room(name, bytes),
    document({ row, template, name, bytes, head, fingerprint }) {
      const sha256 = head
        ? head.sha256.copy().update(bytes.subarray(head.bytes)).digest('hex')
        : hash('sha256', bytes, 'hex');
      entries.append(name, bytes, head);
      appendText(manifest, documentLine(row, template, name, bytes.length, sha256));
      origins.add(fingerprint, sha256, false);
    },
    taken({ row, template, name, bytes, sha256, fingerprint }) {
      appendText(manifest, documentLine(row, template, name, bytes, sha256));
      origins.add(fingerprint, sha256, true);
    },
    takenEntry: (name, bytes, crc) =>
      entries.append(name, bytes, { bytes: bytes.length, crc32: crc }),
    get beforeCopy() {
      return entries.beforeCopy;
    },
    copyEntries: (sourceKey, copied) => entries.copy(sourceKey, copied),
    failure({ row, template, failure }) {
      appendText(manifest, missingDocumentLine(row, template, 'failed'));
      appendText(failures, failureLine({ row, template, ...failure }));
      failed++;
    },
    skipped({ row, template }) {
      appendText(manifest, missingDocumentLine(row, template, 'skipped'));
    },
    get full() {
      return object.full;
    },
    flush: () => object.flush(),
    async finish() {
      const entriesBytes = object.bytes;
      const behind = [
        entries.directory(),
        writtenBytes(manifest),
        writtenBytes(failures),
        origins.bytes(),
      ] as const;
      for (const bytes of behind) object.append(bytes);
      await object.finish();
      const written = { key, documents: entries.count, entriesBytes, failures: failed };
      return segmentOf(written, behind, origins.reused);
    },
    abort: () => object.abort(),
  };
}
