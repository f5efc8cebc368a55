import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli } from '../../support/runCli.ts';

const PidSchema = z.object({ pid: z.int() });

let folder: string;
let other: Server;
let otherUrl: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-cli-'));
  other = createServer((_, response) => response.end('<html>Welcome</html>'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
});
afterAll(async () => {
  other.close();
  await rm(folder, { recursive: true, force: true });
});

const ready = () => join(folder, '.sheaf', 'local.json');
const isRunning = () =>
  stat(ready()).then(
    () => true,
    () => false,
  );

describe('without an endpoint, a command', () => {
  it('starts the local cloud of its folder, shares it, and stops it behind the last one', async () => {
    const both = await Promise.all([
      runCli(['task', 'list', '--json'], { cwd: folder }),
      runCli(['task', 'list'], { cwd: folder }),
    ]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both[0].out).toBe('');
    expect(both[1].err).toContain('There is no such task yet.');
    expect(await isRunning()).toBe(true);
    const { pid } = PidSchema.parse(JSON.parse(await readFile(ready(), 'utf8')));
    const third = await runCli(['task', 'list'], { cwd: folder });
    expect(third).toMatchObject({ code: 0, err: 'There is no such task yet.\n' });
    await expect.poll(isRunning, { timeout: 20_000, interval: 100 }).toBe(false);
    const isThere = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    await expect.poll(isThere, { timeout: 20_000, interval: 100 }).toBe(false);
  }, 120_000);
});

describe('an endpoint', () => {
  it.each([
    ['that is down', 'http://127.0.0.1:9', 1, /does not answer/],
    ['that is no address', 'ftp://x', 2, /is no address/],
    ['with more than an address', 'http://user:secret@localhost', 2, /an address alone/],
  ])(
    '%s is told as it is',
    async (_, endpoint, code, message) => {
      const ran = await runCli(['task', 'list', '--endpoint', endpoint], {
        cwd: folder,
        env: { SHEAF_API_KEY: 'key' },
      });
      expect(ran).toMatchObject({ code, out: '', err: expect.stringMatching(message) as string });
      expect(ran.err).not.toMatch(/secret|\n\s+at /);
    },
    60_000,
  );

  it('that is not Sheaf is told as it is', async () => {
    const env = { SHEAF_API_URL: otherUrl, SHEAF_API_KEY: 'key' };
    const ran = await runCli(['task', 'list'], { cwd: folder, env });
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('is not Sheaf') as string });
  });

  it('needs a key', async () => {
    const ran = await runCli(['task', 'list', '--endpoint', otherUrl], { cwd: folder });
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('no API key') as string });
  });
});
