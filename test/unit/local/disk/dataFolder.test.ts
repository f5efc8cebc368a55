import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../../../local/disk/dataFolder.ts';
import { createFunctionLog } from '../../../../local/lambda/functionLog.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'sheaf-data-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const READY = {
  pid: 1,
  apiUrl: 'http://localhost:1/api/v2',
  websocketUrl: 'ws://localhost:2/v2/stream',
  servicesUrl: 'http://127.0.0.1:3',
  apiKey: 'the-key',
};

describe('openDataFolder', () => {
  it('is for one local cloud at a time, and says which has it', () => {
    const folder = openDataFolder(dir);
    expect(() => openDataFolder(dir)).toThrow(
      new RegExp(`process ${process.pid}.*SHEAF_DATA_DIR=`, 's'),
    );
    folder.release();
    openDataFolder(dir).release();
  });

  it('generates a key once, readable by this user alone', () => {
    const folder = openDataFolder(dir);
    const key = folder.generatedKey();
    expect(key).toMatch(/^sheaf_local_[\w-]{43}$/);
    expect(folder.generatedKey()).toBe(key);
    folder.release();
    const again = openDataFolder(dir);
    expect(again.generatedKey()).toBe(key);
    again.release();
    expect(statSync(join(dir, 'api-key')).mode & 0o077).toBe(0);
  });

  it('generates a new key in the place of an empty one', () => {
    writeFileSync(join(dir, 'api-key'), '');
    const folder = openDataFolder(dir);
    expect(folder.generatedKey()).toMatch(/^sheaf_local_[\w-]{43}$/);
    folder.release();
  });

  it('announces by local.json, for this user alone, and withdraws it', () => {
    const path = join(dir, 'local.json');
    writeFileSync(path, '{"pid":1}');
    const folder = openDataFolder(dir);
    expect(existsSync(path)).toBe(false);
    folder.announce(READY);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(READY);
    expect(statSync(path).mode & 0o077).toBe(0);
    folder.release();
    expect(existsSync(path)).toBe(false);
  });
});

describe('createFunctionLog', () => {
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
      expect.stringMatching(/^The logs cannot be written: EISDIR/),
      'Api: one',
      'Api: two',
    ]);
    rmdirSync(join(dir, 'Api.log'));
    log.print('Api', 'three\n', false);
    expect(readFileSync(join(dir, 'Api.log'), 'utf8')).toBe('three\n');
  });
});
