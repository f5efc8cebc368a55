import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { docx } from '../../support/docx.ts';
import { linesOf, startCliWorld, type CliWorld } from '../../support/cliWorld.ts';

const NO_TEMPLATE = 'tpl_01JDA4V5P0W8QZ6Y3M2T7R9KXC';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld();
  await world.write('letter.docx', docx('Dear {name}{#items}{price | currency:"EUR"}{/items}'));
  await world.write('broken.docx', docx('Dear {name', '{#items}{price}'));
});
afterAll(() => world?.remove());

describe('sheaf template', () => {
  it('checks documents, tells every fault with its place, and keeps nothing', async () => {
    const checked = await world.sheaf(['template', 'check', 'letter.docx', 'broken.docx']);
    expect(checked).toMatchObject({ code: 4, err: '' });
    expect(checked.out).toMatch(
      /^letter\.docx: ready, 3 tags\nbroken\.docx: cannot be used\n {2}word\/document\.xml, paragraph 1: .*\n {2}word\/document\.xml, paragraph 2: /,
    );
    const asJson = await world.sheaf(['template', 'check', 'broken.docx', '--json']);
    expect(linesOf(asJson.out)).toMatchObject([
      { template: 'broken.docx', status: 'invalid', faults: { length: 2 } },
    ]);
    expect(await world.json('template', 'list')).toEqual([]);
    expect(await world.sheaf(['template', 'check', 'letter.docx'])).toMatchObject({ code: 0 });
  });

  it('lists tags', async () => {
    const { out } = await world.sheaf(['template', 'tags', 'letter.docx']);
    expect(out).toMatch(
      /^TAG {4}KIND {5}IN {5}FORMATS .*\nname {3}value .*\nitems .*\nprice {2}value {4}items {2}currency:"EUR"/,
    );
    expect(await world.json('template', 'tags', 'letter.docx')).toMatchObject([
      { name: 'name' },
      { name: 'items', kind: 'section' },
      { name: 'price', path: ['items'] },
    ]);
  });

  it('keeps, lists and deletes', async () => {
    const named = ['--name', 'Offer letter', '--json'];
    const added = await world.sheaf(['template', 'add', 'letter.docx', ...named]);
    expect(added.code).toBe(0);
    const [template] = linesOf(added.out) as { templateId: string; name: string }[];
    expect(template).toMatchObject({ name: 'Offer letter' });
    const { templateId = '' } = template ?? {};
    const { out } = await world.sheaf(['template', 'list']);
    expect(out).toMatch(new RegExp(`${templateId}  ready      3 .*Offer letter\\n$`));
    expect(await world.sheaf(['template', 'tags', templateId])).toMatchObject({ code: 0 });
    const deleted = await world.sheaf(['template', 'delete', '--yes', templateId]);
    expect(deleted).toMatchObject({ code: 0, out: `${templateId}  deleted\n` });
    expect(await world.json('template', 'list')).toEqual([]);
  });

  it('saves a workbook to fill in, and leaves what is there', async () => {
    const saved = await world.sheaf(['template', 'data-sheet', 'letter.docx']);
    expect(saved).toMatchObject({ code: 0, err: '' });
    expect(saved.out).toMatch(/^letter\.xlsx {2}\d+\.\d kB\n$/);
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.readFile(join(world.folder, 'letter.xlsx'));
    expect(workbook.worksheets[0]?.getRow(1).values).toContain('name');
    const again = await world.sheaf(['template', 'data-sheet', 'letter.docx']);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('--force') as string });
    const forced = ['--force', '--out', 'letter.xlsx', '--json'];
    const replaced = await world.sheaf(['template', 'data-sheet', 'letter.docx', ...forced]);
    expect(linesOf(replaced.out)).toMatchObject([{ type: 'saved', path: 'letter.xlsx' }]);
  });

  it.each([
    [['check', 'none.docx'], 2, /none\.docx: there is no such file/],
    [['check', 'folder.docx'], 2, /folder\.docx: this is a folder/],
    [['check', NO_TEMPLATE], 1, /There is no template/],
    [['tags', 'people.csv'], 2, /this cannot be a template/],
    [['data-sheet', 'letter.docx', '--out', 'letter.docx'], 2, /ends in \.xlsx/],
    [['add', 'empty.docx'], 2, /the file is empty/],
    [['add', 'letter.docx', '--name', ''], 2, /--name/],
    [['delete', 'letter.docx', '--yes'], 2, /It is an id: tpl_/],
    [['chek', 'letter.docx'], 2, /Did you mean check\?/],
  ])('%j is refused in a sentence', async (args, code, message) => {
    await world.write('people.csv', 'name\nAda\n');
    await world.write('empty.docx', '');
    await mkdir(join(world.folder, 'folder.docx'), { recursive: true });
    const refused = await world.sheaf(['template', ...args]);
    expect(refused).toMatchObject({ code, out: '', err: expect.stringMatching(message) as string });
    expect(refused.err).not.toMatch(/\n\s+at /);
  });
});

describe('sheaf source', () => {
  it('shows how a table was read, and its rows, lists and deletes', async () => {
    const { dataSourceId } = await world.client.uploadDataSource(
      'people.csv',
      new Uint8Array(Buffer.from(`name;note\nAda;"${'x'.repeat(50)}"\nGrace;\u001b[31mred\n`)),
    );
    const { out } = await world.sheaf(['source', 'show', dataSourceId, '--rows', '2']);
    expect(out).toMatch(/Rows {7}2\nColumns {4}name, note\n[\s\S]*Delimiter {2};\n/);
    expect(out).toMatch(
      /\nROW {2}name {3}note\n {2}1 {2}Ada {4}x{29}…\n {2}2 {2}Grace {2} \[31mred\n$/,
    );
    expect(await world.json('source', 'show', dataSourceId, '--rows', '1')).toMatchObject([
      { dataSourceId, rowCount: 2, rows: [{ row: 1, values: { name: 'Ada' } }] },
    ]);
    expect((await world.sheaf(['source', 'list'])).out).toMatch(/ready {6}2 .*people\.csv\n$/);
    await world.sheaf(['source', 'delete', '--yes', dataSourceId]);
    expect(await world.json('source', 'list')).toEqual([]);
  });

  it('keeps a table, and tells how it was read', async () => {
    await world.write('people.csv', Buffer.from('name|Straße\nÄ|1\n', 'latin1'));
    const { code, out, err } = await world.sheaf([
      'source',
      'add',
      'people.csv',
      '--name',
      'Staff',
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Source {5}ds_.*\nName {7}Staff\n[\s\S]*Columns {4}name, Straße\n/);
    const told = ['--encoding', 'windows-1252', '--delimiter', '|', '--header-row', '1'];
    expect(await world.json('source', 'add', 'people.csv', ...told)).toMatchObject([
      { status: 'ready', rowCount: 1, found: { encoding: 'windows-1252', delimiter: '|' } },
    ]);
  });

  it.each([
    [['broken.csv'], 1, /broken\.csv cannot be used as it is\.\n {2}line 2: /],
    [['letter.docx'], 2, /letter\.docx: this cannot be read\. Name a table/],
    [['broken.csv', '--sheet', 'x'], 2, /--sheet is for workbooks/],
    [['broken.csv', '--header-row', 'x'], 2, /--header-row/],
    [['none.csv'], 2, /there is no such file/],
  ])('add %j is refused in a sentence', async (args, code, message) => {
    await world.write('broken.csv', 'name,city\n"Ada,Bonn\n');
    const refused = await world.sheaf(['source', 'add', ...args]);
    expect(refused).toMatchObject({ code, out: '', err: expect.stringMatching(message) as string });
  });
});
