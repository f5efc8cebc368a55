/** A place that one command at a time writes to. */
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { cutEnd } from '../../shared/rendering/safeNames.ts';
import { takeLock as takeLockFile } from '../../local/disk/lockFile.ts';
import { UsageError } from '../errors.ts';

/** Gives a lock back. */
type Unlock = () => Promise<void>;

/**
 * Takes a lock, which is a file; one that a killed command left is taken over.
 * @param place what is locked, for the message
 * @returns how to give it back
 * @throws UsageError while another command has it; what the file system says
 */
export async function takeLock(path: string, place: string): Promise<Unlock> {
  const taken = take(path);
  if (typeof taken !== 'number') return taken;
  throw new UsageError(
    `Another sheaf command (process ${taken}) writes to ${place}. Wait for it, or name another place.`,
  );
}

/** The same; undefined while another command has it. */
export async function lockIfFree(path: string): Promise<Unlock | undefined> {
  const taken = take(path);
  return typeof taken === 'number' ? undefined : taken;
}

/** Names may have 255 bytes on most disks, and taking a lock makes names that are longer than its own. */
const MOST_NAME_BYTES = 180;

function shortened(path: string): string {
  const name = basename(path);
  if (Buffer.byteLength(name) <= MOST_NAME_BYTES) return path;
  const mark = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return join(dirname(path), `${cutEnd(name, MOST_NAME_BYTES - 22)}.${mark}.lock`);
}

/** How to give it back, or the process that has it. */
function take(path: string): Unlock | number {
  const taken = takeLockFile(shortened(path));
  if ('heldBy' in taken) return taken.heldBy;
  return () => Promise.resolve(taken.release());
}
