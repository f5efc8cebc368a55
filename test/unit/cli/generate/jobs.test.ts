import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planJobs, type NewJob } from '../../../../cli/generate/jobs.ts';
import type { Settings } from '../../../../cli/generate/settings.ts';

let folder: string;
let notes: string[];
const at = (name: string) => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-jobs-'));
  notes = [];
  await write('letter.docx', 'PK');
  await write('people.csv', 'name\nAnn\n');
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, content: string | Uint8Array = 'name\nAnn\n') {
  await mkdir(dirname(at(name)), { recursive: true });
  await writeFile(at(name), content);
}

const PATHS = ['template', 'data', 'out', 'results', 'steps', 'input-dir', 'file-list'] as const;
/** Settings with their paths in the folder. */
const settled = (settings: Settings): Settings => {
  const place = (path: string) => (path === '-' ? path : at(path));
  const placed = PATHS.flatMap((name) => {
    const value = settings[name];
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? place(value) : value.map(place)]];
  });
  return { ...settings, ...(Object.fromEntries(placed) as Settings) };
};
async function plan(settings: Settings, input: string | Uint8Array = '') {
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)]) as NodeJS.ReadStream;
  const source = { stdin, env: {}, note: (text: string) => void notes.push(text) };
  const { signal } = new AbortController();
  return planJobs(settled(settings), source, 'documents', signal);
}
/** What is made of what, where. */
const shown = ({ label, source, place, results }: NewJob) => ({
  label,
  of: [...source.templates, source.data].map((path) => relative(folder, path)),
  to: relative(folder, place.path),
  ...(results !== undefined && { results: relative(folder, results) }),
});
const planned = async (settings: Settings) => (await plan(settings)).jobs.map(shown);

const TABLES = { template: ['letter.docx'], 'file-list': 'list.txt' };

describe('jobs of lists', () => {
  it('are one for each file, from the folder of the list on', async () => {
    await write('lists/b.csv');
    await write('lists/list.txt', '\ufeff# mine\r\n\r\n  ../people.csv\r\nb.csv  \r\n');
    const settings = { template: ['letter.docx'], 'file-list': 'lists/list.txt', out: 'made' };
    expect(await planned(settings)).toEqual([
      { label: 'people', of: ['letter.docx', 'people.csv'], to: 'made/people' },
      { label: 'b', of: ['letter.docx', 'lists/b.csv'], to: 'made/b' },
    ]);
  });

  it.each([
    ['utf16le', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['utf16be', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ])('are read in %s, as Windows writes them', async (_, encode) => {
    await write('Jän.csv');
    await write('list.txt', encode('people.csv\r\nJän.csv\r\n'));
    const jobs = await planned({ ...TABLES, out: 'made' });
    expect(jobs.map(({ label }) => label)).toEqual(['people', 'Jän']);
  });

  it.each([
    ['nothing', '# only this\n\n', /the list is empty/],
    ['one file twice', 'people.csv\npeople.csv\n', /people\.csv is listed twice/],
    ['no text', Buffer.from([0x50, 0x4b, 0, 0, 1]), /this is no text/],
    ['what is not there', 'nobody.csv\n', /--file-list .*nobody\.csv: there is no such file/],
    ['a template', 'letter.docx\n', /letter\.docx: this cannot be read/],
    ['a folder', '.\n', /this cannot be read|this is a folder/],
  ])('are refused of a list with %s', async (_, text, message) => {
    await write('list.txt', text);
    await expect(plan({ ...TABLES, out: 'made' })).rejects.toThrow(message);
  });

  it('are called apart, where files are called alike', async () => {
    for (const name of ['north/jan.csv', 'south/jan.csv', 'south/feb.csv', 'south/feb.json']) {
      await write(name);
    }
    await write('list.txt', 'north/jan.csv\nsouth/jan.csv\nsouth/feb.csv\nsouth/feb.json\n');
    const jobs = await planned({ ...TABLES, out: 'made/{input}.zip', results: 'r/{input}.csv' });
    expect(jobs.map(({ to, results }) => [to, results])).toEqual([
      ['made/north-jan.zip', 'r/north-jan.csv'],
      ['made/south-jan.zip', 'r/south-jan.csv'],
      ['made/feb.csv.zip', 'r/feb.csv.csv'],
      ['made/feb.json.zip', 'r/feb.json.csv'],
    ]);
  });

  it('stay in their folder, and take names as they are', async () => {
    for (const name of ['...csv', "a$&b$'.csv", '-rf.csv', 'white space.csv', 'x. .csv']) {
      await write(name);
    }
    await write('list.txt', "...csv\na$&b$'.csv\n-rf.csv\nwhite space.csv\nx. .csv\n");
    const jobs = await planned({ ...TABLES, out: 'made/{input}' });
    expect(jobs.map(({ to }) => to)).toEqual([
      'made/input',
      "made/a$&b$'",
      'made/-rf',
      'made/white space',
      'made/x',
    ]);
  });

  it('do not write over what they, or others of them, are made of', async () => {
    await write('out.csv');
    await write('list.txt', 'people.csv\nout.csv\n');
    await write('steps.json', '[]');
    const force = { force: true, out: 'made' };
    const of = (settings: Settings) => plan({ ...TABLES, ...force, ...settings });
    await expect(of({ results: '{input}.csv' })).rejects.toThrow(/would be lost/);
    await write('list.txt', 'people.csv\nb.jsonl\n');
    await write('b.jsonl', '{}');
    await expect(of({ results: '{input}.jsonl' })).rejects.toThrow(/file of --file-list/);
    await expect(
      plan({ template: ['letter.docx'], data: 'people.csv', ...force, results: 'people.csv' }),
    ).rejects.toThrow(/file of --data/);
  });

  it('of a folder are its tables alone', async () => {
    for (const name of [
      'in/b.csv',
      'in/a10.csv',
      'in/a9.csv',
      'in/.x.csv',
      'in/~$b.xlsx',
      'in/n.txt',
    ])
      await write(name);
    await mkdir(at('in/c.csv'));
    await symlink(at('people.csv'), at('in/z.csv'));
    const jobs = await planned({ template: ['letter.docx'], 'input-dir': 'in', out: 'made' });
    expect(jobs.map(({ label }) => label)).toEqual(['a9', 'a10', 'b', 'z']);
    expect(notes.join()).toMatch(/n\.txt left out: no tables/);
    await expect(
      plan({ template: ['letter.docx'], 'input-dir': 'in', out: 'in/made' }),
    ).rejects.toThrow(/this is inside of --input-dir/);
  });

  it('may be too many, before anything is looked at', async () => {
    await write('list.txt', Array.from({ length: 10_001 }, (_, n) => `${n}.csv`).join('\n'));
    await expect(plan(TABLES)).rejects.toThrow(/10,001 files are too many/);
    const urls = Array.from({ length: 10_001 }, (_, n) => `https://0.invalid/${n}.csv`);
    await write('urls.txt', urls.join('\n'));
    const settings = { template: ['letter.docx'], 'url-list': at('urls.txt') };
    await expect(plan(settings)).rejects.toThrow(/10,001 files are too many/);
  });
});

describe('a job of one table', () => {
  it('may have the name of its table in its places', async () => {
    const jobs = { template: ['letter.docx'], data: 'people.csv', out: '{input}.zip' };
    expect(await planned(jobs)).toEqual([
      { label: 'people', of: ['letter.docx', 'people.csv'], to: 'people.zip' },
    ]);
  });

  it.each([
    ['name\nAnn\n', 'csv'],
    ['\ufeff  \n [{"name":"Ann"}]', 'json'],
    ['{"name":"Ann"}\n', 'jsonl'],
    [Buffer.from('\ufeff[{"name":"Ann"}]', 'utf16le'), 'json'],
    [Buffer.from('PK\u0003\u0004'), 'xlsx'],
    ['', undefined],
  ] as const)('comes by standard input: %j is %s', async (input, format) => {
    const settings = { template: ['letter.docx'], data: '-', out: 'a.zip' };
    if (format === undefined) {
      await expect(plan(settings, input)).rejects.toThrow(/empty: no rows came/);
      return;
    }
    const { jobs, remove } = await plan(settings, input);
    const data = jobs[0]?.source.data ?? '';
    expect(data).toMatch(new RegExp(`stdin\\.${format}$`));
    expect(await readFile(data)).toEqual(Buffer.from(input));
    await remove();
    await expect(readdir(dirname(data))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('has to say what is in it where it comes packed', async () => {
    const settings = { template: ['letter.docx'], data: '-', out: 'a.zip' };
    const packed = gzipSync('name\nAnn\n');
    await expect(plan(settings, packed)).rejects.toThrow(/Say what it holds: --data-format csv/);
    const { jobs, remove } = await plan({ ...settings, 'data-format': 'csv' }, packed);
    expect(jobs[0]?.source.data).toMatch(/stdin\.csv\.gz$/);
    await remove();
  });

  it('says that it waits where somebody types it', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true }) as unknown as NodeJS.ReadStream;
    (stdin as unknown as PassThrough).end('name\nAnn\n');
    const settings = settled({ template: ['letter.docx'], data: '-', out: 'a.zip' });
    const source = { stdin, env: {}, note: (text: string) => void notes.push(text) };
    const { remove } = await planJobs(settings, source, 'documents', new AbortController().signal);
    expect(notes).toEqual(['Rows are read from this terminal; Ctrl+D ends them.']);
    await remove();
  });

  it('is not written to a device', async () => {
    const settings = { template: ['letter.docx'], data: 'people.csv', force: true, out: 'a.zip' };
    await symlink('/dev/null', at('a.zip'));
    await expect(plan(settings)).rejects.toThrow(/this is a pipe or a device\. Name a file/);
  });
});
