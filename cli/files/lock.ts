/** A place that one command at a time writes to. */
import { open, readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { UsageError } from '../errors.ts';

const HolderSchema = z.object({ pid: z.int().positive() });

/**
 * Takes a lock, which is a file; one that a killed command left is taken over.
 * @param place what is locked, for the message
 * @returns how to give it back
 * @throws UsageError while another command has it
 */
export async function takeLock(path: string, place: string): Promise<() => Promise<void>> {
  for (let tries = 0; ; tries++) {
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(JSON.stringify({ pid: process.pid }));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = await readHolder(path);
      if (tries > 0 || (holder !== undefined && isAlive(holder))) {
        throw new UsageError(
          `Another sheaf command${holder === undefined ? '' : ` (process ${holder})`} writes to ${place}. Wait for it, or name another place.`,
        );
      }
      await rm(path, { force: true });
    }
  }
}

async function readHolder(path: string): Promise<number | undefined> {
  try {
    return HolderSchema.parse(JSON.parse(await readFile(path, 'utf8'))).pid;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
