/** An engine's process may be killed at any moment: the next one goes on, and repeats little. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, parse } from './suites/workflowClient.ts';

const SCRIPT = fileURLToPath(new URL('./suites/workflowProcess.ts', import.meta.url));
const CHILDREN = 600;
const AT_ONCE = 8;
/** How many invocations there are when the process is killed. */
const KILLS = [1, 150, 400];

let folder: string;
const processes = new Set<ChildProcess>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sheaf-killed-'));
});
afterAll(() => {
  for (const process of processes) process.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function launch(): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, folder, String(CHILDREN)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.add(child);
  child.once('exit', () => processes.delete(child));
  return child;
}

function invocations(): string[] {
  const file = join(folder, 'invocations.log');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

/** Children that the Map Run's journal says have ended: their lines are whole. */
function endedChildren(): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const journal = files.find((name) => /map-[^/]*\.jsonl$/.test(name));
  if (!journal) return [];
  const lines = readFileSync(join(folder, journal), 'utf8').split('\n').slice(0, -1);
  return lines
    .map((line) => parse(line) as { kind: string; input: string })
    .filter(({ kind }) => kind === 'child')
    .map(({ input }) => `work ${input}`);
}

it('runs every child to its end, and none again that had ended', async () => {
  for (const count of KILLS) {
    const running = launch();
    await eventually(() => (invocations().length >= count ? true : undefined));
    running.kill('SIGKILL');
    await once(running, 'exit');
    const before = invocations();
    const ended = endedChildren();
    const last = launch();
    await eventually(() => (invocations().length > before.length ? true : undefined));
    last.kill('SIGKILL');
    await once(last, 'exit');
    const again = invocations().slice(before.length);
    expect(again.filter((invocation) => ended.includes(invocation))).toEqual([]);
  }
  const final = launch();
  let printed = '';
  final.stdout?.on('data', (piece: Buffer) => (printed += piece.toString('utf8')));
  const [code] = (await once(final, 'exit')) as [number | null];
  expect(code).toBe(0);
  expect(parse(printed)).toMatchObject({
    status: 'SUCCEEDED',
    output: JSON.stringify(Array.from({ length: CHILDREN }, (_, i) => i)),
  });
  // A kill costs at most the children that were running.
  const repeated = invocations().filter((line) => line.startsWith('work')).length - CHILDREN;
  expect(repeated).toBeLessThanOrEqual(2 * KILLS.length * AT_ONCE);
}, 60_000);
