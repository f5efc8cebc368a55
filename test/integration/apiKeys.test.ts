/** Who may use a local cloud: its development key, and those that `sheaf keys` makes. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../../cli/target/client.ts';
import { docx } from '../support/docx.ts';
import { startTestCloud, type TestCloud } from '../support/localCloud.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT = { timeout: 240_000 };

const clouds: TestCloud[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.remove();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function start(environment: Record<string, string> = {}): Promise<TestCloud> {
  const cloud = await startTestCloud(environment);
  clouds.push(cloud);
  return cloud;
}

/** Runs `sheaf keys` to its end. */
function keys(dataDir: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'cli/start.cjs'), 'keys', ...args],
    { env: { ...process.env, SHEAF_DATA_DIR: dataDir }, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

function add(dataDir: string, owner: string): string {
  const { status, stdout, stderr } = keys(dataDir, 'create', owner);
  expect([status, stderr]).toEqual([0, expect.stringContaining(`A key of ${owner}.`)]);
  return stdout.trim();
}

const clientOf = ({ apiUrl }: TestCloud, apiKey: string) => createClient({ apiUrl, apiKey });

async function status({ apiUrl }: TestCloud, apiKey: string): Promise<number> {
  const headers = { authorization: `Bearer ${apiKey}` };
  return (await fetch(`${apiUrl}/batch/tasks`, { headers })).status;
}

describe('sheaf keys', () => {
  it(
    'makes, lists and removes keys while the local cloud runs and while it does not',
    LIMIT,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sheaf-keys-'));
      folders.push(folder);
      // Nothing is there yet: it begins the folder.
      expect(keys(folder, 'list')).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^OWNER.*\nlocal .* development\n$/) as string,
      });
      const early = add(folder, 'early');

      let cloud = await start();
      const running = add(cloud.dataDir, 'acme');
      const second = add(cloud.dataDir, 'acme');
      expect(early).not.toBe(running);
      expect(await status(cloud, running)).toBe(200);
      expect(await status(cloud, early)).toBe(403);

      await clientOf(cloud, running).uploadTemplate('letter.docx', docx('Dear {name}'));
      const templates = async (apiKey: string) =>
        (await clientOf(cloud, apiKey).listTemplates({})).data.length;
      expect([await templates(second), await templates(cloud.apiKey)]).toEqual([1, 0]);

      expect(keys(cloud.dataDir, 'limit', 'acme')).toMatchObject({
        status: 0,
        stdout: 'acme: 3 tasks at a time, any number of documents.\n',
      });
      const limited = keys(
        cloud.dataDir,
        'limit',
        'acme',
        ...['--tasks', '1', '--documents', '500'],
      );
      expect(limited.stdout).toBe(
        'acme: 1 task at a time, 500 documents in all, of which 0 are used.\n',
      );
      expect(await clientOf(cloud, second).getUsage({})).toEqual({
        tasksRunning: 0,
        tasksQueued: 0,
        taskLimit: 1,
        documents: { budget: 500, reserved: 0, used: 0 },
      });
      for (const refused of ['--tasks=0', '--tasks=none', '--tasks=1001', '--documents=-1']) {
        expect(keys(cloud.dataDir, 'limit', 'acme', refused).status).toBe(2);
      }
      expect(keys(cloud.dataDir, 'limit', 'acme', '--documents', 'none').stdout).toContain(
        'any number of documents',
      );

      const [, id = ''] = /^acme +([0-9a-f]{12}) .*\nacme .*\nlocal .*development$/m.exec(
        keys(cloud.dataDir, 'list').stdout,
      ) ?? [''];
      expect(keys(cloud.dataDir, 'revoke', 'acme', id, '--yes')).toMatchObject({
        status: 0,
        stdout: `acme  ${id}  revoked\n`,
      });
      await cloud.end('SIGTERM');

      // Nobody has the folder now.
      const stopped = add(cloud.dataDir, 'other');
      expect(keys(cloud.dataDir, 'list').stdout.match(/^[a-z]+/gm)).toEqual([
        ...['acme', 'local', 'other'],
      ]);
      // The one that was started for the commands goes by itself.
      const ready = join(cloud.dataDir, 'local.json');
      await expect.poll(() => existsSync(ready), { timeout: 30_000 }).toBe(false);
      const lock = join(cloud.dataDir, 'lock');
      await expect.poll(() => existsSync(lock), { timeout: 30_000 }).toBe(false);
      clouds.push((cloud = await cloud.restart('SIGTERM')));
      // The older of the two is gone.
      expect([await status(cloud, running), await status(cloud, second)]).toEqual([403, 200]);
      expect(await status(cloud, stopped)).toBe(200);
      for (const owner of ['nobody', 'local']) {
        const { status, stderr } = keys(cloud.dataDir, 'revoke', owner, '--yes');
        expect([status, stderr]).toEqual([1, expect.stringContaining(`no such key of ${owner}`)]);
      }
      expect(await status(cloud, cloud.apiKey)).toBe(200);
      // What is kept is hashed.
      const kept = keys(cloud.dataDir, 'list').stdout;
      for (const key of [second, stopped, cloud.apiKey]) expect(kept).not.toContain(key);
    },
  );

  it.each([
    [['create'], /missing required argument/],
    [['create', 'a b'], /letters, digits/],
    [['revoke', 'acme', 'xyz'], /12 digits/],
    [['sell'], /unknown command/],
    [['list', '--region', 'eu-central-1'], /add --table/],
    [['list', '--table', 'Sheaf-Table'], /--region, or AWS_REGION/],
    [['list', '--endpoint', 'https://example.org'], /name it with --table/],
  ])('says what it does not take: %j', (args, text) => {
    const { status, stdout, stderr } = keys('/nowhere', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(text);
  });

  it.skipIf(spawnSync('curl', ['--version']).status !== 0)(
    'does what docs/local-cloud.md shows',
    LIMIT,
    async () => {
      const guide = readFileSync(join(ROOT, 'docs/local-cloud.md'), 'utf8');
      const [, block = ''] = /## Several owners[\s\S]*?```bash\n([\s\S]*?)```/.exec(guide) ?? [];
      const cloud = await start();
      const script = block.replaceAll('http://localhost:3000/api/v2', cloud.apiUrl);
      const { status, stdout, stderr } = spawnSync('bash', ['-ec', script], {
        cwd: ROOT,
        env: { ...process.env, SHEAF_DATA_DIR: cloud.dataDir },
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([0, expect.stringContaining('A key of acme.')]);
      expect(stdout).toMatch(
        /^\{"data":\[\],"nextCursor":null\}OWNER .*\nacme +[0-9a-f]{12} .*\nlocal .*\nacme: 10 tasks at a time, 5,000 documents in all, of which 0 are used\.\nacme {2}[0-9a-f]{12} {2}revoked\n$/,
      );
    },
  );
});

describe('the development key', () => {
  it('is the one of this start alone', LIMIT, async () => {
    const first = await start({ SHEAF_API_KEY: 'the-first-value' });
    expect(await status(first, 'the-first-value')).toBe(200);
    const given = add(first.dataDir, 'acme');
    const second = await first.restart('SIGKILL', { SHEAF_API_KEY: 'the-second-value' });
    clouds.push(second);
    expect(await status(second, 'the-second-value')).toBe(200);
    expect(await status(second, 'the-first-value')).toBe(403);
    expect(await status(second, given)).toBe(200);
    const third = await second.restart('SIGTERM', {});
    clouds.push(third);
    expect(await status(third, third.apiKey)).toBe(200);
    expect(await status(third, 'the-second-value')).toBe(403);
    // A key that an owner was given does not become that of another.
    await third.end('SIGTERM');
    await expect(third.restart('SIGTERM', { SHEAF_API_KEY: given })).rejects.toThrow(
      'SHEAF_API_KEY is a key that an owner was given',
    );
  });
});
