/** Writes documents as stored ZIP entries, and keeps their directory records (zip.ts). */
import { crc32 } from 'node:zlib';
import { MAX_DOCUMENT_BYTES, MAX_DOCUMENT_NAME_BYTES } from '../limits.ts';
import { createGrowingBuffer, reserve, writtenBytes } from './growingBuffer.ts';
import type { ObjectWriter } from './objectWriter.ts';
import {
  directoryRecordBytes,
  LOCAL_HEADER_BYTES,
  writeDirectoryRecord,
  writeLocalHeader,
} from './zip.ts';

export interface EntryWriter {
  /**
   * Appends an entry to the object.
   * @throws RangeError when the name or the bytes are above their limit; nothing is written then
   */
  append(name: string, bytes: Uint8Array): void;
  /** Entries appended. */
  readonly count: number;
  /** Their directory records, with offsets within the object. */
  directory(): Uint8Array;
}

/** Runs once a document: it makes no objects but the views that copying needs. */
export function createEntryWriter(object: ObjectWriter): EntryWriter {
  const directory = createGrowingBuffer();
  // A longer name is cut by `write`, but not to within the limit: a character has up to 4 bytes.
  const header = Buffer.alloc(LOCAL_HEADER_BYTES + MAX_DOCUMENT_NAME_BYTES + 4);
  const headerView = new DataView(header.buffer, header.byteOffset, header.byteLength);
  let count = 0;

  return {
    append(name, bytes) {
      const size = bytes.length;
      const nameBytes = header.write(name, LOCAL_HEADER_BYTES);
      if (nameBytes > MAX_DOCUMENT_NAME_BYTES) {
        throw new RangeError(`A document's name has at most ${MAX_DOCUMENT_NAME_BYTES} bytes.`);
      }
      if (size > MAX_DOCUMENT_BYTES) {
        throw new RangeError(`A document has at most ${MAX_DOCUMENT_BYTES} bytes.`);
      }
      const crc = crc32(bytes);

      const recordBytes = directoryRecordBytes(nameBytes, size);
      reserve(directory, recordBytes);
      const { view, length } = directory;
      const nameAt = writeDirectoryRecord(view, length, nameBytes, size, crc, object.bytes);
      directory.bytes.write(name, nameAt);
      directory.length += recordBytes;

      writeLocalHeader(headerView, 0, nameBytes, size, crc);
      object.append(header.subarray(0, LOCAL_HEADER_BYTES + nameBytes));
      object.append(bytes);
      count++;
    },
    get count() {
      return count;
    },
    directory: () => writtenBytes(directory),
  };
}
