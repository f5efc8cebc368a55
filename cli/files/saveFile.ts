/** A file from a link, whole and proved before it has its name. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cutEnd } from '../../shared/rendering/safeNames.ts';
import { CliError } from '../errors.ts';
import { readArchive } from './archive.ts';
import { openHttpFile, type Link } from './httpFile.ts';
import { openLocalFile } from './localFile.ts';
import { lockIfFree, takeLock } from './lock.ts';
import { moveInto } from './moveInto.ts';

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
 * @throws CliError; UsageError while another command does the same; what the file system says; the signal's
 *   reason
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
    const unlock = await takeLock(`${draft}.lock`, path);
    // What would not be known again is no beginning of anything.
    let isOfUse = file.etag !== undefined;
    try {
      await removeOthers(path, draft);
      const from = await keptBytes(draft, file.bytes);
      await pipeline(
        Readable.from(file.stream({ offset: from, length: file.bytes - from }), {
          objectMode: false,
        }),
        createWriteStream(draft, { flags: from === 0 ? 'w' : 'a', flush: true }),
        { signal },
      );
      await prove(draft).catch((error: unknown) => {
        isOfUse &&= !(error instanceof CliError);
        throw error;
      });
      if (!(await moveInto(draft, path, force))) {
        isOfUse = true;
        throw new CliError(
          `${path} was made by somebody meanwhile. What was downloaded is kept as ${draft}.`,
        );
      }
      return { path, bytes: file.bytes };
    } catch (error) {
      if (!isOfUse) await rm(draft, { force: true });
      // A pipeline has its own word for it.
      signal.throwIfAborted();
      throw error;
    } finally {
      await unlock();
    }
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
    documents = await proveArchive(draft, saving.signal);
  });
  return { ...saved, documents };
}

/**
 * Reads an archive to its end.
 * @returns how many documents it holds
 * @throws CliError when it is damaged; the signal's reason
 */
async function proveArchive(path: string, signal: AbortSignal): Promise<number> {
  const file = await openLocalFile(path);
  try {
    const archive = await readArchive(file);
    for (let index = 0; index < archive.records.length; index++) {
      signal.throwIfAborted();
      const content = archive.content(index);
      while ((await content.next()).done !== true);
    }
    return archive.documents;
  } finally {
    await file.close();
  }
}

const DRAFT = /^[0-9a-f]{16}\.part$/;
/** Names may have 255 bytes on most disks; what is added to it has to fit. */
const MOST_STEM_BYTES = 150;
const stemOf = (path: string) => `.${cutEnd(basename(path), MOST_STEM_BYTES)}.`;

/** Beside the file, hidden; the same content goes on in the same draft. */
function draftOf(path: string, etag: string | undefined): string {
  const content = [basename(path), etag ?? randomUUID()].join('\n');
  const mark = createHash('sha256').update(content).digest('hex').slice(0, 16);
  return join(dirname(path), `${stemOf(path)}${mark}.part`);
}

/** Removes what was begun of other contents for the same file, and is left: it takes room. */
async function removeOthers(path: string, own: string): Promise<void> {
  const stem = stemOf(path);
  for (const name of await readdir(dirname(path))) {
    const other = join(dirname(path), name);
    if (!name.startsWith(stem) || !DRAFT.test(name.slice(stem.length)) || other === own) continue;
    const unlock = await lockIfFree(`${other}.lock`);
    if (!unlock) continue;
    await rm(other, { force: true });
    await unlock();
  }
}

/** How much of a content there is already. */
async function keptBytes(draft: string, bytes: number): Promise<number> {
  const found = await lstat(draft).catch(() => undefined);
  if (!found) return 0;
  if (found.isFile() && found.size <= bytes) return found.size;
  await rm(draft, { force: true });
  return 0;
}
