/** A file from a link, whole and proved before it has its name. */
import { createWriteStream } from 'node:fs';
import { link as linkFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CliError } from '../errors.ts';
import { readArchive } from './archive.ts';
import { openHttpFile, type Link } from './httpFile.ts';
import { openLocalFile } from './localFile.ts';

export interface Saved {
  readonly path: string;
  readonly bytes: number;
}

export interface Saving {
  readonly signal: AbortSignal;
  /** Whether a file of that name may be replaced. */
  readonly force: boolean;
  /** Told how many bytes have come. */
  readonly onBytes?: (count: number) => void;
}

/**
 * Writes what is at a link to a file. What an earlier try has left of the same content is gone on with; the
 * bytes come to a name of their own beside it first.
 * @param link signs one, and another one when that has expired
 * @param prove looks at the whole file before it gets its name
 * @throws CliError; what the file system says; the signal's reason
 */
export async function saveFile(
  link: () => Promise<Link>,
  path: string,
  { signal, force, onBytes }: Saving,
  prove: (draft: string) => Promise<void> = () => Promise.resolve(),
): Promise<Saved> {
  await mkdir(dirname(path), { recursive: true });
  const file = await openHttpFile(link, signal, onBytes);
  try {
    const draft = draftOf(path, file.etag);
    const kept = await sizeOf(draft);
    const from = kept !== undefined && kept <= file.bytes ? kept : 0;
    await pipeline(
      Readable.from(file.stream({ offset: from, length: file.bytes - from }), {
        objectMode: false,
      }),
      createWriteStream(draft, { flags: from === 0 ? 'w' : 'a', flush: true }),
      { signal },
    );
    const size = await sizeOf(draft);
    if (size !== file.bytes) {
      await rm(draft, { force: true });
      throw new CliError(`${path}: not all of it arrived. Run the command again.`);
    }
    await prove(draft).catch(async (error: unknown) => {
      await rm(draft, { force: true });
      throw error;
    });
    await moveInto(draft, path, force);
    return { path, bytes: file.bytes };
  } finally {
    await file.close();
  }
}

/** The same for an archive: every entry is read, and held to the directory and the manifest. */
export async function saveArchive(
  link: () => Promise<Link>,
  path: string,
  saving: Saving,
): Promise<Saved & { readonly documents: number }> {
  let documents = 0;
  const saved = await saveFile(link, path, saving, async (draft) => {
    documents = await proveArchive(draft);
  });
  return { ...saved, documents };
}

/**
 * Reads an archive to its end.
 * @returns how many documents it holds
 * @throws CliError when it is damaged
 */
async function proveArchive(path: string): Promise<number> {
  const file = await openLocalFile(path);
  try {
    const archive = await readArchive(file);
    for (let index = 0; index < archive.records.length; index++) {
      const content = archive.content(index);
      while ((await content.next()).done !== true);
    }
    return archive.documents;
  } finally {
    await file.close();
  }
}

/** Beside the file, hidden; the same content goes on in the same draft. */
const draftOf = (path: string, etag: string) =>
  join(dirname(path), `.${basename(path)}.${etag.replace(/\W/g, '').slice(0, 40)}.part`);

const sizeOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  );

/** Gives a draft its name; where none may be replaced, only if nobody has it. */
async function moveInto(draft: string, path: string, force: boolean): Promise<void> {
  if (force) return rename(draft, path);
  try {
    await linkFile(draft, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new CliError(
        `${path} was made by somebody meanwhile. What was downloaded is kept as ${draft}.`,
      );
    }
    // A disk that knows no links.
    return rename(draft, path);
  }
  await rm(draft, { force: true });
}
