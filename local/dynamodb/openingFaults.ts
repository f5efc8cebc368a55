/** Why the tables cannot be opened, in words for the person at this machine. */
import { explained } from '../disk/diskFault.ts';

/** What to do when the disk, and not a lack of room on it, is the reason. */
export const REMEDY = 'Give this user the data folder, or choose another one: SHEAF_DATA_DIR=…';

/**
 * Tells a store that another process has open from one that is damaged, and both from a disk that does
 * not take it: each needs something else done.
 * @param cause what LevelDB said
 */
export function notOpened(dir: string, cause: unknown): unknown {
  const { code, message } = rootOf(cause);
  if (code === 'LEVEL_LOCKED') {
    return new Error(`The tables in ${dir} are open in another process. Stop it first.`, { cause });
  }
  if (code === 'LEVEL_CORRUPTION' || /No such file/.test(message)) {
    return new Error(
      `The tables in ${dir} are damaged: ${message}\n` +
        'Put the data folder back from a copy, or remove it to begin anew.',
      { cause },
    );
  }
  const known = explained(cause, `The tables in ${dir} cannot be opened`, REMEDY);
  if (known !== cause) return known;
  return new Error(`The tables in ${dir} cannot be opened: ${message}`, { cause });
}

/** LevelDB wraps what happened into an error that says only that it did not open. */
function rootOf(error: unknown): { code: string | undefined; message: string } {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  if (!(root instanceof Error)) return { code: undefined, message: String(root) };
  return { code: (root as NodeJS.ErrnoException).code, message: root.message };
}
