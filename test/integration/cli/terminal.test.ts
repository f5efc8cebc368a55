/** The command line in a real terminal (tmux): what a person sees of it, and what Ctrl+C does. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkArchive } from '../../../cli/files/archiveCheck.ts';
import { startCliWorld, type CliWorld } from '../../support/cliWorld.ts';
import { docx } from '../../support/docx.ts';

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'cli', 'start.cjs');
const COLUMNS = 100;
const ROWS = 60_000;

const hasTmux = spawnSync('tmux', ['-V']).status === 0;
const unlessSkipped = hasTmux ? '' : ' (skipped: tmux is not here)';

describe.skipIf(!hasTmux)(`in a terminal${unlessSkipped}`, () => {
  let world: CliWorld;
  let socket: string;
  const tmux = (...args: string[]) => run('tmux', ['-S', join(socket, 's'), ...args]);
  /** What stands on the screen, without blank lines. */
  const screen = async () => {
    const { stdout } = await tmux('capture-pane', '-p', '-J', '-t', 'main');
    return stdout.split('\n').filter((line) => line.trim() !== '');
  };
  const type = async (text: string) => {
    await tmux('send-keys', '-t', 'main', '-l', text);
    await tmux('send-keys', '-t', 'main', 'Enter');
  };
  const shows = (pattern: RegExp) =>
    expect
      .poll(async () => (await screen()).join('\n'), { timeout: 90_000, interval: 50 })
      .toMatch(pattern);

  beforeAll(async () => {
    world = await startCliWorld();
    socket = await mkdtemp(join(tmpdir(), 'sheaf-tmux-'));
    await world.write('letter.docx', docx('Dear {name}'));
    const rows = Array.from({ length: ROWS }, (_, i) => `n${i}`);
    await world.write('many.csv', `name\n${rows.join('\n')}\n`);
    const size = ['-x', String(COLUMNS), '-y', '40'];
    const env = [
      '-e',
      `SHEAF_DATA_DIR=${world.cloud.dataDir}`,
      '-e',
      'PS1=ready> ',
      '-e',
      'NO_COLOR=',
    ];
    await tmux('new-session', '-d', '-s', 'main', ...size, '-c', world.folder, ...env, 'sh');
    await type(`sheaf() { '${process.execPath}' '${PROGRAM}' "$@"; echo "code $?"; }`);
  }, 160_000);
  afterAll(async () => {
    await tmux('kill-server').catch(() => undefined);
    await rm(socket, { recursive: true, force: true });
    await world.remove();
  });

  it('progress is one line that fills, and what stays are the result and its archive', async () => {
    await shows(/sheaf\(\)/);
    await type('clear; sheaf generate --template letter.docx --data many.csv --out a.zip');
    await shows(/[█░]{8,} +\d+ % · [\d,]+ of 60,000/);
    await shows(/code 0/);
    const lines = await screen();
    expect(lines.filter((line) => /[█░]/.test(line))).toEqual([]);
    expect(lines.find((line) => line.startsWith('Documents'))).toMatch(/60,000 in .* a second/);
    expect(lines.find((line) => line.startsWith('Archive'))).toMatch(/a\.zip · .* checked/);
    expect((await checkArchive(join(world.folder, 'a.zip'))).documents).toBe(ROWS);
  }, 180_000);

  it('Ctrl+C pauses and says how to go on', async () => {
    await type(
      'clear; sheaf generate --template letter.docx --data many.csv --parallel 1 --out b.zip',
    );
    await shows(/[█░]{8,} +\d+ % · [\d,]+ of 60,000/);
    await tmux('send-keys', '-t', 'main', 'C-c');
    await shows(
      /Nothing is lost\. Go on with it:\n +sheaf generate --resume task_\w+ --out b\.zip/,
    );
    await shows(/code 130/);
    const [, resume = ''] = /sheaf (generate --resume .*)/.exec((await screen()).join('\n')) ?? [];
    await type(`clear; sheaf ${resume.trim()}`);
    await shows(/code 0/);
    expect((await checkArchive(join(world.folder, 'b.zip'))).documents).toBe(ROWS);
  }, 240_000);
});
