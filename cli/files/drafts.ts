/** Files that are not whole yet, beside those that are: in a hidden folder of the same disk. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockIfFree, takeLock } from './lock.ts';

/** Of this program, and no reason to take a folder for one in use (checkOutputFolder). */
const NAME = /^\.sheaf-[0-9a-f]{12}$/;
const lockOf = (folder: string) => `${folder}.lock`;

export interface Drafts {
  /** A name that nobody has. */
  next(): string;
  /** Removes what is left of them. */
  remove(): Promise<void>;
}

/** Makes room for drafts in a folder; what killed commands have left there is removed. */
export async function openDrafts(folder: string): Promise<Drafts> {
  for (const name of await readdir(folder)) {
    if (!NAME.test(name)) continue;
    const left = join(folder, name);
    const unlock = await lockIfFree(lockOf(left));
    if (!unlock) continue;
    await rm(left, { recursive: true, force: true });
    await unlock();
  }
  const own = join(folder, `.sheaf-${randomBytes(6).toString('hex')}`);
  // Locked before it is there: one without a holder is always a left one.
  const unlock = await takeLock(lockOf(own), folder);
  await mkdir(own).catch(async (error: unknown) => {
    await unlock();
    throw error;
  });
  let count = 0;
  return {
    next: () => join(own, String(count++)),
    async remove() {
      await rm(own, { recursive: true, force: true });
      await unlock();
    },
  };
}
