import { mkdir, mkdtemp, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFiles } from '../../../cli/demo/files.ts';
import { MAX_SOURCE_BYTES, MAX_TEMPLATE_BYTES } from '../../../shared/limits.ts';

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-files-'));
  await writeFile(at('a.docx'), 'PK…');
  await writeFile(at('a.csv'), 'name\nAnn\n');
});
afterEach(() => rm(folder, { recursive: true }));

/** Checks a.docx and a.csv of the folder, or others in their place. */
const check = (other: { template?: string; data?: string; out?: string } = {}) =>
  checkFiles({
    template: at(other.template ?? 'a.docx'),
    data: at(other.data ?? 'a.csv'),
    out: at(other.out ?? 'new/out.zip'),
  });

describe('checkFiles', () => {
  it('takes files that are as they should be, and makes the folder of the archive', async () => {
    await check();
    expect((await stat(at('new'))).isDirectory()).toBe(true);
    await writeFile(at('new/out.zip'), 'an earlier one');
    await check();
  });

  it.each([
    ['is not there', { data: 'b.csv' }, /--data .*b\.csv: there is no such file/],
    ['is not there', { template: 'b.docx' }, /--template .*b\.docx: there is no such file/],
    ['is an old Word file', { template: 'a.doc' }, /--template .*save it as .*\.docx/],
    ['is no Word document', { template: 'a.pdf' }, /--template .*ends in \.docx/],
    ['is an old workbook', { data: 'a.xls' }, /--data .*save it as/],
    ['has another ending', { data: 'a.txt' }, /--data .*\.csv, \.xlsx, \.json or \.jsonl/],
    ['is the template', { template: 'a.csv', data: 'a.docx' }, /swap them/],
    ['is an input', { out: 'a.csv' }, /--out .*file of --data/],
    ['is an input, by another way', { out: 'new/../a.docx' }, /--out .*file of --template/],
    ['is below a file', { out: 'a.csv/out.zip' }, /--out .*no file can be written there/],
  ])('says what to do when a file %s', async (_, other, message) => {
    await expect(check(other)).rejects.toThrow(message);
  });

  it('refuses folders, whatever they are called', async () => {
    await mkdir(at('b.csv'));
    await mkdir(at('b.docx'));
    await mkdir(at('b.zip'));
    await expect(check({ data: 'b.csv' })).rejects.toThrow(/--data .*this is a folder/);
    await expect(check({ template: 'b.docx' })).rejects.toThrow(/--template .*this is a folder/);
    await expect(check({ out: 'b.zip' })).rejects.toThrow(/--out .*this is a folder/);
  });

  it('refuses an archive in the place of a file that a link leads to', async () => {
    await symlink(at('a.csv'), at('link.zip'));
    await expect(check({ out: 'link.zip' })).rejects.toThrow(/file of --data/);
  });

  it('refuses what is empty, too large, or no Word document inside', async () => {
    await writeFile(at('b.csv'), '');
    await expect(check({ data: 'b.csv' })).rejects.toThrow(/the file is empty/);
    await writeFile(at('b.docx'), 'Dear {name}');
    await expect(check({ template: 'b.docx' })).rejects.toThrow(/no Word document.*save it/);
    // Sparse: nothing is written.
    await truncate(at('b.docx'), MAX_TEMPLATE_BYTES + 1);
    await expect(check({ template: 'b.docx' })).rejects.toThrow(/52\.4 MB are the most/);
    await truncate(at('b.csv'), MAX_SOURCE_BYTES + 1);
    await expect(check({ data: 'b.csv' })).rejects.toThrow(/5\.4 GB are the most/);
  });

  it('leaves nothing behind when it refuses', async () => {
    await expect(check({ data: 'b.csv' })).rejects.toThrow();
    await expect(stat(at('new'))).rejects.toThrow(/ENOENT/);
  });
});
