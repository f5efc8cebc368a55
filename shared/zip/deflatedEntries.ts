/**
 * A ZIP of entries that are compressed while they are written, from front to back: what an entry takes
 * stands behind its content (PKWARE APPNOTE.TXT 6.3.10, 4.3.9), so that nothing has to be known before,
 * and nothing is kept. No ZIP64: readers of Office files do not all know it.
 */
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import {
  COMMON_FIELD,
  COMMON_FIELDS_AT,
  DATA_DESCRIPTOR,
  DIRECTORY_RECORD,
  EARLIEST_DATE,
  EARLIEST_TIME,
  END_FIELD,
  END_RECORD,
  FLAG_SIZES_BEHIND,
  FLAG_UTF8_NAME,
  LOCAL_HEADER,
  METHOD_DEFLATE,
  RECORD_FIELD,
  SEE_ZIP64_32,
} from './layout.ts';
import type { DirectoryRecord } from './directory.ts';

/** Where the bytes go, such as an object writer (archive/objectWriter.ts). */
export interface ByteSink {
  /** Takes the bytes, copies them. */
  append(bytes: Uint8Array): void;
  /** Waits until there is room for more. */
  flush(): Promise<void>;
}

/** Entries are written one after the other. */
export interface DeflatedEntries {
  /** Begins an entry; the one before has ended. */
  begin(name: string): void;
  /** Adds to the content of the entry that was begun. */
  write(text: string): void;
  /** The same of bytes, which are copied. */
  writeBytes(bytes: Uint8Array): void;
  /** So much waits to be compressed that `flush` should be called. */
  readonly full: boolean;
  /** Compresses what waits in whole stretches, and hands it on. */
  flush(): Promise<void>;
  /** Bytes of the content of the entry that was begun, so far. */
  readonly size: number;
  end(): Promise<void>;
  /** Adds an entry of another ZIP as it is compressed there. @param compressed its bytes, by its record */
  copy(record: DirectoryRecord, compressed: AsyncIterable<Uint8Array>): Promise<void>;
  /** Writes the directory, once the last entry has ended. */
  finish(): Promise<void>;
}

/** The most that an entry, and all of them, may have without ZIP64, in bytes. */
export const MAX_ENTRY_BYTES = SEE_ZIP64_32 - 1;

/** What an entry may grow by beyond a check of its size, in one write: a long row of a sheet is some MB. */
const STRETCH_BYTES = 256 * 1024;
/** A text of so many UTF-16 units has 3 bytes for each at the most. */
const PIECE_UNITS = 16 * 1024;
/** How far DEFLATE looks back (RFC 1951, 2). */
const WINDOW_BYTES = 32 * 1024;
/** Zlib's default, as for the parts of documents (deflate.ts). */
const LEVEL = 6;
/** Version needed to extract (4.4.3): 2.0 for compressed entries; made by: the same, on Unix. */
const VERSION = 20;
const MADE_BY = (3 << 8) | VERSION;
const FILE_MODE = (0o100644 << 16) >>> 0;

const compress = promisify(deflateRaw);

interface Written {
  readonly name: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly offset: number;
}

/** A ZIP without entries yet. */
export function createDeflatedEntries(sink: ByteSink): DeflatedEntries {
  const entries: Written[] = [];
  let offset = 0;
  let current: { name: Buffer; offset: number } | undefined;
  let crc = 0;
  let size = 0;
  let compressedSize = 0;
  /** Stretches that wait. Where they are cut follows from the content alone: so do the compressed bytes. */
  let waiting: Buffer[] = [];
  let stretch = Buffer.allocUnsafeSlow(STRETCH_BYTES);
  let filled = 0;
  let window: Uint8Array | undefined;

  function append(bytes: Uint8Array) {
    sink.append(bytes);
    offset += bytes.length;
    if (offset > MAX_ENTRY_BYTES)
      throw new RangeError('The file is larger than ZIP64 allows not to be used.');
  }

  function add(piece: string) {
    const room = STRETCH_BYTES - filled;
    if (piece.length * 3 <= room) {
      filled += stretch.write(piece, filled);
      return;
    }
    // Cut at a byte: a character may lie in two stretches.
    addBytes(Buffer.from(piece));
  }

  function addBytes(bytes: Uint8Array) {
    let at = 0;
    while (at < bytes.length) {
      const fitting = bytes.subarray(at, at + STRETCH_BYTES - filled);
      stretch.set(fitting, filled);
      filled += fitting.length;
      at += fitting.length;
      if (filled < STRETCH_BYTES) continue;
      waiting.push(stretch);
      stretch = Buffer.allocUnsafeSlow(STRETCH_BYTES);
      filled = 0;
    }
  }

  async function deflateStretch(content: Uint8Array, isLast: boolean) {
    crc = crc32(content, crc);
    size += content.length;
    if (size > MAX_ENTRY_BYTES)
      throw new RangeError('An entry is larger than it may be without ZIP64.');
    const compressed = await compress(content, {
      level: LEVEL,
      // What is not the end is filled up to a whole byte, so that the next stretch can follow.
      finishFlush: isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
      ...(window && { dictionary: window }),
    });
    window = content.subarray(-WINDOW_BYTES);
    compressedSize += compressed.length;
    append(compressed);
    await sink.flush();
  }

  async function flush() {
    const stretches = waiting;
    waiting = [];
    for (const each of stretches) await deflateStretch(each, false);
  }

  return {
    begin(name) {
      current = { name: Buffer.from(name), offset };
      crc = size = compressedSize = 0;
      window = undefined;
      append(
        localHeaderOf({
          ...current,
          flags: FLAG_UTF8_NAME | FLAG_SIZES_BEHIND,
          method: METHOD_DEFLATE,
        }),
      );
    },
    write(text) {
      for (let at = 0; at < text.length;) {
        let end = Math.min(at + PIECE_UNITS, text.length);
        // Both halves of a character stay together.
        if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end++;
        add(at === 0 && end === text.length ? text : text.slice(at, end));
        at = end;
      }
    },
    writeBytes: addBytes,
    get full() {
      return waiting.length > 0;
    },
    flush,
    get size() {
      return size + waiting.length * STRETCH_BYTES + filled;
    },
    async end() {
      if (!current) return;
      await flush();
      await deflateStretch(stretch.subarray(0, filled), true);
      // What is compressed next must not be overwritten while it is looked back at.
      stretch = Buffer.allocUnsafeSlow(STRETCH_BYTES);
      filled = 0;
      const flags = FLAG_UTF8_NAME | FLAG_SIZES_BEHIND;
      const written = { ...current, flags, method: METHOD_DEFLATE, crc, size, compressedSize };
      append(descriptorOf(written));
      entries.push(written);
      current = undefined;
    },
    async copy(record, compressed) {
      const { rawName: name, flags, method, crc32: known } = record;
      const written: Written = {
        name,
        flags: flags & FLAG_UTF8_NAME,
        method,
        crc: known,
        size: record.size,
        compressedSize: record.compressedSize,
        offset,
      };
      append(localHeaderOf(written));
      for await (const piece of compressed) {
        append(piece);
        await sink.flush();
      }
      entries.push(written);
    },
    async finish() {
      const directoryOffset = offset;
      for (const entry of entries) append(recordOf(entry));
      append(endOf(entries.length, directoryOffset, offset - directoryOffset));
      await sink.flush();
    },
  };
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xdc00;

/** What is known when a local header is written; sizes and checksum where they do not stand behind the content. */
type Head = Pick<Written, 'name' | 'flags' | 'method'> & Partial<Written>;

function setCommon(bytes: Buffer, at: number, entry: Head) {
  bytes.writeUInt16LE(VERSION, at + COMMON_FIELD.version);
  bytes.writeUInt16LE(entry.flags, at + COMMON_FIELD.flags);
  bytes.writeUInt16LE(entry.method, at + COMMON_FIELD.method);
  bytes.writeUInt16LE(EARLIEST_TIME, at + COMMON_FIELD.time);
  bytes.writeUInt16LE(EARLIEST_DATE, at + COMMON_FIELD.date);
  bytes.writeUInt32LE(entry.crc ?? 0, at + COMMON_FIELD.crc32);
  bytes.writeUInt32LE(entry.compressedSize ?? 0, at + COMMON_FIELD.compressedSize);
  bytes.writeUInt32LE(entry.size ?? 0, at + COMMON_FIELD.size);
  bytes.writeUInt16LE(entry.name.length, at + COMMON_FIELD.nameBytes);
}

function localHeaderOf(entry: Head): Buffer {
  const bytes = Buffer.alloc(LOCAL_HEADER.bytes + entry.name.length);
  bytes.writeUInt32LE(LOCAL_HEADER.signature, 0);
  setCommon(bytes, COMMON_FIELDS_AT.header, entry);
  bytes.set(entry.name, LOCAL_HEADER.bytes);
  return bytes;
}

function descriptorOf({ crc, compressedSize, size }: Written): Buffer {
  const bytes = Buffer.alloc(DATA_DESCRIPTOR.bytes);
  bytes.writeUInt32LE(DATA_DESCRIPTOR.signature, 0);
  bytes.writeUInt32LE(crc, 4);
  bytes.writeUInt32LE(compressedSize, 8);
  bytes.writeUInt32LE(size, 12);
  return bytes;
}

function recordOf(entry: Written): Buffer {
  const bytes = Buffer.alloc(DIRECTORY_RECORD.bytes + entry.name.length);
  bytes.writeUInt32LE(DIRECTORY_RECORD.signature, 0);
  bytes.writeUInt16LE(MADE_BY, RECORD_FIELD.madeBy);
  setCommon(bytes, COMMON_FIELDS_AT.record, entry);
  bytes.writeUInt32LE(FILE_MODE, RECORD_FIELD.mode);
  bytes.writeUInt32LE(entry.offset, RECORD_FIELD.offset);
  bytes.set(entry.name, DIRECTORY_RECORD.bytes);
  return bytes;
}

function endOf(count: number, directoryOffset: number, directoryBytes: number): Buffer {
  const bytes = Buffer.alloc(END_RECORD.bytes);
  bytes.writeUInt32LE(END_RECORD.signature, 0);
  bytes.writeUInt16LE(count, END_FIELD.diskEntries);
  bytes.writeUInt16LE(count, END_FIELD.entries);
  bytes.writeUInt32LE(directoryBytes, END_FIELD.directoryBytes);
  bytes.writeUInt32LE(directoryOffset, END_FIELD.directoryOffset);
  return bytes;
}
