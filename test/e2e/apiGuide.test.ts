/** The walk-through of docs/api.md, run as it stands. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, inject, it } from 'vitest';
import { readZip } from '../support/readZip.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sheaf-guide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The guide's shell blocks, one script. */
function walkThrough(): string {
  const guide = readFileSync(join(ROOT, 'docs/api.md'), 'utf8');
  return [...guide.matchAll(/```bash\n([\s\S]*?)```/g)].map(([, block]) => block).join('\n');
}

const tools = ['bash', 'curl'].filter((tool) => spawnSync(tool, ['--version']).status !== 0);

/** Its stream of events may have to wait for those that others left open, up to two minutes. */
const WITH_WAITS = { timeout: 300_000 };

it.skipIf(tools.length > 0)(
  'the walk-through makes the archive of the examples',
  WITH_WAITS,
  async () => {
    // In a folder of its own, because it downloads to where it is run.
    symlinkSync(join(ROOT, 'examples'), join(folder, 'examples'));
    const bash = spawn('bash', ['-s'], {
      cwd: folder,
      env: { ...process.env, API: inject('apiUrl'), KEY: inject('apiKey') },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let printed = '';
    bash.stdout.on('data', (text: Buffer) => (printed += text.toString()));
    bash.stderr.on('data', (text: Buffer) => (printed += text.toString()));
    // What is pasted into a terminal must not close it; here the first error is the end.
    bash.stdin.end(`set -euo pipefail\n${walkThrough()}`);
    const [status] = (await once(bash, 'close')) as [number];
    expect([status, printed]).toEqual([0, printed]);
    expect(printed).toContain('One task: task_');
    expect(printed).toMatch(/^event: snapshot$[^]*^event: task_completed$/m);

    const entries = await readZip(join(folder, 'out/offer-letters.zip'));
    const report = readFileSync(join(folder, 'out/failures.csv'), 'utf8');
    expect(readdirSync(folder).sort()).toEqual(['examples', 'out']);
    expect([...entries.keys()]).toContain('_failures.csv');
    expect(entries.get('_failures.csv')?.toString()).toBe(report);
  },
);
