/** Folders for this user alone. */
import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** The bits of a mode that let others in. */
const OTHERS = 0o077;

/**
 * Makes a folder and those above it, as far as they are missing. Not by `recursive`, which Node 20 never
 * ends where a file system takes no folders, such as /proc.
 * @throws the system's error
 */
export function makeFolder(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found) {
    if (!found.isDirectory()) throw fault('ENOTDIR', path);
    return;
  }
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode: FOLDER_MODE });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    // What is above is there: it is the file system that has no such entry, nor takes one.
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT' ? fault('ENOTSUP', path, error) : error;
  }
}

const fault = (code: string, path: string, cause?: unknown): NodeJS.ErrnoException =>
  Object.assign(new Error(`${code}, mkdir '${path}'`, { cause }), { code, path });

/** Whether other users of this machine may read or enter; never so where modes mean nothing. */
export const isOpenToOthers = (path: string): boolean =>
  process.platform !== 'win32' && (statSync(path).mode & OTHERS) !== 0;

/** Shuts a file, or a folder with everything in it; links are left alone. */
export function shut(path: string): void {
  const found = lstatSync(path);
  if (found.isFile()) chmodSync(path, FILE_MODE);
  if (!found.isDirectory()) return;
  chmodSync(path, FOLDER_MODE);
  for (const name of readdirSync(path)) shut(join(path, name));
}

/**
 * From now on what this process makes, in all of its threads, is for this user alone: data of others
 * passes through modules, such as LevelDB, that cannot be told a mode.
 */
export function makePrivately(): void {
  process.umask(OTHERS);
}
