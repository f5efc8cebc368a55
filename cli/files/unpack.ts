/**
 * An archive unpacked into a folder as it comes: it is never on the disk as a whole, and each file is whole
 * and proved before it has its name.
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { crc32 } from 'node:zlib';
import { createSideWork } from '../../shared/boundedWork.ts';
import type { DirectoryRecord } from '../../shared/zip/directory.ts';
import { CliError } from '../errors.ts';
import { readArchive } from './archive.ts';
import { openHttpFile, type Link } from './httpFile.ts';
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
  const placeOf = await createPlaces(folder);
  const file = await openHttpFile(link, signal, onBytes);
  const writes = createSideWork(AT_ONCE);
  let unchanged = 0;
  let bytes = 0;
  try {
    const archive = await readArchive(file);
    const order = archive.records
      .map((record, index) => ({ record, index }))
      .sort((a, b) => a.record.offset - b.record.offset);
    for (const { record, index } of order) {
      if (record.name.endsWith('/')) continue;
      const place = await placeOf(record.name);
      const found = await compare(place, record);
      if (found === 'same') {
        unchanged++;
        continue;
      }
      if (found === 'other' && !force) {
        throw new CliError(
          `${place} is there already, and would be replaced. --force replaces it, or name another folder.`,
        );
      }
      bytes += record.size;
      const content = archive.content(index);
      if (record.size > HELD_BYTES) await writeWhole(place, content);
      else {
        const pieces: Uint8Array[] = [];
        // Slices of what the network brought, which is kept until they are written.
        for await (const piece of content) pieces.push(piece);
        await writes.begin(() => writeWhole(place, pieces));
      }
    }
    return { folder, documents: archive.documents, unchanged, bytes };
  } finally {
    await writes.settle();
    await file.close();
  }
}

/** Writes a file beside its place first, and moves it there when it is whole. */
async function writeWhole(
  place: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const draft = `${place}.part`;
  let file: FileHandle | undefined;
  try {
    file = await open(draft, 'w');
    for await (const piece of content) await file.writeFile(piece);
    await file.close();
    file = undefined;
    await rename(draft, place);
  } catch (error) {
    await file?.close();
    await rm(draft, { force: true });
    throw error;
  }
}

/** What is at a place already. */
async function compare(
  place: string,
  { size, crc32: expected }: DirectoryRecord,
): Promise<'nothing' | 'same' | 'other'> {
  const found = await stat(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!found) return 'nothing';
  if (!found.isFile() || found.size !== size) return 'other';
  let checksum = 0;
  for await (const piece of createReadStream(place)) checksum = crc32(piece as Buffer, checksum);
  return checksum === expected ? 'same' : 'other';
}

/** Names that lead out of a folder, by whatever system's rules. */
const UNSAFE = /^[/\\]|^[a-z]:|\\|(^|\/)\.\.?(\/|$)|\0|^$/i;

/** Finds the place of an entry, with its folder made: inside of the folder, also by links on the disk. */
async function createPlaces(folder: string): Promise<(name: string) => Promise<string>> {
  const root = await realpath(folder);
  const known = new Set([root]);
  return async (name) => {
    const place = resolve(root, name);
    if (UNSAFE.test(name) || !place.startsWith(join(root, sep))) {
      throw new CliError(
        `The archive holds ${JSON.stringify(name)}, which would be written outside of the folder. Nothing more was unpacked.`,
      );
    }
    const parent = dirname(place);
    if (!known.has(parent)) {
      await mkdir(parent, { recursive: true });
      const real = await realpath(parent);
      if (real !== parent) {
        throw new CliError(
          `${parent} is a link to ${real}. Remove it, or name another folder: nothing is written there.`,
        );
      }
      known.add(parent);
    }
    return place;
  };
}
