/** A file that is whole gets its name. */
import { copyFile, link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../errors.ts';

/**
 * Gives a draft its name.
 * @param mayReplace whether a file that has the name may be replaced
 * @returns whether it has it; otherwise somebody else has, and the draft is where it was
 * @throws CliError for the name of a folder; what the file system says
 */
export async function moveInto(draft: string, path: string, mayReplace: boolean): Promise<boolean> {
  try {
    if (mayReplace || !(await linked(draft, path))) await rename(draft, path);
    else await rm(draft, { force: true });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && !mayReplace) return false;
    if (code === 'EXDEV') return moveAcross(draft, path, mayReplace);
    if (code === 'EISDIR' || code === 'ENOTEMPTY' || code === 'EEXIST') {
      throw new CliError(
        `${path} is a folder: no file can replace it. Move it, or name another place.`,
      );
    }
    throw error;
  }
}

/** A folder within a folder may be another disk: the draft becomes one of that disk first, as only whole files get a name. */
async function moveAcross(draft: string, path: string, mayReplace: boolean): Promise<boolean> {
  const near = join(dirname(path), `.${basename(dirname(draft))}-${basename(draft)}`);
  try {
    await copyFile(draft, near);
    if (!(await moveInto(near, path, mayReplace))) return false;
  } finally {
    await rm(near, { force: true });
  }
  await rm(draft, { force: true });
  return true;
}

/** Whether a second name could be made, which is refused by the system where the name is taken. */
async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'EXDEV') throw error;
    // A disk that knows no second names (FAT, some shares): an empty file keeps the name meanwhile.
    await (await open(path, 'wx')).close();
    return false;
  }
}
