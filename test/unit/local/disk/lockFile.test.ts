import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bundleProgram } from '../../../support/bundleProgram.ts';
import { takeLock, type Lock } from '../../../../local/disk/lockFile.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sheaf-lock-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const path = () => join(folder, 'lock');

/** The pid of a process that has ended. */
const endedPid = spawnSync(process.execPath, ['-e', '']).pid;

describe('takeLock', () => {
  it('gives the lock to one, and names its holder to the next', () => {
    const lock = takeLock(path());
    expect(lock).toHaveProperty('release');
    expect(takeLock(path())).toEqual({ heldBy: process.pid });
  });

  it('is free again after its release, and leaves nothing else behind', () => {
    (takeLock(path()) as Lock).release();
    (takeLock(path()) as Lock).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['a process that has ended', () => JSON.stringify({ pid: endedPid })],
    ['a reused pid', () => JSON.stringify({ pid: process.pid, began: 'long ago' })],
    ['half a write', () => '{"pi'],
  ])('takes over from %s', (_, content) => {
    writeFileSync(path(), content());
    expect(takeLock(path())).toHaveProperty('release');
    expect(readdirSync(folder)).toEqual(['lock']);
  });

  it('is taken over by exactly one of several processes that find its holder gone', async () => {
    const program = join(import.meta.dirname, '../../../../build/tests/lockTaker.mjs');
    bundleProgram('test/support/lockTaker.ts', program);
    const locks = 60;
    for (let nth = 0; nth < locks; nth++) {
      writeFileSync(join(folder, `lock-${nth}`), JSON.stringify({ pid: endedPid }));
    }
    const dueAt = String(Date.now() + 1_500);
    const takers = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [program, folder, dueAt, String(locks)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    const got = await Promise.all(
      takers.map(async ({ stdout }) => {
        const [text] = (await once(stdout, 'data')) as [Buffer];
        return z.array(z.number()).parse(JSON.parse(text.toString()));
      }),
    );
    for (const { stdin } of takers) stdin.end();
    await Promise.all(takers.map((taker) => once(taker, 'close')));
    const all = got.flat().sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: locks }, (_, nth) => nth));
    expect(readdirSync(folder)).toHaveLength(locks);
  });

  it('is not waited for without end where something else is in the way', () => {
    symlinkSync(join(folder, 'nowhere'), path());
    expect(() => takeLock(path())).toThrow(/is in the way, .* Remove it/);
    expect(readdirSync(folder)).toEqual(['lock']);
  });

  // Other systems tell nothing of a process that nobody asked for its end.
  it.skipIf(!existsSync('/proc/self/stat'))(
    'takes over from a process that was killed and not reaped',
    async () => {
      // The second sleep takes the place of the shell, and never asks for the end of the first.
      const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        const [pid] = (await once(parent.stdout, 'data')).map(Number) as [number];
        const stat = () => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
        writeFileSync(path(), JSON.stringify({ pid, began: stat()[19] }));
        expect(takeLock(path())).toEqual({ heldBy: pid });
        // Until then the shell may still reap it.
        const nameOf = (of: number) => readFileSync(`/proc/${of}/comm`, 'latin1').trim();
        await expect.poll(() => nameOf(parent.pid!)).toBe('sleep');
        process.kill(pid, 'SIGKILL');
        await expect.poll(() => stat()[0]).toBe('Z');
        expect(takeLock(path())).toHaveProperty('release');
      } finally {
        parent.kill('SIGKILL');
      }
    },
  );
});
