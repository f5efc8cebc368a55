import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { linesOf, startCliWorld, type CliWorld } from '../../support/cliWorld.ts';
import { runCli, type CliRun } from '../../support/runCli.ts';

const KEY = 'key-of-somebody';

let folder: string;
let world: CliWorld;
/** Takes itself for an API with a console. */
let stack: Server;
let stackUrl: string;
let health: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-cli-'));
  world = await startCliWorld();
  health = await (await fetch(`${world.cloud.apiUrl}/health`)).text();
  stack = createServer(({ url, headers }, response) => {
    if (url === '/api/v2/health') {
      response.setHeader('content-type', 'application/json').end(health);
    } else if (url === '/') response.end('<html></html>');
    else response.writeHead(headers.authorization === `Bearer ${KEY}` ? 404 : 401).end();
  });
  await new Promise<void>((resolve) => stack.listen(0, '127.0.0.1', resolve));
  stackUrl = `http://127.0.0.1:${(stack.address() as AddressInfo).port}`;
});
afterAll(async () => {
  stack?.close();
  await world?.remove();
  await rm(folder, { recursive: true, force: true });
});

const sheaf = (args: readonly string[], env: Record<string, string> = {}) =>
  runCli(args, { cwd: folder, env });

/** A disk that is full, where there is one. */
const FULL = '/dev/full';
const skipped = existsSync(FULL) ? '' : ` (skipped: there is no ${FULL})`;

describe.skipIf(skipped !== '')(`output that is lost${skipped}`, () => {
  it.each([[['--version']], [['--help']], [['doctor', '--json']]])(
    'is a failure: %j',
    async (args) => {
      const full = await open(FULL, 'w');
      const { code, err } = await runCli(args, { cwd: folder, out: full.fd });
      await full.close();
      expect({ code, err }).toEqual({
        code: 1,
        err: expect.stringContaining('Standard output cannot be written: ENOSPC') as string,
      });
    },
  );
});

it('runs the demo, which ends well though two rows fail on purpose', async () => {
  // Its cloud is that of the folder, and stays for a moment.
  const cwd = join(folder, 'demo');
  await mkdir(cwd);
  const out = join(cwd, 'letters.zip');
  const { code, err } = await runCli(['--out', out], { cwd, program: 'demo.cjs' });
  expect({ code, err }).toEqual({ code: 0, err: expect.any(String) as string });
  expect(existsSync(out)).toBe(true);
});

describe('sheaf start', () => {
  it('runs the local cloud for other commands, and ends it when it is told to', async () => {
    let other: Promise<CliRun> | undefined;
    let second: Promise<CliRun> | undefined;
    const started = await runCli(['start', '--free-ports', '--json'], {
      cwd: folder,
      onText(all, kill) {
        if (!all.includes('apiUrl')) return;
        other ??= sheaf(['task', 'list']).then(async (ran) => {
          // Told that it runs already, and to end, it leaves the other one alone.
          second = runCli(['start'], {
            cwd: folder,
            onText: (text, end) => void (text.includes('Services') && end('SIGTERM')),
          });
          await second;
          kill('SIGTERM');
          return ran;
        });
      },
    });
    expect(started).toMatchObject({ code: 0 });
    const [ready] = linesOf(started.out);
    expect(ready).toMatchObject({ apiUrl: expect.stringMatching(/^http:/) as string });
    expect(await other).toMatchObject({ code: 0, err: 'There is no such task yet.\n' });
    const { apiUrl } = z.object({ apiUrl: z.string() }).parse(ready);
    expect(await second).toMatchObject({ code: 0, out: expect.stringContaining(apiUrl) as string });
  }, 120_000);

  it.each([
    [['--endpoint', 'https://example.org'], {}, 2, /runs here/],
    [['--port', '3000', '--free-ports'], {}, 2, /Leave out --port or --free-ports/],
    [['--port', '0x'], {}, 2, /--port/],
    [[], { SHEAF_TASK_LIMIT: 'many' }, 2, /SHEAF_TASK_LIMIT/],
  ])('%j with %j is refused', async (args, env, code, message) => {
    const refused = await sheaf(['start', ...args], env);
    expect(refused).toMatchObject({ code, err: expect.stringMatching(message) as string });
  });
});

describe('sheaf open', () => {
  it('leads a browser to the console, whose key stands in no command line', async () => {
    const browser = join(world.folder, 'browser.sh');
    const seen = join(world.folder, 'seen');
    await world.write('browser.sh', `#!/bin/sh\necho "$1" > ${seen}\ncurl -si "$1" >> ${seen}\n`);
    await chmod(browser, 0o700);
    const args = ['open', '--endpoint', stackUrl];
    const opened = await sheaf(args, { BROWSER: browser, SHEAF_API_KEY: KEY });
    expect(opened).toMatchObject({ code: 0, out: `${stackUrl}/\n`, err: '' });
    await expect
      .poll(() => readFile(seen, 'utf8'))
      .toMatch(
        new RegExp(`^http://127.0.0.1:\\d+/[0-9a-f]{32}\n.* 302 [^]*${stackUrl}/#key=${KEY}`),
      );
  });

  it('prints the address where there is no browser, and says what is missing', async () => {
    const env = { BROWSER: 'none', SHEAF_API_URL: stackUrl, SHEAF_API_KEY: KEY };
    expect(await sheaf(['open'], env)).toMatchObject({
      code: 0,
      out: `${stackUrl}/\n`,
      err: expect.stringContaining('No browser came up') as string,
    });
    expect(await sheaf(['open'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('sheaf start --open') as string,
    });
  });
});

describe('sheaf doctor', () => {
  it('finds this machine well, and leaves nothing behind', async () => {
    const place = join(folder, 'new');
    await mkdir(place);
    const { code, out } = await runCli(['doctor'], { cwd: place });
    expect({ code, out }).toMatchObject({ code: 0 });
    expect(out).toMatch(/^✓ Node\.js: \d+[^]*✓ State: .* can be written\n/m);
    expect(await readdir(place)).toEqual([]);
  });

  it('names what is missing', async () => {
    await world.write('file', '');
    const dataDir = join(world.folder, 'file', 'state');
    const sick = await sheaf(['doctor', '--json'], { SHEAF_DATA_DIR: dataDir });
    expect(sick.code).toBe(1);
    const findings = linesOf(sick.out) as { what: string; grade: string }[];
    expect(findings.filter(({ grade }) => grade === 'bad').map(({ what }) => what)).toEqual([
      'State',
    ]);
    const { port } = stack.address() as AddressInfo;
    const taken = await sheaf(['doctor'], { HTTP_PORT: String(port) });
    expect(taken).toMatchObject({ code: 0 });
    expect(taken.out).toMatch(/! Port \d+: another program has it\n {2}sheaf start needs it/);
  });

  it('looks at an API that is named', async () => {
    const { apiUrl, apiKey } = world.cloud;
    const well = await sheaf(['doctor', '--endpoint', apiUrl], { SHEAF_API_KEY: apiKey });
    expect(well).toMatchObject({ code: 0, err: '' });
    expect(well.out.match(/^✓ \w+/gm)).toEqual(['✓ API', '✓ Clock', '✓ Key', '✓ Events']);
    const wrong = await sheaf(['doctor', '--endpoint', apiUrl], { SHEAF_API_KEY: 'another' });
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.out).toMatch(/✗ Key: .* does not take this API key/);
    const none = await sheaf(['doctor', '--endpoint', 'http://127.0.0.1:9'], {
      SHEAF_API_KEY: KEY,
    });
    expect(none).toMatchObject({ code: 1 });
    expect(none.out).toMatch(/^✗ API: .* does not answer/);
  });
});
