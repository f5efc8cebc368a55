import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { docx } from '../../support/docx.ts';
import { linesOf, startCliWorld, type CliWorld } from '../../support/cliWorld.ts';

const ORDER = ['--template', 'letter.docx', '--data', 'people.csv', '--missing', 'error'];

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld();
  await world.write('letter.docx', docx('Dear {name} of {city}'));
  await world.write('people.csv', 'name,city\nAda,London\n<b>Grace</b>,\nLinus,Helsinki\n');
  await world.write('good.csv', 'name,city\nAda,London\n');
});
afterAll(() => world?.remove());

const read = (name: string) => readFile(join(world.folder, name), 'utf8');

describe('sheaf check', () => {
  it('tells what is wrong, and ends with 4', async () => {
    const { code, out, err } = await world.sheaf(['check', ...ORDER]);
    expect(code).toBe(4);
    expect(out).toMatch(/^Checked {2}3 rows, for 3 documents\nFound {4}1 error, 0 warnings\nTakes/);
    expect(out).toMatch(/\n {2}.*city.* \(row 2\)\n$/);
    expect(err).toMatch(/^Template {2}letter\.docx · 2 tags\nData {6}people\.csv · 3 rows/);
    const well = await world.sheaf(['check', '--template', 'letter.docx', '--data', 'good.csv']);
    expect(well).toMatchObject({ code: 0 });
    expect(await world.json('task', 'list')).toEqual([]);
  });

  it('writes the report as what its name ends in', async () => {
    const marked = await world.sheaf(['check', ...ORDER, '--report', 'people-checked.xlsx']);
    expect(marked).toMatchObject({ code: 4 });
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.readFile(join(world.folder, 'people-checked.xlsx'));
    expect(workbook.worksheets.length).toBeGreaterThan(0);
    await world.sheaf(['check', ...ORDER, '--report', 'check.csv']);
    expect(parse(await read('check.csv'), { bom: true, columns: true })).toMatchObject([
      { severity: 'error', code: 'VALUE_MISSING', rows: '1', firstRows: '2' },
    ]);
    const asJson = await world.sheaf(['check', ...ORDER, '--json', '--report', 'check.json']);
    const [line] = linesOf(asJson.out) as { check: unknown }[];
    expect(JSON.parse(await read('check.json'))).toEqual(line?.check);
    await world.sheaf(['check', ...ORDER, '--report', 'check.html']);
    const page = await read('check.html');
    expect(page).toMatch(/<h1>.*: 1 error, 0 warnings<\/h1>/);
    expect(page).not.toMatch(/<script|https?:/);
    const again = await world.sheaf(['check', ...ORDER, '--report', 'check.html']);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('--force') as string });
  });

  it.each([
    [['--data', 'people.csv'], /Name a template/],
    [['--template', 'people.csv', '--data', 'letter.docx'], /swap them/],
    [[...ORDER, '--report', 'people.csv'], /would be lost/],
    [[...ORDER, '--report', 'check.txt'], /\.xlsx, \.html, \.json or \.csv/],
    [[...ORDER, '--out', 'x.zip'], /unknown option '--out'/],
  ])('%j is refused in a sentence', async (args, message) => {
    const refused = await world.sheaf(['check', ...args]);
    expect(refused).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(message) as string,
    });
  });
});
