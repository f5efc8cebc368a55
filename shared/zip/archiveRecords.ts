/**
 * The records of our archives (PKWARE APPNOTE.TXT 6.3.10; sections named below). What we write is the
 * narrowest form that every reader takes: entries are stored (a .docx is compressed already), sizes
 * and CRC stand in the local header (no data descriptor), names are UTF-8 and say so, and the time is
 * fixed, so that the same documents give the same bytes.
 */
import {
  COMMON_FIELD,
  COMMON_FIELDS_AT,
  DIRECTORY_RECORD,
  EARLIEST_DATE,
  EARLIEST_TIME,
  END_FIELD,
  END_RECORD,
  FLAG_UTF8_NAME,
  LOCAL_HEADER,
  METHOD_STORED,
  RECORD_FIELD,
  SEE_ZIP64_16,
  SEE_ZIP64_32,
  ZIP64_END_LOCATOR,
  ZIP64_END_RECORD,
  ZIP64_EXTRA,
} from './layout.ts';

/** Where the name stands in a local header, and where an entry's content would begin without one. */
export const LOCAL_HEADER_BYTES = LOCAL_HEADER.bytes;

/** Version needed to extract (4.4.3): 1.0 for a stored entry, 4.5 for ZIP64. */
const VERSION_STORED = 10;
const VERSION_ZIP64 = 45;
/** Version made by (4.4.2): Unix in the upper byte, so that the attributes are a mode. */
const MADE_BY = (3 << 8) | VERSION_ZIP64;
/** A regular file, rw-r--r--, in the upper half of the external attributes. */
const FILE_MODE = (0o100644 << 16) >>> 0;

/** Extra fields (4.5.1) begin with an id and the size of what follows. */
const EXTRA_HEAD_BYTES = 4;
/** "Growth hint" (4.6.10): room kept for later, with its own signature and the count of padding. */
const GROWTH_EXTRA = 0xa220;
const GROWTH_SIGNATURE = 0xa028;
/**
 * Every directory record keeps room for a 64 bit offset. While the offset fits into its 32 bit field
 * the room is a growth hint, which readers pass over; beyond, it is the ZIP64 field. So moving a
 * record never changes its length, and an archive below 4 GiB has nothing of ZIP64 in its records:
 * some readers know ZIP64 only where an entry itself is large (fflate gives empty files, adm-zip
 * fails).
 */
const OFFSET_ROOM_BYTES = EXTRA_HEAD_BYTES + 8;
/** The ZIP64 field of an entry of 4 GiB or more: both sizes, and in the directory the offset (4.5.3). */
const LARGE_LOCAL_EXTRA_BYTES = EXTRA_HEAD_BYTES + 16;
const LARGE_RECORD_EXTRA_BYTES = EXTRA_HEAD_BYTES + 24;

const isLarge = (size: number) => size >= SEE_ZIP64_32;

function setUint64(view: DataView, at: number, value: number) {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

function getUint64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

const viewOf = (bytes: Uint8Array) =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Bytes of a local header with its name. @param size bytes of the entry's content */
export const localHeaderBytes = (nameBytes: number, size: number) =>
  LOCAL_HEADER_BYTES + nameBytes + (isLarge(size) ? LARGE_LOCAL_EXTRA_BYTES : 0);

/** Bytes of a directory record with its name. @param size bytes of the entry's content */
export const directoryRecordBytes = (nameBytes: number, size: number) =>
  DIRECTORY_RECORD.bytes +
  nameBytes +
  (isLarge(size) ? LARGE_RECORD_EXTRA_BYTES : OFFSET_ROOM_BYTES);

/** Version, flags, method, time, CRC, sizes and length of the name: alike in header and record. */
function setCommonFields(
  view: DataView,
  at: number,
  nameBytes: number,
  size: number,
  crc: number,
  extraBytes: number,
) {
  const shownSize = isLarge(size) ? SEE_ZIP64_32 : size;
  const version = isLarge(size) ? VERSION_ZIP64 : VERSION_STORED;
  view.setUint16(at + COMMON_FIELD.version, version, true);
  view.setUint16(at + COMMON_FIELD.flags, FLAG_UTF8_NAME, true);
  view.setUint16(at + COMMON_FIELD.method, METHOD_STORED, true);
  view.setUint16(at + COMMON_FIELD.time, EARLIEST_TIME, true);
  view.setUint16(at + COMMON_FIELD.date, EARLIEST_DATE, true);
  view.setUint32(at + COMMON_FIELD.crc32, crc, true);
  view.setUint32(at + COMMON_FIELD.compressedSize, shownSize, true);
  view.setUint32(at + COMMON_FIELD.size, shownSize, true);
  view.setUint16(at + COMMON_FIELD.nameBytes, nameBytes, true);
  view.setUint16(at + COMMON_FIELD.extraBytes, extraBytes, true);
}

/**
 * Writes a local header of `localHeaderBytes(nameBytes, size)` bytes at `at`; the caller writes the
 * name at `at + LOCAL_HEADER_BYTES`. Numbers instead of an object: this runs once a document.
 */
export function writeLocalHeader(
  view: DataView,
  at: number,
  nameBytes: number,
  size: number,
  crc: number,
): void {
  view.setUint32(at, LOCAL_HEADER.signature, true);
  setCommonFields(
    view,
    at + COMMON_FIELDS_AT.header,
    nameBytes,
    size,
    crc,
    isLarge(size) ? LARGE_LOCAL_EXTRA_BYTES : 0,
  );
  if (!isLarge(size)) return;
  const extra = at + LOCAL_HEADER_BYTES + nameBytes;
  view.setUint16(extra, ZIP64_EXTRA, true);
  view.setUint16(extra + 2, LARGE_LOCAL_EXTRA_BYTES - EXTRA_HEAD_BYTES, true);
  setUint64(view, extra + 4, size);
  setUint64(view, extra + 12, size);
}

/**
 * Writes a directory record of `directoryRecordBytes(nameBytes, size)` bytes at `at`; the caller
 * writes the name, at the place that is returned.
 * @param offset where the entry's local header begins, in bytes
 */
export function writeDirectoryRecord(
  view: DataView,
  at: number,
  nameBytes: number,
  size: number,
  crc: number,
  offset: number,
): number {
  const nameAt = at + DIRECTORY_RECORD.bytes;
  const extra = nameAt + nameBytes;
  view.setUint32(at, DIRECTORY_RECORD.signature, true);
  view.setUint16(at + RECORD_FIELD.madeBy, MADE_BY, true);
  setCommonFields(
    view,
    at + COMMON_FIELDS_AT.record,
    nameBytes,
    size,
    crc,
    isLarge(size) ? LARGE_RECORD_EXTRA_BYTES : OFFSET_ROOM_BYTES,
  );
  // No comment, disk 0, no internal attributes.
  view.setUint16(at + RECORD_FIELD.commentBytes, 0, true);
  view.setUint16(at + RECORD_FIELD.disk, 0, true);
  view.setUint16(at + RECORD_FIELD.attributes, 0, true);
  view.setUint32(at + RECORD_FIELD.mode, FILE_MODE, true);
  if (isLarge(size)) {
    view.setUint32(at + RECORD_FIELD.offset, SEE_ZIP64_32, true);
    view.setUint16(extra, ZIP64_EXTRA, true);
    view.setUint16(extra + 2, LARGE_RECORD_EXTRA_BYTES - EXTRA_HEAD_BYTES, true);
    setUint64(view, extra + 4, size);
    setUint64(view, extra + 12, size);
    setUint64(view, extra + 20, offset);
  } else {
    setOffset(view, at, extra, offset);
  }
  return nameAt;
}

/** The offset of a record with room for it: in the 32 bit field, or in the room. */
function setOffset(view: DataView, at: number, room: number, offset: number) {
  const zip64 = offset >= SEE_ZIP64_32;
  view.setUint16(
    at + COMMON_FIELDS_AT.record + COMMON_FIELD.version,
    zip64 ? VERSION_ZIP64 : VERSION_STORED,
    true,
  );
  view.setUint32(at + RECORD_FIELD.offset, zip64 ? SEE_ZIP64_32 : offset, true);
  view.setUint16(room, zip64 ? ZIP64_EXTRA : GROWTH_EXTRA, true);
  view.setUint16(room + 2, OFFSET_ROOM_BYTES - EXTRA_HEAD_BYTES, true);
  if (zip64) {
    setUint64(view, room + 4, offset);
  } else {
    view.setUint16(room + 4, GROWTH_SIGNATURE, true);
    view.setUint16(room + 6, 4, true);
    view.setUint32(room + 8, 0, true);
  }
}

function getOffset(view: DataView, at: number, room: number): number {
  const shown = view.getUint32(at + RECORD_FIELD.offset, true);
  return shown === SEE_ZIP64_32 ? getUint64(view, room + 4) : shown;
}

/** Calls `visit` for each record of a directory of ours, with where its name and its room are. */
function eachRecord(
  directory: Uint8Array,
  visit: (view: DataView, at: number, nameAt: number, room: number, end: number) => void,
) {
  const view = viewOf(directory);
  for (let at = 0; at < directory.length;) {
    const whole = at + DIRECTORY_RECORD.bytes <= directory.length;
    const nameAt = at + DIRECTORY_RECORD.bytes;
    const room = whole
      ? nameAt + view.getUint16(at + COMMON_FIELDS_AT.record + COMMON_FIELD.nameBytes, true)
      : directory.length;
    const end = room + OFFSET_ROOM_BYTES;
    if (
      end > directory.length ||
      view.getUint32(at, true) !== DIRECTORY_RECORD.signature ||
      view.getUint16(at + COMMON_FIELDS_AT.record + COMMON_FIELD.extraBytes, true) !==
        OFFSET_ROOM_BYTES
    ) {
      throw new Error(`The directory of the segment is damaged at byte ${at}.`);
    }
    visit(view, at, nameAt, room, end);
    at = end;
  }
}

/**
 * Moves the entries of a segment's directory: adds `by` bytes to each record's offset, in place.
 * @throws Error when the bytes are not records of `writeDirectoryRecord`, one after the other
 */
export function shiftDirectory(directory: Uint8Array, by: number): void {
  eachRecord(directory, (view, at, _nameAt, room) => {
    setOffset(view, at, room, getOffset(view, at, room) + by);
  });
}

/** An entry as its directory record tells it; `offset` is that of the content, not of the header. */
export interface DirectoryEntry {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** CRC-32 of the content. */
  readonly crc: number;
  /** Where its local header begins: the entry is all from there to the end of its content. */
  readonly headerOffset: number;
  /** The record itself, in the directory's memory. */
  readonly record: Uint8Array;
}

/**
 * The entries of a segment's directory, in order.
 * @throws Error when the bytes are not records of `writeDirectoryRecord`, one after the other
 */
export function readDirectory(directory: Uint8Array): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  const text = Buffer.from(directory.buffer, directory.byteOffset, directory.byteLength);
  eachRecord(directory, (view, at, nameAt, room, end) => {
    const headerOffset = getOffset(view, at, room);
    entries.push({
      name: text.toString('utf8', nameAt, room),
      headerOffset,
      offset: headerOffset + LOCAL_HEADER_BYTES + (room - nameAt),
      size: view.getUint32(at + COMMON_FIELDS_AT.record + COMMON_FIELD.size, true),
      crc: view.getUint32(at + COMMON_FIELDS_AT.record + COMMON_FIELD.crc32, true),
      record: directory.subarray(at, end),
    });
  });
  return entries;
}

/** An entry by itself, for the few that are not written by the thousand. */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly crc: number;
}

/** The local header of an entry, with its name; content of any size. */
export function localHeader({ name, size, crc }: ZipEntry): Uint8Array {
  const nameBytes = Buffer.byteLength(name);
  const header = Buffer.alloc(localHeaderBytes(nameBytes, size));
  writeLocalHeader(viewOf(header), 0, nameBytes, size, crc);
  header.write(name, LOCAL_HEADER_BYTES);
  return header;
}

/** The directory record of an entry, with its name. @param offset of its local header, in bytes */
export function directoryRecord({ name, size, crc }: ZipEntry, offset: number): Uint8Array {
  const nameBytes = Buffer.byteLength(name);
  const record = Buffer.alloc(directoryRecordBytes(nameBytes, size));
  record.write(name, writeDirectoryRecord(viewOf(record), 0, nameBytes, size, crc, offset));
  return record;
}

/**
 * What ends the archive: the end record, behind the ZIP64 ones where a count or size asks for them.
 * 65,535 entries do: that number itself means "see ZIP64".
 */
export function endRecords(directory: {
  readonly entries: number;
  readonly offset: number;
  readonly bytes: number;
}): Uint8Array {
  const { entries, offset, bytes } = directory;
  const zip64 = entries >= SEE_ZIP64_16 || offset >= SEE_ZIP64_32 || bytes >= SEE_ZIP64_32;
  const before = zip64 ? ZIP64_END_RECORD.bytes + ZIP64_END_LOCATOR.bytes : 0;
  const records = new Uint8Array(before + END_RECORD.bytes);
  const view = viewOf(records);
  if (zip64) {
    view.setUint32(0, ZIP64_END_RECORD.signature, true);
    // The size leaves out the signature and itself.
    setUint64(view, 4, ZIP64_END_RECORD.bytes - 12);
    view.setUint16(12, MADE_BY, true);
    view.setUint16(14, VERSION_ZIP64, true);
    setUint64(view, 24, entries);
    setUint64(view, 32, entries);
    setUint64(view, 40, bytes);
    setUint64(view, 48, offset);
    view.setUint32(ZIP64_END_RECORD.bytes, ZIP64_END_LOCATOR.signature, true);
    setUint64(view, ZIP64_END_RECORD.bytes + 8, offset + bytes);
    view.setUint32(ZIP64_END_RECORD.bytes + 16, 1, true);
  }
  view.setUint32(before, END_RECORD.signature, true);
  view.setUint16(before + END_FIELD.diskEntries, Math.min(entries, SEE_ZIP64_16), true);
  view.setUint16(before + END_FIELD.entries, Math.min(entries, SEE_ZIP64_16), true);
  view.setUint32(before + END_FIELD.directoryBytes, Math.min(bytes, SEE_ZIP64_32), true);
  view.setUint32(before + END_FIELD.directoryOffset, Math.min(offset, SEE_ZIP64_32), true);
  return records;
}
