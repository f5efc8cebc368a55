import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { newApiKey } from '../../../../local/keys/apiKeys.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../../../local/disk/dataFolder.ts';
import { createFunctionLog } from '../../../../local/lambda/functionLog.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'sheaf-data-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const notices: string[] = [];
beforeEach(() => void notices.splice(0));
const open = (path = dir) => openDataFolder(path, (text) => notices.push(text));
/** The permissions of everything at and below a path, by name. */
function modes(path: string): Record<string, string> {
  const names = statSync(path).isDirectory() ? readdirSync(path) : [];
  const own = { [relative(dir, path)]: (statSync(path).mode & 0o777).toString(8) };
  return Object.assign(own, ...names.map((name) => modes(join(path, name)))) as typeof own;
}

const READY = {
  pid: 1,
  apiUrl: 'http://localhost:1/api/v2',
  websocketUrl: 'ws://localhost:2/v2/stream',
  eventsUrl: 'http://localhost:1/events',
  servicesUrl: 'http://127.0.0.1:3',
  apiKey: 'the-key',
  tableName: 'Sheaf-Table',
  bucketName: 'sheaf-bucket',
};

describe('openDataFolder', () => {
  it('is for one local cloud at a time, and says which has it', () => {
    const folder = open();
    expect(() => open()).toThrow(new RegExp(`process ${process.pid}.*SHEAF_DATA_DIR=`, 's'));
    folder.release();
    open().release();
  });

  it('generates a key once, readable by this user alone', () => {
    const folder = open();
    const key = folder.keptKey(newApiKey);
    expect(key).toMatch(/^sheaf_local_[\w-]{43}$/);
    expect(folder.keptKey(newApiKey)).toBe(key);
    folder.release();
    const again = open();
    expect(again.keptKey(newApiKey)).toBe(key);
    again.release();
    expect(statSync(join(dir, 'api-key')).mode & 0o077).toBe(0);
  });

  it('generates a new key in the place of an empty one', () => {
    writeFileSync(join(dir, 'api-key'), '');
    const folder = open();
    expect(folder.keptKey(newApiKey)).toMatch(/^sheaf_local_[\w-]{43}$/);
    folder.release();
  });

  it('announces by local.json, for this user alone, and withdraws it', () => {
    const path = join(dir, 'local.json');
    writeFileSync(path, '{"pid":1}');
    const folder = open();
    expect(existsSync(path)).toBe(false);
    folder.announce(READY);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(READY);
    expect(statSync(path).mode & 0o077).toBe(0);
    folder.release();
    expect(existsSync(path)).toBe(false);
  });
});

describe('the data folder, for this user alone', () => {
  it('is made so, with those above it', () => {
    open(join(dir, 'a', 'b')).release();
    expect(modes(join(dir, 'a'))).toEqual({ a: '700', 'a/b': '700' });
    expect(notices).toEqual([]);
  });

  it('is shut aloud, with all that an earlier start has left in it, when it was open', () => {
    mkdirSync(join(dir, 'objects', 'data'), { recursive: true, mode: 0o755 });
    for (const name of ['objects/data/one', 'usage.json', 'api-key', 'lock.leftover']) {
      writeFileSync(join(dir, name), 'x', { mode: 0o644 });
    }
    chmodSync(dir, 0o755);
    open().release();
    expect(new Set(Object.values(modes(dir)))).toEqual(new Set(['600', '700']));
    expect(notices).toEqual([expect.stringContaining(`${dir} was open to other users`)]);
    notices.length = 0;
    open().release();
    expect(notices).toEqual([]);
  });

  it('is left open when it holds other things too, but not what is its own', () => {
    mkdirSync(join(dir, 'objects'), { mode: 0o755 });
    writeFileSync(join(dir, 'objects', 'one'), 'x', { mode: 0o644 });
    writeFileSync(join(dir, 'letters.csv'), 'x', { mode: 0o644 });
    chmodSync(dir, 0o755);
    open().release();
    expect(modes(dir)).toEqual({
      '': '755',
      objects: '700',
      'objects/one': '600',
      'letters.csv': '644',
    });
    expect(notices).toEqual([expect.stringContaining('holds other things')]);
  });

  it('keeps links in it from leading out of it', () => {
    const outside = join(dir, 'outside');
    writeFileSync(outside, 'x', { mode: 0o644 });
    const inside = join(dir, 'inside');
    mkdirSync(join(inside, 'objects'), { recursive: true });
    symlinkSync(outside, join(inside, 'objects', 'link'));
    chmodSync(inside, 0o755);
    open(inside).release();
    expect(modes(outside)).toEqual({ outside: '644' });
  });
});

describe('a data folder that cannot be', () => {
  it.each([
    ['a file', () => join(dir, 'file'), /a file is where a folder should be \(ENOTDIR\)/],
    ['below a file', () => join(dir, 'file', 'a'), /a file is where a folder should be/],
    ['too long a name', () => join(dir, 'x'.repeat(300)), /too long \(ENAMETOOLONG\)/],
  ])('is told in a sentence: %s', (_, path, reason) => {
    writeFileSync(join(dir, 'file'), '');
    expect(() => open(path())).toThrow(reason);
    expect(() => open(path())).toThrow(`The data folder ${path()} cannot be used: `);
    expect(readdirSync(dir)).toEqual(['file']);
  });

  // Where a file system takes no folders, making them by Node's own means never ends.
  it.skipIf(!existsSync('/proc/self'))('is told where no folder can be made', () => {
    expect(() => open('/proc/sheaf/data')).toThrow(
      'The data folder /proc/sheaf/data cannot be used: no folder can be made there (ENOTSUP).',
    );
  });

  it('leaves nothing behind when a file in it cannot be written', () => {
    const folder = open();
    mkdirSync(join(dir, 'usage.json'));
    expect(() => folder.writePrivately('usage.json', 'text')).toThrow();
    expect(readdirSync(dir).sort()).toEqual(['lock', 'usage.json']);
    folder.release();
  });
});

describe('createFunctionLog', () => {
  it('says in one line that a function was ended for its time, and what to do', () => {
    const shown: string[] = [];
    const logs = join(dir, 'logs');
    createFunctionLog(logs, (line) => shown.push(line)).timedOut('RenderShard', 120_000);
    expect(shown).toEqual([
      'RenderShard: Ended after 120 s, which is all that it may take. A step of a workflow is tried again by ' +
        `itself; if it ends so again, see in ${join(logs, 'RenderShard.log')} what it did before.`,
    ]);
    expect(readFileSync(join(logs, 'RenderShard.log'), 'utf8')).toMatch(/^Ended after 120 s.*\n$/);
  });

  it('keeps what functions print, and shows whole lines of errors only', () => {
    const shown: string[] = [];
    const log = createFunctionLog(join(dir, 'logs'), (line) => shown.push(line));
    const error = { name: 'AccessDenied', message: 'no grant', stack: ['at …'] };
    const failed = `${JSON.stringify({ level: 'ERROR', message: 'It failed.', error })}\n`;
    log.print('Api', 'plain\n', false);
    log.print('Api', failed.slice(0, 20), true);
    log.print('Api', `${failed.slice(20)}{"level":"WARN","message":"beware"}\n`, true);
    log.print('Stream', 'Error: x\n', true);
    expect(shown).toEqual(['Api: It failed. AccessDenied: no grant', 'Stream: Error: x']);
    expect(readFileSync(join(dir, 'logs', 'Api.log'), 'utf8')).toBe(
      `plain\n${failed}{"level":"WARN","message":"beware"}\n`,
    );
  });

  it('keeps a bounded amount', () => {
    const log = createFunctionLog(dir, () => undefined);
    const mebibyte = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 12; i++) log.print('Api', mebibyte, false);
    const sizes = ['Api.log', 'Api.log.1'].map((name) => statSync(join(dir, name)).size);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(3 * 1024 * 1024);
  });

  it('goes on with the file of an earlier start', () => {
    for (const text of ['one\n', 'two\n'])
      createFunctionLog(dir, () => undefined).print('Api', text, false);
    expect(readFileSync(join(dir, 'Api.log'), 'utf8')).toBe('one\ntwo\n');
  });

  it('goes on without the files while they cannot be written, and says so once', () => {
    const shown: string[] = [];
    const log = createFunctionLog(dir, (line) => shown.push(line));
    // Stands for a full disk.
    mkdirSync(join(dir, 'Api.log'));
    for (const text of ['one\n', 'two\n']) log.print('Api', text, true);
    expect(shown).toEqual([
      expect.stringMatching(/^The logs in .* cannot be written: a folder .* \(EISDIR\)/),
      'Api: one',
      'Api: two',
    ]);
    rmdirSync(join(dir, 'Api.log'));
    log.print('Api', 'three\n', false);
    expect(readFileSync(join(dir, 'Api.log'), 'utf8')).toBe('three\n');
  });
});
