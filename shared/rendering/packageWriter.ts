/**
 * Writes a document's ZIP (PKWARE APPNOTE.TXT 6.3). What no row changes is laid out once; the same
 * parts give the same bytes, for all dates are fixed.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { deflated } from '../zip/deflatedEntry.ts';
import {
  COMMON_FIELD,
  COMMON_FIELDS_AT,
  DIRECTORY_RECORD,
  EARLIEST_DATE,
  END_FIELD,
  END_RECORD,
  FLAG_UTF8_NAME,
  LOCAL_HEADER,
  METHOD_DEFLATE,
  RECORD_FIELD,
} from '../zip/layout.ts';
import type { ZipEntry } from '../zip/reader.ts';
import type { DocumentHead } from './renderer.ts';
import type { PartContent } from './sink.ts';

export interface PackageWriter {
  /** The document with these parts, by name, besides the fixed ones. */
  write(parts: Iterable<readonly [string, Uint8Array]>): Uint8Array;
  /** Prepares documents that have parts of these names, in this order, besides the fixed ones. */
  prepare(names: readonly string[]): DocumentFrame;
}

/** A document of which only the content of some parts is open. */
export interface DocumentFrame {
  /** How many bytes the document will have with parts of so many compressed bytes in all. */
  bytes(compressedBytes: number): number;
  /** What all of its documents begin with. */
  readonly head: DocumentHead;
  /**
   * The document with these contents, in the order of the names; copies them.
   * @param document memory for it, of just as many bytes as it has
   */
  fill(contents: readonly PartContent[], document?: Buffer): Uint8Array;
}

const VERSION_DEFLATE = 20;

/** @param fixed parts that are the same in every document, in the order wanted, put first */
export function createPackageWriter(fixed: readonly ZipEntry[]): PackageWriter {
  const head = layOut(fixed);

  function prepare(names: readonly string[]): DocumentFrame {
    const frames = names.map((name) => {
      const empty = {
        name,
        method: METHOD_DEFLATE,
        crc32: 0,
        size: 0,
        compressed: NOTHING,
      } as const;
      return { header: localHeader(empty), record: directoryRecord(empty, 0) };
    });
    const headerBytes = sum(frames.map(({ header }) => header.length));
    const directoryBytes = head.directory.length + sum(frames.map(({ record }) => record.length));
    const end = endRecord(fixed.length + names.length, directoryBytes);
    const overhead = head.entries.length + headerBytes + directoryBytes + end.length;

    return {
      bytes: (compressedBytes) => overhead + compressedBytes,
      head: {
        bytes: head.entries.length,
        crc32: crc32(head.entries),
        sha256: createHash('sha256').update(head.entries),
      },
      fill(contents, document = Buffer.allocUnsafe(overhead + sizeOf(contents))) {
        document.set(head.entries);
        let at = head.entries.length;
        let recordAt = document.length - end.length - directoryBytes;
        const directoryAt = recordAt;
        document.set(head.directory, recordAt);
        recordAt += head.directory.length;
        frames.forEach(({ header, record }, i) => {
          const content = contents[i] as PartContent;
          document.set(header, at);
          writeSizes(document, at + COMMON_FIELDS_AT.header, content);
          document.set(content.compressed, at + header.length);
          document.set(record, recordAt);
          writeSizes(document, recordAt + COMMON_FIELDS_AT.record, content);
          document.writeUInt32LE(at, recordAt + RECORD_FIELD.offset);
          at += header.length + content.compressed.length;
          recordAt += record.length;
        });
        document.set(end, recordAt);
        document.writeUInt32LE(directoryAt, recordAt + END_FIELD.directoryOffset);
        return document;
      },
    };
  }

  return {
    write(parts) {
      const entries = Array.from(parts, ([name, content]) => deflated(name, content));
      return prepare(entries.map(({ name }) => name)).fill(entries);
    },
    prepare,
  };
}

const NOTHING = new Uint8Array();
/** Compressed bytes of all contents. */
export function sizeOf(contents: readonly PartContent[]): number {
  let bytes = 0;
  for (const { compressed } of contents) bytes += compressed.length;
  return bytes;
}
const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

/** Entries one after the other (4.3.7), and their directory records (4.3.12). */
function layOut(entries: readonly ZipEntry[]) {
  const blocks: Uint8Array[] = [];
  const records: Uint8Array[] = [];
  let at = 0;
  for (const entry of entries) {
    const header = localHeader(entry);
    blocks.push(header, entry.compressed);
    records.push(directoryRecord(entry, at));
    at += header.length + entry.compressed.length;
  }
  return { entries: Buffer.concat(blocks), directory: Buffer.concat(records) };
}

function localHeader(entry: ZipEntry): Buffer {
  const name = Buffer.from(entry.name);
  const header = Buffer.alloc(LOCAL_HEADER.bytes);
  header.writeUInt32LE(LOCAL_HEADER.signature, 0);
  writeCommon(header, COMMON_FIELDS_AT.header, entry, name.length);
  return Buffer.concat([header, name]);
}

function directoryRecord(entry: ZipEntry, offset: number): Buffer {
  const name = Buffer.from(entry.name);
  const record = Buffer.alloc(DIRECTORY_RECORD.bytes);
  record.writeUInt32LE(DIRECTORY_RECORD.signature, 0);
  record.writeUInt16LE(VERSION_DEFLATE, RECORD_FIELD.madeBy);
  writeCommon(record, COMMON_FIELDS_AT.record, entry, name.length);
  record.writeUInt32LE(offset, RECORD_FIELD.offset);
  return Buffer.concat([record, name]);
}

/** The fields that local headers and directory records share, in the same order. */
function writeCommon(target: Buffer, at: number, entry: ZipEntry, nameBytes: number): void {
  target.writeUInt16LE(VERSION_DEFLATE, at + COMMON_FIELD.version);
  target.writeUInt16LE(
    nameBytes === entry.name.length ? 0 : FLAG_UTF8_NAME,
    at + COMMON_FIELD.flags,
  );
  target.writeUInt16LE(entry.method, at + COMMON_FIELD.method);
  target.writeUInt16LE(EARLIEST_DATE, at + COMMON_FIELD.date);
  writeSizes(target, at, entry);
  target.writeUInt16LE(nameBytes, at + COMMON_FIELD.nameBytes);
}

/** Checksum and sizes, among the fields that both share. */
function writeSizes(target: Buffer, at: number, content: PartContent): void {
  target.writeUInt32LE(content.crc32, at + COMMON_FIELD.crc32);
  target.writeUInt32LE(content.compressed.length, at + COMMON_FIELD.compressedSize);
  target.writeUInt32LE(content.size, at + COMMON_FIELD.size);
}

/** Where the directory begins is filled in for each document. */
function endRecord(count: number, directoryBytes: number): Buffer {
  const record = Buffer.alloc(END_RECORD.bytes);
  record.writeUInt32LE(END_RECORD.signature, 0);
  record.writeUInt16LE(count, END_FIELD.diskEntries);
  record.writeUInt16LE(count, END_FIELD.entries);
  record.writeUInt32LE(directoryBytes, END_FIELD.directoryBytes);
  return record;
}
