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

  it.each([
    [['check', 'none.docx'], 2, /none\.docx: there is no such file/],
    [['check', '.'], 2, /this is a folder/],
    [['check', NO_TEMPLATE], 1, /There is no template/],
    [['tags', 'people.csv'], 2, /upload it as a data source/],
    [['add', 'empty.docx'], 2, /the file is empty/],
    [['add', 'letter.docx', '--name', ''], 2, /--name/],
    [['delete', 'letter.docx', '--yes'], 2, /It is an id: tpl_/],
    [['chek', 'letter.docx'], 2, /Did you mean check\?/],
  ])('%j is refused in a sentence', async (args, code, message) => {
    await world.write('people.csv', 'name\nAda\n');
    await world.write('empty.docx', '');
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
});
