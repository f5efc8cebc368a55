/** A lock on a folder, held by one process; a lock whose process is gone counts for nothing. */
import { randomUUID } from 'node:crypto';
import { constants, copyFileSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { readIfThere } from './readIfThere.ts';

const HolderSchema = z.object({
  pid: z.int(),
  /** When the process began, where the system tells: a reused pid is another process. */
  began: z.string().optional(),
});
type Holder = z.infer<typeof HolderSchema>;

export interface Lock {
  release(): void;
}

/** Whoever takes a lock over is waited for, in ms: it is a few calls of the system. */
const TAKEOVER_MS = 2_000;
const PAUSE_MS = 5;
/** Where a lock cannot be linked into place, it may be read before all of it is there, for so long, in ms. */
const WRITING_MS = 50;

/**
 * Takes the lock at `path`. One of a process that is gone is taken over, by exactly one of those who try.
 * @returns the lock, or the pid of the living process that holds it
 * @throws Error for what is there and no lock; what the file system says
 */
export function takeLock(path: string): Lock | { readonly heldBy: number } {
  // Written apart and linked into place, so that nobody ever reads half a lock.
  const own = `${path}.${randomUUID()}`;
  const until = Date.now() + TAKEOVER_MS;
  try {
    const holder: Holder = { pid: process.pid, began: statusOf(process.pid)?.began };
    writeFileSync(own, JSON.stringify(holder), { mode: 0o600 });
    for (;;) {
      if (placeIfFree(own, path)) return { release: () => rmSync(path, { force: true }) };
      const living = livingHolder(path);
      if (living !== undefined) return { heldBy: living };
      const other = removeStale(path);
      if (Date.now() > until) {
        if (other !== undefined) return { heldBy: other };
        throw new Error(`${path} is in the way, and is no lock that can be taken over. Remove it.`);
      }
      if (other !== undefined) pause(PAUSE_MS);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function placeIfFree(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // A disk that knows no second names (FAT, some shares).
    if (['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes(code ?? ''))
      return copyIfFree(from, to);
    throw error;
  }
}

function copyIfFree(from: string, to: string): boolean {
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes a lock that counts for nothing. Only the holder of a lock beside it may do that, and looks again
 * first: two that found the same one would otherwise remove it, and the second the new lock of the first.
 * @returns the process that is about it already
 */
function removeStale(path: string): number | undefined {
  const right = takeLock(`${path}.takeover`);
  if ('heldBy' in right) return right.heldBy;
  try {
    if (readIfThere(path) !== undefined && livingHolder(path) === undefined) {
      rmSync(path, { force: true });
    }
    return undefined;
  } finally {
    right.release();
  }
}

/** The process that holds a lock, and lives. */
function livingHolder(path: string): number | undefined {
  const read = () => {
    const text = readIfThere(path);
    return text === undefined ? undefined : (parseHolder(text) ?? text);
  };
  let holder = read();
  if (typeof holder === 'string') {
    pause(WRITING_MS);
    holder = read();
  }
  return typeof holder === 'object' && isAlive(holder) ? holder.pid : undefined;
}

/** Keeps this thread, for less time than whoever asked would notice. */
const pause = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function parseHolder(text: string): Holder | undefined {
  try {
    return HolderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isAlive({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: alive, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const status = statusOf(pid);
  return !status?.hasEnded && status?.began === began;
}

interface Status {
  /** Clock ticks from boot to the process's start. */
  readonly began: string | undefined;
  /** It was killed, but whoever started it has not asked for its end yet: it does nothing more. */
  readonly hasEnded: boolean;
}

/** From /proc/PID/stat (proc(5)): fields 3 and 22. Linux only. */
function statusOf(pid: number): Status | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name in brackets, may hold spaces: count from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { began: fields[19], hasEnded: ['Z', 'X'].includes(fields[0] ?? '') };
  } catch {
    return undefined;
  }
}
