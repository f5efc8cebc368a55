/** The parts of a workbook's file, read one by one and never as a whole. */
import { inUtf8 } from '../../office/encoding.ts';
import {
  MAX_PACKAGE_ENTRIES,
  MAX_SOURCE_INFLATED_BYTES,
  MAX_SOURCE_RATIO,
  MAX_WORKBOOK_PART_BYTES,
  RATIO_FREE_BYTES,
} from '../../limits.ts';
import { ZipBroken, type DirectoryRecord } from '../../zip/directory.ts';
import { FLAG_ENCRYPTED } from '../../zip/layout.ts';
import {
  EntryBroken,
  openRangedZip,
  type RangedFile,
  type RangedZip,
} from '../../zip/rangedZip.ts';
import { SourceFault } from '../sourceFault.ts';
import { damaged, damagedPart, partTooLarge, unsafePart } from './faults.ts';
import { requireZip } from './kinds.ts';

/** Parts by their names. */
export interface WorkbookPackage {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** Its declared size, which reading it proves. */
  bytesOf(name: string): number;
  /**
   * A small part as text.
   * @throws SourceFault when it is damaged, too large or has a DOCTYPE
   */
  text(name: string): Promise<string>;
  /**
   * A large part as it arrives.
   * @throws SourceFault when it is damaged or grows too large
   */
  stream(name: string): AsyncGenerator<Uint8Array, void, undefined>;
  /** What the file holds, in the order of its directory, names of parts or not. */
  readonly entries: readonly DirectoryRecord[];
  /** The record of a part. @throws SourceFault when it is not there, or encrypted */
  recordOf(name: string): DirectoryRecord;
  /**
   * An entry as it is compressed, unproved.
   * @throws EntryBroken; what the file throws
   */
  compressed(entry: DirectoryRecord): AsyncGenerator<Uint8Array, void, undefined>;
}

/** An entry's record has 46 bytes and its name; a workbook has some dozen of them. */
const MAX_DIRECTORY_BYTES = 4 * 1024 * 1024;
const NOT_WHOLE = 'it breaks off, or its directory does not fit its content.';

/**
 * Opens a workbook's file by its directory.
 * @throws SourceFault for what is no ZIP, or a damaged one
 */
export async function openPackage(file: RangedFile): Promise<WorkbookPackage> {
  await requireZip(file);
  const zip = await openZip(file);
  // Names of parts are equal whatever their case (ECMA-376 part 2, 6.2.2.3).
  const byName = new Map<string, DirectoryRecord>();
  for (const record of zip.records) {
    const key = keyOf(record.name);
    if (!byName.has(key)) byName.set(key, record);
  }

  function recordOf(name: string): DirectoryRecord {
    const record = byName.get(keyOf(name));
    if (!record) throw damagedPart(name, 'is missing');
    if ((record.flags & FLAG_ENCRYPTED) !== 0) {
      throw new SourceFault({
        code: 'FILE_ENCRYPTED',
        detail: 'The ZIP of the workbook is encrypted. Remove its password and upload it again.',
      });
    }
    return record;
  }

  async function* stream(name: string): AsyncGenerator<Uint8Array, void, undefined> {
    const record = recordOf(name);
    requireGrowth(record);
    try {
      yield* zip.content(record);
    } catch (error) {
      if (!(error instanceof EntryBroken)) throw error;
      throw error.isLarger
        ? unsafePart(record.name, 'grows to more than it declares')
        : damagedPart(record.name);
    }
  }

  return {
    names: zip.records.map(({ name }) => name),
    has: (name) => byName.has(keyOf(name)),
    bytesOf: (name) => recordOf(name).size,
    stream,
    entries: zip.records,
    recordOf,
    compressed: (entry) => zip.compressed(entry),
    async text(name) {
      const { size } = recordOf(name);
      if (size > MAX_WORKBOOK_PART_BYTES) throw partTooLarge(name, MAX_WORKBOOK_PART_BYTES);
      const pieces: Uint8Array[] = [];
      for await (const piece of stream(name)) pieces.push(piece);
      const text = new TextDecoder().decode(inUtf8(Buffer.concat(pieces)));
      // What it declares could grow without end, or read files of the machine.
      if (/<!(?:doctype|entity)/i.test(text)) throw unsafePart(name, 'holds a DOCTYPE');
      return text;
    },
  };
}

const keyOf = (name: string) => name.replaceAll('\\', '/').replace(/^\//, '').toLowerCase();

async function openZip(file: RangedFile): Promise<RangedZip> {
  try {
    return await openRangedZip(file, {
      entries: MAX_PACKAGE_ENTRIES,
      directoryBytes: MAX_DIRECTORY_BYTES,
    });
  } catch (error) {
    if (error instanceof ZipBroken) throw damaged(NOT_WHOLE);
    throw error;
  }
}

/** Refuses what would grow beyond all measure, before a byte of it is inflated. */
function requireGrowth({ name, size, compressedSize }: DirectoryRecord): void {
  if (size > MAX_SOURCE_INFLATED_BYTES) throw partTooLarge(name, MAX_SOURCE_INFLATED_BYTES);
  if (size > RATIO_FREE_BYTES && size > compressedSize * MAX_SOURCE_RATIO)
    throw unsafePart(name, `grows to more than ${MAX_SOURCE_RATIO} times its size`);
}
