/** A lock on a folder, held by one process; a lock whose process is gone counts for nothing. */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const HolderSchema = z.object({
  pid: z.int(),
  /** When the process began, where the system tells: a reused pid is another process. */
  began: z.string().optional(),
});
type Holder = z.infer<typeof HolderSchema>;

export interface Lock {
  release(): void;
}

/**
 * Takes the lock at `path`.
 * @returns the lock, or the pid of the living process that holds it
 */
export function takeLock(path: string): Lock | { readonly heldBy: number } {
  // Written apart and linked into place, so that nobody ever reads half a lock.
  const own = `${path}.${randomUUID()}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, began: beganAt(process.pid) }));
  try {
    for (;;) {
      if (linkIfFree(own, path)) return { release: () => rmSync(path, { force: true }) };
      const text = readIfThere(path);
      const holder = text === undefined ? undefined : parseHolder(text);
      if (holder && isAlive(holder)) return { heldBy: holder.pid };
      if (text !== undefined) removeStale(path, text);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function linkIfFree(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes the lock that says `text`, but not one that another process put there meanwhile. */
function removeStale(path: string, text: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') !== text) linkIfFree(aside, path);
  rmSync(aside);
}

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
  return beganAt(pid) === began;
}

/** Field 22 of /proc/PID/stat (proc(5)): clock ticks from boot to the process's start. Linux only. */
function beganAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name in brackets, may hold spaces: count from its end.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
