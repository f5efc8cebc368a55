/** Checks of the files that the command line names, before any work is done for them. */
import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from './options.ts';

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/**
 * @param option that named the file, such as --data
 * @throws UsageError when there is no file to read
 */
export async function requireFile(path: string, option: string): Promise<void> {
  if (await isFolder(path))
    throw new UsageError(`${option} ${path}: this is a folder. Name a file.`);
  await access(path, constants.R_OK).catch(() => {
    throw new UsageError(`${option} ${path}: there is no such file, or it cannot be read.`);
  });
}

/**
 * Makes the folder that a file is to be written to, if need be.
 * @throws UsageError when no file can be written there
 */
export async function requireWritable(path: string, option: string): Promise<void> {
  if (await isFolder(path))
    throw new UsageError(`${option} ${path}: this is a folder. Name a file.`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await access(dirname(path), constants.W_OK);
  } catch {
    throw new UsageError(`${option} ${path}: no file can be written there. Name another place.`);
  }
}
