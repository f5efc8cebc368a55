/** Writes documents as stored ZIP entries, and keeps their directory records (zip.ts). */
import { crc32 } from 'node:zlib';
import { MAX_DOCUMENT_BYTES, MAX_DOCUMENT_NAME_BYTES } from '../limits.ts';
import { appendBytes, createGrowingBuffer, reserve, writtenBytes } from './growingBuffer.ts';
import type { DocumentHead } from '../rendering/renderer.ts';
import type { ObjectWriter } from './objectWriter.ts';
import {
  directoryRecordBytes,
  LOCAL_HEADER_BYTES,
  shiftDirectory,
  type DirectoryEntry,
  writeDirectoryRecord,
  writeLocalHeader,
} from '../zip/archiveRecords.ts';

export interface EntryWriter {
  /**
   * Appends an entry to the object. Bytes that were made in its `room` are not copied.
   * @param head what is known of how the bytes begin
   * @throws RangeError when the name or the bytes are above their limit; nothing is written then
   */
  append(name: string, bytes: Uint8Array, head?: Pick<DocumentHead, 'bytes' | 'crc32'>): void;
  /** Bytes of entries that must be appended before some can be copied behind them. */
  readonly beforeCopy: number;
  /**
   * Adds entries of another object of ours as they are, names included, which lie there one behind the other
   * (objectWriter.ts says how many bytes).
   */
  copy(sourceKey: string, entries: readonly DirectoryEntry[]): Promise<void>;
  /** Memory for the next entry, of this name and size, if the object has it in one piece. */
  room(name: string, size: number): Buffer | undefined;
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
    room: (name, size) => object.room(LOCAL_HEADER_BYTES + Buffer.byteLength(name), size),
    append(name, bytes, head) {
      const size = bytes.length;
      const nameBytes = header.write(name, LOCAL_HEADER_BYTES);
      if (nameBytes > MAX_DOCUMENT_NAME_BYTES) {
        throw new RangeError(`A document's name has at most ${MAX_DOCUMENT_NAME_BYTES} bytes.`);
      }
      if (size > MAX_DOCUMENT_BYTES) {
        throw new RangeError(`A document has at most ${MAX_DOCUMENT_BYTES} bytes.`);
      }
      const headerBytes = LOCAL_HEADER_BYTES + nameBytes;
      const content = apart(bytes, object, headerBytes);
      const crc = head ? crc32(content.subarray(head.bytes), head.crc32) : crc32(content);

      const recordBytes = directoryRecordBytes(nameBytes, size);
      reserve(directory, recordBytes);
      const { view, length } = directory;
      const nameAt = writeDirectoryRecord(view, length, nameBytes, size, crc, object.bytes);
      directory.bytes.write(name, nameAt);
      directory.length += recordBytes;

      writeLocalHeader(headerView, 0, nameBytes, size, crc);
      object.append(header.subarray(0, headerBytes));
      object.append(content);
      count++;
    },
    get beforeCopy() {
      return object.beforeCopy;
    },
    async copy(sourceKey, entries) {
      const [first] = entries;
      const last = entries.at(-1);
      if (!first || !last) return;
      const offset = first.headerOffset;
      const from = directory.length;
      for (const { record } of entries) appendBytes(directory, record);
      shiftDirectory(writtenBytes(directory).subarray(from), object.bytes - offset);
      count += entries.length;
      await object.copy(sourceKey, { offset, length: last.offset + last.size - offset });
    },
    get count() {
      return count;
    },
    directory: () => writtenBytes(directory),
  };
}

/** Bytes that lie in the object's memory, but not where they belong, are taken out of the header's way. */
function apart(bytes: Uint8Array, object: ObjectWriter, headerBytes: number): Uint8Array {
  const place = object.room(headerBytes, bytes.length);
  // A name that became longer may leave them no place; that the memory is the object's shows all the same.
  const { buffer } = place ?? object.room(0, 0) ?? {};
  return bytes.buffer === buffer && bytes.byteOffset !== place?.byteOffset
    ? Buffer.from(bytes)
    : bytes;
}
