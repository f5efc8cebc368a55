/**
 * Reads a ZIP that is too large for memory: its directory first, then single entries as they arrive
 * (PKWARE APPNOTE.TXT 6.3; section numbers below are its). Nothing is trusted that the directory declares:
 * inflating stops at the declared size, and size and CRC-32 are proved.
 */
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import type { ByteRange } from '../ports.ts';
import {
  findDirectory,
  readRecords,
  TAIL_BYTES,
  ZipBroken,
  type DirectoryRecord,
} from './directory.ts';
import {
  COMMON_FIELD,
  COMMON_FIELDS_AT,
  LOCAL_HEADER,
  METHOD_DEFLATE,
  METHOD_STORED,
} from './layout.ts';

/** A file of which stretches are read. */
export interface RangedFile {
  /** Its size. */
  readonly bytes: number;
  read(range: ByteRange): Promise<Uint8Array>;
  stream(range: ByteRange): AsyncIterable<Uint8Array>;
}

/** What is inflated at once. */
const CHUNK_BYTES = 64 * 1024;

/** A ZIP whose directory was read. */
export interface RangedZip {
  /** In the order of the directory. */
  readonly records: readonly DirectoryRecord[];
  /**
   * The content of an entry, proved at its end.
   * @throws EntryBroken; what the file throws
   */
  content(record: DirectoryRecord): AsyncGenerator<Uint8Array, void, undefined>;
  /**
   * The bytes of an entry as they are in the ZIP, as many as the directory declares; not proved.
   * @throws EntryBroken; what the file throws
   */
  compressed(record: DirectoryRecord): AsyncGenerator<Uint8Array, void, undefined>;
}

/** An entry that is not what the directory declares. */
export class EntryBroken extends Error {
  readonly entry: string;
  /** Whether it is larger than declared, as bombs are. */
  readonly isLarger: boolean;
  constructor(entry: string, isLarger = false) {
    super('The entry of the ZIP is not what its directory declares.');
    this.name = 'EntryBroken';
    this.entry = entry;
    this.isLarger = isLarger;
  }
}

/**
 * Reads the directory.
 * @param limits the most entries, and the most bytes of their records
 * @throws ZipBroken when the bytes are no ZIP, or one with a damaged directory; what the file throws
 */
export async function openRangedZip(
  file: RangedFile,
  limits: { readonly entries: number; readonly directoryBytes: number },
): Promise<RangedZip> {
  const tailAt = Math.max(0, file.bytes - TAIL_BYTES);
  const tail = await file.read({ offset: tailAt, length: file.bytes - tailAt });
  const { count, offset, bytes, end } = findDirectory(tail, tailAt);
  if (offset + bytes !== end || count > limits.entries || bytes > limits.directoryBytes)
    throw new ZipBroken(true);
  const directory =
    offset >= tailAt
      ? tail.subarray(offset - tailAt, end - tailAt)
      : await file.read({ offset, length: bytes });
  if (directory.length !== bytes) throw new ZipBroken(true);
  const records = readRecords(directory, count);
  /** Where entries and the directory begin, ascending: an entry ends before the next of them. */
  const starts = [...records.map((record) => record.offset), offset].sort((a, b) => a - b);

  const stretchOf = (record: DirectoryRecord) => {
    const next = firstAbove(starts, record.offset) ?? offset;
    return file.stream({ offset: record.offset, length: Math.max(0, next - record.offset) });
  };

  return {
    records,
    content: (record) => readEntry(stretchOf(record), record),
    compressed: (record) => dataOf(stretchOf(record), record),
  };
}

/** The first of ascending numbers that is larger. */
function firstAbove(ascending: readonly number[], than: number): number | undefined {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) > than) high = middle;
    else low = middle + 1;
  }
  return ascending[low];
}

async function* readEntry(
  stretch: AsyncIterable<Uint8Array>,
  record: DirectoryRecord,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { name, method, size } = record;
  if (method !== METHOD_STORED && method !== METHOD_DEFLATE) throw new EntryBroken(name);
  const compressed = dataOf(stretch, record);
  const content = method === METHOD_STORED ? compressed : inflated(compressed, name);
  let length = 0;
  let checksum = 0;
  for await (const piece of content) {
    length += piece.length;
    if (length > size) throw new EntryBroken(name, true);
    checksum = crc32(piece, checksum);
    yield piece;
  }
  if (length !== size || checksum !== record.crc32) throw new EntryBroken(name);
}

/** The bytes behind the local header (4.3.7), as many as the directory declares. */
async function* dataOf(
  stretch: AsyncIterable<Uint8Array>,
  { name, compressedSize }: DirectoryRecord,
): AsyncGenerator<Uint8Array, void, undefined> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  let left = compressedSize;
  for await (const piece of stretch) {
    let data = piece;
    if (head) {
      head = Buffer.concat([head, piece]);
      const dataAt = dataStart(head, name);
      if (dataAt === undefined) continue;
      data = head.subarray(dataAt);
      head = undefined;
    }
    const own = data.subarray(0, left);
    left -= own.length;
    if (own.length > 0) yield own;
    if (left === 0) break;
  }
  if (head !== undefined || left > 0) throw new EntryBroken(name);
}

/** Where the data begins behind a local header; undefined while the header is not whole. */
function dataStart(head: Uint8Array, name: string): number | undefined {
  if (head.length < LOCAL_HEADER.bytes) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(0, true) !== LOCAL_HEADER.signature) throw new EntryBroken(name);
  const field = (at: number) => view.getUint16(COMMON_FIELDS_AT.header + at, true);
  const dataAt =
    LOCAL_HEADER.bytes + field(COMMON_FIELD.nameBytes) + field(COMMON_FIELD.extraBytes);
  return dataAt <= head.length ? dataAt : undefined;
}

async function* inflated(
  compressed: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
  // Its errors come to whoever reads `inflate`.
  pipeline(Readable.from(compressed, { objectMode: false }), inflate, () => undefined);
  try {
    for await (const piece of inflate as AsyncIterable<Uint8Array>) yield piece;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'Z_BUF_ERROR' || code === 'Z_DATA_ERROR' ? new EntryBroken(name) : error;
  }
}
