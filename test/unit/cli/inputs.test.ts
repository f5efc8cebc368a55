import { mkdir, mkdtemp, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  checkData,
  checkOutputFile,
  checkOutputFolder,
  checkPlaces,
  checkTemplate,
} from '../../../cli/files/inputs.ts';
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
const check = async (
  other: { template?: string; data?: string; out?: string; force?: boolean } = {},
) => {
  const template = at(other.template ?? 'a.docx');
  const data = at(other.data ?? 'a.csv');
  checkPlaces(template, data);
  await checkTemplate(template);
  await checkData(data);
  await checkOutputFile(at(other.out ?? 'new/out.zip'), '--out', other.force === true, [
    ['--template', template],
    ['--data', data],
  ]);
};

describe('files of a command line', () => {
  it('takes files that are as they should be, and makes the folder of the archive', async () => {
    await check();
    expect((await stat(at('new'))).isDirectory()).toBe(true);
    await writeFile(at('new/out.zip'), 'an earlier one');
    await check({ force: true });
    await expect(check()).rejects.toThrow(/such a file already\. --force replaces it/);
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
    ['is below a file', { out: 'a.csv/out.zip' }, /--out .*nothing can be written there/],
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

describe('a folder for documents', () => {
  const folderOut = (path: string, mayHold = false) =>
    checkOutputFolder(at(path), '--out', mayHold, [['--input-dir', at('inputs')]]);

  it('is made, and may hold what was made before only when that is said', async () => {
    await folderOut('letters/2026');
    await writeFile(at('letters/2026/.sheaf.json'), '{}');
    await folderOut('letters/2026');
    await writeFile(at('letters/2026/a.docx'), '');
    await expect(folderOut('letters/2026')).rejects.toThrow(/the folder is not empty/);
    await folderOut('letters/2026', true);
  });

  it('is no file, and not inside of the folder that is read', async () => {
    await expect(folderOut('a.csv')).rejects.toThrow(/this is a file/);
    await mkdir(at('inputs'));
    await symlink(at('inputs'), at('elsewhere'));
    for (const path of ['inputs', 'inputs/out', 'elsewhere/out']) {
      await expect(folderOut(path)).rejects.toThrow(/inside of --input-dir/);
    }
    await folderOut('inputs-out');
  });
});
