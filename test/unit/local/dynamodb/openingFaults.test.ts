import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { notOpened } from '../../../../local/dynamodb/openingFaults.ts';
import { createTableEngine } from '../../../../local/dynamodb/tableEngine.ts';
import { createTestAccess } from '../../../support/localAws.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'sheaf-table-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const open = (at = dir) => createTableEngine({ dir: at, tables: {}, access: createTestAccess() });
const level = (code: string, message: string) =>
  new Error('Database failed to open', { cause: Object.assign(new Error(message), { code }) });

describe('tables that cannot be opened', () => {
  it('are told apart when another process has them', async () => {
    const engine = await open();
    await expect(open()).rejects.toThrow(`The tables in ${dir} are open in another process`);
    await engine.close();
    await (await open()).close();
  });

  it.each([
    ['the name of its manifest', 'CURRENT', 'MANIFEST-999999\n'],
    ['what stands in for the name of its manifest', 'CURRENT', 'x'],
  ])('are told apart when they are damaged: %s', async (_, name, text) => {
    await (await open()).close();
    writeFileSync(join(dir, name), text);
    await expect(open()).rejects.toThrow(/are damaged: [^]*remove it to begin anew/);
  });

  it('are told apart when the disk is full or is not for this user', () => {
    const io = (words: string) =>
      notOpened(dir, level('LEVEL_IO_ERROR', `IO error: ${dir}/000005.log: ${words}`));
    expect(io('No space left on device')).toMatchObject({
      message: `The tables in ${dir} cannot be opened: the disk is full (ENOSPC). Make room, then start again: nothing is lost.`,
    });
    expect(io('Permission denied')).toMatchObject({
      message: expect.stringContaining('this user may not (EACCES)') as string,
    });
    expect(io('Something else')).toMatchObject({
      message: expect.stringContaining('Something else') as string,
    });
  });

  it('are told apart when a file is in the place of their folder', async () => {
    mkdirSync(join(dir, 'data'));
    writeFileSync(join(dir, 'data', 'table'), '');
    await expect(open(join(dir, 'data', 'table'))).rejects.toThrow('a file is where');
  });
});
