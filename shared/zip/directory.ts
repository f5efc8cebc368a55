/**
 * The central directory of a ZIP (PKWARE APPNOTE.TXT 6.3; section numbers below are its): where it is, and
 * what it lists. Of a file that is too large for memory its last bytes are enough to find it.
 */
import {
  COMMON_FIELD,
  COMMON_FIELDS_AT,
  DIRECTORY_RECORD,
  END_FIELD,
  END_RECORD,
  RECORD_FIELD,
  SEE_ZIP64_16,
  SEE_ZIP64_32,
  ZIP64_END_LOCATOR,
  ZIP64_END_RECORD,
  ZIP64_EXTRA,
  ZIP64_FIELD,
  ZIP64_LOCATOR_OFFSET,
} from './layout.ts';

/** The last bytes of a file within which the end of its directory is found. */
export const TAIL_BYTES =
  END_RECORD.bytes + END_RECORD.maxCommentBytes + ZIP64_END_LOCATOR.bytes + ZIP64_END_RECORD.bytes;

/** The bytes are no ZIP, or one whose directory cannot be read. */
export class ZipBroken extends Error {
  /** Whether there is the end of a directory at all. */
  readonly isZip: boolean;
  constructor(isZip: boolean) {
    super(isZip ? 'The directory of the ZIP is damaged.' : 'The bytes are no ZIP.');
    this.name = 'ZipBroken';
    this.isZip = isZip;
  }
}

/** A record of the central directory (4.3.12), ZIP64 sizes resolved (4.5.3). */
export interface DirectoryRecord {
  readonly name: string;
  readonly rawName: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Of its local header in the file. */
  readonly offset: number;
}

/** Where the directory is in the file, how many records it has, and where it should end. */
export interface DirectoryPlace {
  readonly count: number;
  readonly offset: number;
  readonly bytes: number;
  readonly end: number;
}

/**
 * Where the directory is, as the end record (4.3.16) or the ZIP64 records before it say.
 * @param tail the last TAIL_BYTES of the file, or all of it
 * @param tailAt where in the file it begins
 * @throws ZipBroken
 */
export function findDirectory(tail: Uint8Array, tailAt: number): DirectoryPlace {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  return directoryAt(view, findEndRecord(view, tailAt), tailAt);
}

/**
 * The records of a directory.
 * @param directory its bytes, and no others
 * @throws ZipBroken when they are not so many, or damaged
 */
export function readRecords(directory: Uint8Array, count: number): DirectoryRecord[] {
  const end = directory.length;
  const view = new DataView(directory.buffer, directory.byteOffset, end);
  const records: DirectoryRecord[] = [];
  let at = 0;
  while (at < end) {
    if (records.length === count || at + DIRECTORY_RECORD.bytes > end) throw new ZipBroken(true);
    if (view.getUint32(at, true) !== DIRECTORY_RECORD.signature) throw new ZipBroken(true);
    const nameBytes = view.getUint16(at + COMMON_FIELDS_AT.record + COMMON_FIELD.nameBytes, true);
    const extraBytes = view.getUint16(at + COMMON_FIELDS_AT.record + COMMON_FIELD.extraBytes, true);
    const commentBytes = view.getUint16(at + RECORD_FIELD.commentBytes, true);
    const nameAt = at + DIRECTORY_RECORD.bytes;
    const next = nameAt + nameBytes + extraBytes + commentBytes;
    if (next > end) throw new ZipBroken(true);
    const rawName = directory.subarray(nameAt, nameAt + nameBytes);
    const extra = new DataView(view.buffer, view.byteOffset + nameAt + nameBytes, extraBytes);
    const [size, compressedSize, offset] = resolveZip64(
      [
        view.getUint32(at + COMMON_FIELDS_AT.record + COMMON_FIELD.size, true),
        view.getUint32(at + COMMON_FIELDS_AT.record + COMMON_FIELD.compressedSize, true),
        view.getUint32(at + RECORD_FIELD.offset, true),
      ],
      extra,
    );
    records.push({
      name: new TextDecoder().decode(rawName),
      rawName,
      flags: view.getUint16(at + COMMON_FIELDS_AT.record + COMMON_FIELD.flags, true),
      method: view.getUint16(at + COMMON_FIELDS_AT.record + COMMON_FIELD.method, true),
      crc32: view.getUint32(at + COMMON_FIELDS_AT.record + COMMON_FIELD.crc32, true),
      compressedSize,
      size,
      offset,
    });
    at = next;
  }
  if (records.length !== count) throw new ZipBroken(true);
  return records;
}

/**
 * The end record: the last thing in the file, but for a comment. Bytes behind it, as some tools leave
 * them, are not looked at, as long as the record fits its directory.
 */
function findEndRecord(view: DataView, tailAt: number): number {
  const last = view.byteLength - END_RECORD.bytes;
  let loose = -1;
  for (let at = last; at >= Math.max(0, last - END_RECORD.maxCommentBytes); at--) {
    if (view.getUint32(at, true) !== END_RECORD.signature) continue;
    const end = at + END_RECORD.bytes + view.getUint16(at + END_FIELD.commentBytes, true);
    if (end === view.byteLength) return at;
    if (loose === -1 && end < view.byteLength && fitsDirectory(view, at, tailAt)) loose = at;
  }
  if (loose !== -1) return loose;
  throw new ZipBroken(false);
}

function fitsDirectory(view: DataView, end: number, tailAt: number): boolean {
  const { offset, bytes, end: directoryEnd } = directoryAt(view, end, tailAt);
  return offset + bytes === directoryEnd && directoryEnd <= tailAt + end;
}

/** As the end record says, or the ZIP64 records before it (4.3.14, 4.3.15), where they are. */
function directoryAt(view: DataView, end: number, tailAt: number): DirectoryPlace {
  const count = view.getUint16(end + END_FIELD.entries, true);
  const bytes = view.getUint32(end + END_FIELD.directoryBytes, true);
  const offset = view.getUint32(end + END_FIELD.directoryOffset, true);
  const locator = end - ZIP64_END_LOCATOR.bytes;
  if (locator < 0 || view.getUint32(locator, true) !== ZIP64_END_LOCATOR.signature)
    return { count, offset, bytes, end: tailAt + end };
  const record = Number(view.getBigUint64(locator + ZIP64_LOCATOR_OFFSET, true)) - tailAt;
  if (
    record < 0 ||
    record + ZIP64_END_RECORD.bytes > locator ||
    view.getUint32(record, true) !== ZIP64_END_RECORD.signature
  )
    throw new ZipBroken(true);
  const long = (at: number) => Number(view.getBigUint64(record + at, true));
  return {
    count: count === SEE_ZIP64_16 ? long(ZIP64_FIELD.entries) : count,
    bytes: bytes === SEE_ZIP64_32 ? long(ZIP64_FIELD.directoryBytes) : bytes,
    offset: offset === SEE_ZIP64_32 ? long(ZIP64_FIELD.directoryOffset) : offset,
    end: tailAt + record,
  };
}

/** Replaces the numbers that do not fit 32 bits by those of the ZIP64 extra field, in its order. */
function resolveZip64(
  numbers: readonly [number, number, number],
  extra: DataView,
): [number, number, number] {
  const resolved: [number, number, number] = [...numbers];
  if (!numbers.includes(SEE_ZIP64_32)) return resolved;
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== ZIP64_EXTRA) continue;
    let valueAt = at + 4;
    for (const i of [0, 1, 2] as const) {
      if (numbers[i] !== SEE_ZIP64_32 || valueAt + 8 > extra.byteLength) continue;
      resolved[i] = Number(extra.getBigUint64(valueAt, true));
      valueAt += 8;
    }
    break;
  }
  return resolved;
}
