/**
 * Reads a ZIP that someone uploaded, refusing what no honest Word file has before anything of it is
 * inflated (PKWARE APPNOTE.TXT 6.3; section numbers below are its).
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { MAX_PACKAGE_ENTRIES, MAX_PACKAGE_INFLATED_BYTES, MAX_PACKAGE_RATIO } from '../limits.ts';
import type { TemplateFaultCode } from '../problems.ts';
import { invalidFile, invalidTemplate, type TemplateFault } from '../templateFaults.ts';
import { findDirectory, readRecords, ZipBroken, type DirectoryRecord } from './directory.ts';
import {
  COMMON_FIELD,
  COMMON_FIELDS_AT,
  FLAG_ENCRYPTED,
  LOCAL_HEADER,
  METHOD_DEFLATE,
  METHOD_STORED,
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
  const records = readDirectory(bytes);
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

function readDirectory(bytes: Uint8Array): DirectoryRecord[] {
  try {
    const { count, offset, bytes: length, end } = findDirectory(bytes, 0);
    if (count > MAX_PACKAGE_ENTRIES) {
      throw invalidFile(
        'FILE_TOO_LARGE',
        `The file holds ${count} entries; a template may hold ${MAX_PACKAGE_ENTRIES}. Remove pictures or embedded objects.`,
      );
    }
    if (offset + length !== end) throw invalidFile('FILE_DAMAGED', DAMAGED);
    return readRecords(bytes.subarray(offset, end), count);
  } catch (error) {
    if (!(error instanceof ZipBroken)) throw error;
    throw error.isZip
      ? invalidFile('FILE_DAMAGED', DAMAGED, undefined, error)
      : invalidFile('FILE_NOT_WORD', NO_ZIP, undefined, error);
  }
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
