/**
 * What one attempt at a shard writes: its documents as ZIP entries, and behind them, in the same
 * object, what the archive needs to know of them (schemas/items.ts, SegmentSchema). The entries go
 * out in parts as they come; only the directory and the report lines, some 200 bytes a document, are
 * held to the end.
 */
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { MAX_DOCUMENT_BYTES, MAX_DOCUMENT_NAME_BYTES } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { RowFailure } from '../schemas/common.ts';
import type { Segment } from '../schemas/items.ts';
import { appendText, createGrowingBuffer, reserve, writtenBytes } from './growingBuffer.ts';
import { createObjectWriter } from './objectWriter.ts';
import { documentLine, failureLine, missingDocumentLine } from './reports.ts';
import {
  directoryRecordBytes,
  LOCAL_HEADER_BYTES,
  writeDirectoryRecord,
  writeLocalHeader,
} from './zip.ts';

/** Writes one segment. Rows come in order; `template` is the template's label. */
export interface SegmentWriter {
  /** Adds a document: a stored entry, its directory record and its manifest line. */
  document(entry: { row: number; template: string; name: string; bytes: Uint8Array }): void;
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

/** Opens a segment for writing at `key`; a repeat with the same documents gives the same bytes. */
export function createSegmentWriter(ports: Pick<Ports, 'objects'>, key: string): SegmentWriter {
  const object = createObjectWriter(ports, key);
  const directory = createGrowingBuffer();
  const manifest = createGrowingBuffer();
  const failures = createGrowingBuffer();
  // A longer name is cut by `write`, but not to within the limit: a character has up to 4 bytes.
  const header = Buffer.alloc(LOCAL_HEADER_BYTES + MAX_DOCUMENT_NAME_BYTES + 4);
  const headerView = new DataView(header.buffer, header.byteOffset, header.byteLength);
  let documents = 0;
  let failed = 0;

  function appendEntry(name: string, bytes: Uint8Array) {
    const nameBytes = header.write(name, LOCAL_HEADER_BYTES);
    if (nameBytes > MAX_DOCUMENT_NAME_BYTES) {
      throw new RangeError(`A document's name has at most ${MAX_DOCUMENT_NAME_BYTES} bytes.`);
    }
    if (bytes.length > MAX_DOCUMENT_BYTES) {
      throw new RangeError(`A document has at most ${MAX_DOCUMENT_BYTES} bytes.`);
    }
    const crc = crc32(bytes);
    const offset = object.bytes;
    writeLocalHeader(headerView, 0, nameBytes, bytes.length, crc);
    object.append(header.subarray(0, LOCAL_HEADER_BYTES + nameBytes));
    object.append(bytes);

    reserve(directory, directoryRecordBytes(nameBytes, bytes.length));
    const nameAt = writeDirectoryRecord(
      directory.view,
      directory.length,
      nameBytes,
      bytes.length,
      crc,
      offset,
    );
    header.copy(directory.bytes, nameAt, LOCAL_HEADER_BYTES, LOCAL_HEADER_BYTES + nameBytes);
    directory.length += directoryRecordBytes(nameBytes, bytes.length);
    documents++;
  }

  return {
    document({ row, template, name, bytes }) {
      appendEntry(name, bytes);
      const sha256 = hash('sha256', bytes, 'hex');
      appendText(manifest, documentLine(row, template, name, bytes.length, sha256));
    },
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
      const segment: Segment = {
        key,
        documents,
        entriesBytes: object.bytes,
        directoryBytes: directory.length,
        manifestBytes: manifest.length,
        manifestCrc: crc32(writtenBytes(manifest)),
        failures: failed,
        failuresBytes: failures.length,
        failuresCrc: crc32(writtenBytes(failures)),
      };
      object.append(writtenBytes(directory));
      object.append(writtenBytes(manifest));
      object.append(writtenBytes(failures));
      await object.finish();
      return segment;
    },
    abort: () => object.abort(),
  };
}
