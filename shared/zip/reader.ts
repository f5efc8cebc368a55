/**
 * Reads a ZIP that someone uploaded, refusing what no honest Word file has before anything of it is
 * inflated (PKWARE APPNOTE.TXT 6.3; section numbers below are its).
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { MAX_PACKAGE_ENTRIES, MAX_PACKAGE_INFLATED_BYTES, MAX_PACKAGE_RATIO } from '../limits.ts';
import type { TemplateFaultCode } from '../problems.ts';
import { invalidFile, invalidTemplate, type TemplateFault } from '../templateFaults.ts';
import {
  COMMON_FIELD,
  COMMON_FIELDS_AT,
  DIRECTORY_RECORD,
  END_FIELD,
  END_RECORD,
  FLAG_ENCRYPTED,
  LOCAL_HEADER,
  METHOD_DEFLATE,
  METHOD_STORED,
  RECORD_FIELD,
  SEE_ZIP64_16,
  SEE_ZIP64_32,
  ZIP64_END_LOCATOR,
  ZIP64_END_RECORD,
  ZIP64_EXTRA,
  ZIP64_FIELD,
  ZIP64_LOCATOR_OFFSET,
} from './layout.ts';

export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: 0 | 8;
  readonly crc32: number;
  /** Inflated size in bytes, as declared; inflate() proves it. */
  readonly size: number;
  /** The bytes as they are in the ZIP: a view, not a copy. */
  readonly compressed: Uint8Array;
}

/** A small part, such as an empty style list, may well deflate above the ratio. */
const RATIO_FROM_BYTES = 1024 * 1024;

const NO_ZIP =
  'The file is not a Word document: a .docx is a ZIP file, and this is none, or it was cut off. ' +
  'Save it again with Word and upload it whole.';
const DAMAGED = 'The file is damaged: its ZIP directory does not fit its content. Save it again.';

/**
 * The entries of a ZIP, folders left out, in the order of its directory.
 * @throws Problem TEMPLATE_INVALID: not a ZIP, damaged, encrypted, a bomb, unsafe names
 */
export function readZip(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records = readDirectory(bytes, view);
  const faults = [...nameFaults(records), ...records.flatMap(recordFaults), ...sizeFaults(records)];
  if (faults.length > 0) throw invalidTemplate(faults);

  const entries: ZipEntry[] = [];
  let covered = 0;
  // In the order of their bytes, so that an entry inside of another one (APPNOTE 4.3.7 knows none) shows.
  for (const record of [...records].sort((a, b) => a.offset - b.offset)) {
    if (record.offset < covered) throw invalidFile('FILE_DAMAGED', DAMAGED, record.name);
    const { compressed, end } = readData(bytes, view, record);
    covered = end;
    if (record.name.endsWith('/')) continue;
    entries.push({
      name: record.name,
      method: record.method === METHOD_STORED ? METHOD_STORED : METHOD_DEFLATE,
      crc32: record.crc32,
      size: record.size,
      compressed,
    });
  }
  const position = new Map(records.map(({ name }, i) => [name, i]));
  return entries.sort((a, b) => (position.get(a.name) ?? 0) - (position.get(b.name) ?? 0));
}

/**
 * The content of an entry; inflating stops hard at the declared size.
 * @throws Problem TEMPLATE_INVALID when size or CRC-32 are not as declared
 */
export function inflate(entry: ZipEntry): Uint8Array {
  const content = entry.method === METHOD_STORED ? entry.compressed : inflateDeclared(entry);
  if (content.length !== entry.size || crc32(content) !== entry.crc32) {
    throw invalidFile(
      'FILE_DAMAGED',
      `The file is damaged: the part ${entry.name} fails its checksum. Save it again.`,
      entry.name,
    );
  }
  return content;
}

function inflateDeclared(entry: ZipEntry): Uint8Array {
  try {
    return inflateRawSync(entry.compressed, { maxOutputLength: Math.max(1, entry.size) });
  } catch (error) {
    const isLarger = error instanceof RangeError;
    throw invalidFile(
      isLarger ? 'FILE_UNSAFE' : 'FILE_DAMAGED',
      isLarger
        ? `The part ${entry.name} inflates to more than it declares, as ZIP bombs do. Save the file again with Word.`
        : `The file is damaged: the part ${entry.name} cannot be inflated. Save it again.`,
      entry.name,
      error,
    );
  }
}

/** A record of the central directory (4.3.12), ZIP64 sizes resolved (4.5.3). */
interface DirectoryRecord {
  readonly name: string;
  readonly rawName: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly offset: number;
}

function readDirectory(bytes: Uint8Array, view: DataView): DirectoryRecord[] {
  const directory = directoryAt(view, findEndRecord(view));
  const { count, end } = directory;
  let at = directory.offset;
  if (count > MAX_PACKAGE_ENTRIES) {
    throw invalidFile(
      'FILE_TOO_LARGE',
      `The file holds ${count} entries; a template may hold ${MAX_PACKAGE_ENTRIES}. Remove pictures or embedded objects.`,
    );
  }
  if (at + directory.bytes !== end) throw invalidFile('FILE_DAMAGED', DAMAGED);

  const records: DirectoryRecord[] = [];
  while (at < end) {
    if (records.length === count || at + DIRECTORY_RECORD.bytes > end)
      throw invalidFile('FILE_DAMAGED', DAMAGED);
    if (view.getUint32(at, true) !== DIRECTORY_RECORD.signature)
      throw invalidFile('FILE_DAMAGED', DAMAGED);
    const nameBytes = view.getUint16(at + COMMON_FIELDS_AT.record + COMMON_FIELD.nameBytes, true);
    const extraBytes = view.getUint16(at + COMMON_FIELDS_AT.record + COMMON_FIELD.extraBytes, true);
    const commentBytes = view.getUint16(at + RECORD_FIELD.commentBytes, true);
    const nameAt = at + DIRECTORY_RECORD.bytes;
    const next = nameAt + nameBytes + extraBytes + commentBytes;
    if (next > end) throw invalidFile('FILE_DAMAGED', DAMAGED);
    const rawName = bytes.subarray(nameAt, nameAt + nameBytes);
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
  if (records.length !== count) throw invalidFile('FILE_DAMAGED', DAMAGED);
  return records;
}

/**
 * The end record (4.3.16): the last thing in the file, but for a comment. Bytes behind it, as some tools
 * leave them, are not looked at, as long as the record fits its directory.
 */
function findEndRecord(view: DataView): number {
  const last = view.byteLength - END_RECORD.bytes;
  let loose = -1;
  for (let at = last; at >= Math.max(0, last - END_RECORD.maxCommentBytes); at--) {
    if (view.getUint32(at, true) !== END_RECORD.signature) continue;
    const end = at + END_RECORD.bytes + view.getUint16(at + END_FIELD.commentBytes, true);
    if (end === view.byteLength) return at;
    if (loose === -1 && end < view.byteLength && fitsDirectory(view, at)) loose = at;
  }
  if (loose !== -1) return loose;
  throw invalidFile('FILE_NOT_WORD', NO_ZIP);
}

function fitsDirectory(view: DataView, end: number): boolean {
  const { offset, bytes, end: directoryEnd } = directoryAt(view, end);
  return offset + bytes === directoryEnd && directoryEnd <= end;
}

/** Where the directory is, how many records it has, and where it should end. */
interface DirectoryPlace {
  readonly count: number;
  readonly offset: number;
  readonly bytes: number;
  readonly end: number;
}

/** As the end record says, or the ZIP64 records before it (4.3.14, 4.3.15), where they are. */
function directoryAt(view: DataView, end: number): DirectoryPlace {
  const count = view.getUint16(end + END_FIELD.entries, true);
  const bytes = view.getUint32(end + END_FIELD.directoryBytes, true);
  const offset = view.getUint32(end + END_FIELD.directoryOffset, true);
  const locator = end - ZIP64_END_LOCATOR.bytes;
  if (locator < 0 || view.getUint32(locator, true) !== ZIP64_END_LOCATOR.signature)
    return { count, offset, bytes, end };
  const record = Number(view.getBigUint64(locator + ZIP64_LOCATOR_OFFSET, true));
  if (
    record + ZIP64_END_RECORD.bytes > locator ||
    view.getUint32(record, true) !== ZIP64_END_RECORD.signature
  )
    throw invalidFile('FILE_DAMAGED', DAMAGED);
  const long = (at: number) => Number(view.getBigUint64(record + at, true));
  return {
    count: count === SEE_ZIP64_16 ? long(ZIP64_FIELD.entries) : count,
    bytes: bytes === SEE_ZIP64_32 ? long(ZIP64_FIELD.directoryBytes) : bytes,
    offset: offset === SEE_ZIP64_32 ? long(ZIP64_FIELD.directoryOffset) : offset,
    end: record,
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

/** The bytes of an entry, behind its local header (4.3.7), which must agree with the directory. */
function readData(bytes: Uint8Array, view: DataView, record: DirectoryRecord) {
  const { offset } = record;
  const nameAt = offset + LOCAL_HEADER.bytes;
  if (nameAt > bytes.length || view.getUint32(offset, true) !== LOCAL_HEADER.signature) {
    throw invalidFile('FILE_DAMAGED', DAMAGED, record.name);
  }
  const nameBytes = view.getUint16(offset + COMMON_FIELDS_AT.header + COMMON_FIELD.nameBytes, true);
  const dataAt =
    nameAt +
    nameBytes +
    view.getUint16(offset + COMMON_FIELDS_AT.header + COMMON_FIELD.extraBytes, true);
  const end = dataAt + record.compressedSize;
  const localName = bytes.subarray(nameAt, nameAt + nameBytes);
  if (
    end > bytes.length ||
    view.getUint16(offset + COMMON_FIELDS_AT.header + COMMON_FIELD.method, true) !==
      record.method ||
    Buffer.compare(localName, record.rawName) !== 0
  ) {
    throw invalidFile('FILE_DAMAGED', DAMAGED, record.name);
  }
  return { compressed: bytes.subarray(dataAt, end), end };
}

function nameFaults(records: readonly DirectoryRecord[]): TemplateFault[] {
  const faults: TemplateFault[] = [];
  const seen = new Set<string>();
  for (const { name } of records) {
    // Names of parts are equal whatever their case (ECMA-376 part 2, 6.2.2.3).
    const folded = name.toLowerCase();
    if (seen.has(folded)) {
      faults.push({
        code: 'FILE_UNSAFE',
        pointer: name,
        detail: `The file holds two entries named ${name}. Save it again with Word.`,
      });
    }
    seen.add(folded);
    if (/^[/\\]|^[a-z]:|\\|(^|\/)\.\.?(\/|$)|\0/i.test(name) || name === '') {
      faults.push({
        code: 'FILE_UNSAFE',
        pointer: name,
        detail: `The file holds an entry with the unsafe name ${JSON.stringify(name)}. Save it again with Word.`,
      });
    }
  }
  return faults;
}

function recordFaults({
  name,
  flags,
  method,
  size,
  compressedSize,
}: DirectoryRecord): TemplateFault[] {
  const fault = (code: TemplateFaultCode, detail: string) => [{ code, pointer: name, detail }];
  if ((flags & FLAG_ENCRYPTED) !== 0) {
    return fault(
      'FILE_ENCRYPTED',
      `The part ${name} is encrypted. Remove the password and upload the file again.`,
    );
  }
  if (method !== METHOD_STORED && method !== METHOD_DEFLATE) {
    return fault(
      'FILE_UNSAFE',
      `The part ${name} is compressed by method ${method}, which Word does not use. Save it again with Word.`,
    );
  }
  if (size > RATIO_FROM_BYTES && size > compressedSize * MAX_PACKAGE_RATIO) {
    return fault(
      'FILE_UNSAFE',
      `The part ${name} inflates more than ${MAX_PACKAGE_RATIO} times, as ZIP bombs do. Save the file again with Word.`,
    );
  }
  if (method === METHOD_STORED && size !== compressedSize) return fault('FILE_DAMAGED', DAMAGED);
  return [];
}

function sizeFaults(records: readonly DirectoryRecord[]): TemplateFault[] {
  const inflated = records.reduce((sum, { size }) => sum + size, 0);
  if (inflated <= MAX_PACKAGE_INFLATED_BYTES) return [];
  return [
    {
      code: 'FILE_TOO_LARGE',
      pointer: '',
      detail:
        `The file inflates to ${inflated} bytes; a template may have ${MAX_PACKAGE_INFLATED_BYTES}. ` +
        'Remove large pictures or embedded objects.',
    },
  ];
}
