import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireFile, requireWritable } from '../../../cli/demo/files.ts';
import { explain } from '../../../cli/demo/runDemo.ts';
import { ApiError } from '../../../client/errors.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-files-'));
  await writeFile(join(folder, 'a.csv'), 'name\n');
});
afterEach(() => rm(folder, { recursive: true }));

describe('requireFile', () => {
  it('takes a file, and names what is none', async () => {
    await requireFile(join(folder, 'a.csv'), '--data');
    await expect(requireFile(folder, '--data')).rejects.toThrow(/--data .*this is a folder/);
    await expect(requireFile(join(folder, 'b.csv'), '--data')).rejects.toThrow(/no such file/);
  });
});

describe('requireWritable', () => {
  it('makes the folder of a file that can be written', async () => {
    await requireWritable(join(folder, 'new/out.zip'), '--out');
    expect((await stat(join(folder, 'new'))).isDirectory()).toBe(true);
  });

  it('refuses a folder, and a place that can have none', async () => {
    await expect(requireWritable(folder, '--out')).rejects.toThrow(/--out .*this is a folder/);
    const below = join(folder, 'a.csv/out.zip');
    await expect(requireWritable(below, '--out')).rejects.toThrow(/no file can be written there/);
  });
});

describe('explain', () => {
  it('lists the faults behind a message, but not the only one twice', () => {
    const error = (...details: string[]) =>
      new ApiError(422, 'first', { errors: details.map((detail) => ({ pointer: '', detail })) });
    expect(explain(error('first'))).toBe('first');
    expect(explain(error('first', 'second'))).toBe('first\n  first\n  second');
  });
});
