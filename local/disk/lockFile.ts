/** A lock on a folder, held by one process; a lock whose process is gone counts for nothing. */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

/**
 * Takes the lock at `path`.
 * @returns the lock, or the pid of the living process that holds it
 */
export function takeLock(path: string): Lock | { readonly heldBy: number } {
  // Written apart and linked into place, so that nobody ever reads half a lock.
  const own = `${path}.${randomUUID()}`;
  try {
    const holder: Holder = { pid: process.pid, began: statusOf(process.pid)?.began };
    writeFileSync(own, JSON.stringify(holder), { mode: 0o600 });
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
