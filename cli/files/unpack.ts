/**
 * An archive unpacked into a folder as it comes: it is never on the disk as a whole, and each file is whole
 * and proved before it has its name.
 */
import { createReadStream } from 'node:fs';
import { lstat, mkdir, open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { createSideWork } from '../../shared/boundedWork.ts';
import { foldName } from '../../shared/rendering/safeNames.ts';
import type { DirectoryRecord } from '../../shared/zip/directory.ts';
import { CliError } from '../errors.ts';
import { readArchive, type Archive } from './archive.ts';
import { openDrafts, type Drafts } from './drafts.ts';
import { openHttpFile, type Link } from './httpFile.ts';
import { moveInto } from './moveInto.ts';
import { checkNames, createPlaces } from './places.ts';
import type { Saving } from './saveFile.ts';

export interface Unpacked {
  readonly folder: string;
  readonly documents: number;
  /** Files that were there and had the same content. */
  readonly unchanged: number;
  /** What was written. */
  readonly bytes: number;
}

/** Files that are written at once; smaller ones than this wait for it in memory, larger ones are streamed. */
const AT_ONCE = 16;
const HELD_BYTES = 4 * 1024 * 1024;

/**
 * Unpacks what is at a link into a folder. A file that is there with the same content stays; another one is
 * replaced only with `force`.
 * @throws CliError; what the file system says; the signal's reason
 */
export async function unpackArchive(
  link: () => Promise<Link>,
  folder: string,
  { signal, force, onBytes }: Saving,
): Promise<Unpacked> {
  await mkdir(folder, { recursive: true });
  const file = await openHttpFile(link, signal, onBytes);
  try {
    const archive = await readArchive(file);
    const drafts = await openDrafts(folder);
    try {
      const { unchanged, bytes } = await writeAll(archive, folder, drafts, force);
      return { folder, documents: archive.documents, unchanged, bytes };
    } finally {
      await drafts.remove();
    }
  } finally {
    await file.close();
  }
}

async function writeAll(archive: Archive, folder: string, drafts: Drafts, force: boolean) {
  const entries = archive.records
    .map((record, index) => ({ record, index }))
    .filter(({ record }) => !record.name.endsWith('/'))
    .sort((a, b) => a.record.offset - b.record.offset);
  const twins = checkNames(entries.map(({ record }) => record.name));
  const placeOf = await createPlaces(folder);
  const writes = createSideWork(AT_ONCE);
  let unchanged = 0;
  let bytes = 0;

  const write = async (record: DirectoryRecord, place: string, content: Pieces) => {
    const draft = drafts.next();
    try {
      await writeDraft(draft, content);
      if (await moveInto(draft, place, force)) {
        bytes += record.size;
        return;
      }
      // Somebody has made it meanwhile.
      if ((await compare(place, record)) !== 'same') throw inTheWay(place);
      unchanged++;
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  };

  const firstTwins = new Map<string, string[]>();
  /** Names that differ in case alone are two files on some disks, and one on others. */
  const requireOwn = async (name: string, place: string) => {
    const folded = foldName(name);
    if (!twins.has(folded)) return;
    await writes.settle();
    const others = firstTwins.get(folded) ?? [];
    for (const other of others) {
      if (!(await isSameFile(other, place))) continue;
      throw new CliError(
        `The archive holds ${other} and ${place}, which this disk takes for one. Save the archive instead: --out with a name that ends in .zip.`,
      );
    }
    firstTwins.set(folded, [...others, place]);
  };

  try {
    for (const { record, index } of entries) {
      const place = await placeOf(record.name);
      await requireOwn(record.name, place);
      const found = await compare(place, record);
      if (found === 'same') unchanged++;
      else if (found === 'other' && !force) throw inTheWay(place);
      else {
        const content = archive.content(index);
        if (record.size > HELD_BYTES) await write(record, place, content);
        else {
          const pieces: Uint8Array[] = [];
          // Slices of what the network brought, which is kept until they are written.
          for await (const piece of content) pieces.push(piece);
          await writes.begin(() => write(record, place, pieces));
        }
      }
    }
  } finally {
    await writes.settle();
  }
  return { unchanged, bytes };
}

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

const inTheWay = (place: string) =>
  new CliError(
    `${place} is there already, and would be replaced. --force replaces it, or name another folder.`,
  );

async function writeDraft(draft: string, content: Pieces): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(draft, 'wx');
    for await (const piece of content) await file.writeFile(piece);
  } finally {
    await file?.close();
  }
}

const statOf = (place: string) =>
  lstat(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = [await statOf(one), await statOf(other)];
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

/** What is at a place already; a link is something else, wherever it leads. */
async function compare(
  place: string,
  { size, crc32: expected }: DirectoryRecord,
): Promise<'nothing' | 'same' | 'other'> {
  const found = await statOf(place);
  if (!found) return 'nothing';
  if (!found.isFile() || found.size !== size) return 'other';
  return (await checksumOf(place, size)) === expected ? 'same' : 'other';
}

async function checksumOf(place: string, size: number): Promise<number> {
  if (size <= HELD_BYTES) return crc32(await readFile(place));
  let checksum = 0;
  for await (const piece of createReadStream(place)) checksum = crc32(piece as Buffer, checksum);
  return checksum;
}
