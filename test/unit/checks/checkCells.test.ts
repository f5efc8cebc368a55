/** Which cells a check marks, and what it finds of the values inside of lists. */
import { describe, expect, it } from 'vitest';
import { MAX_PROFILED_COLUMNS } from '../../../shared/limits.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { checked, checkedWithMarks, only, people } from '../../support/checkedOrders.ts';

const placesOf = (marks: readonly { row: number; column: string }[]) =>
  marks.map(({ row, column }) => `${row} ${column}`);

describe('marks', () => {
  it('are on the cell of their own row, one for each entry at fault', async () => {
    const { check, marks, markedAll } = await checkedWithMarks({
      template: '{#items}{price | number:"0.00"}{/items}',
      data: [
        { items: [{ price: '1' }, { price: 'tbd' }] },
        { items: [{ price: 'tbd' }, { price: '1' }] },
        { items: [{ price: 'tbd' }, { price: 'tbd' }] },
      ],
    });
    expect(placesOf(marks)).toEqual([
      '1 items[2].price',
      '2 items[1].price',
      '3 items[1].price',
      '3 items[2].price',
    ]);
    expect(markedAll).toBe(true);
    expect(only(check, 'VALUE_UNREADABLE').detail).toContain('columns such as "items[2].price"');
  });

  it('name the entry that a sum cannot read', async () => {
    const { marks } = await checkedWithMarks({
      template: '{items | sum:"price"}',
      data: [{ items: [{ price: '1' }, { price: 'tbd' }] }, { items: [{ price: 'tbd' }] }],
    });
    expect(placesOf(marks)).toEqual(['1 items[2].price', '2 items[1].price']);
  });

  it('say of each row what is wrong with it', async () => {
    const { check, marks } = await checkedWithMarks({
      template: '{a | number:"0"}',
      data: [{ a: 'x' }, { a: { b: 1 } }, { a: 'y' }],
    });
    const found = check.findings.filter(({ code }) => code === 'VALUE_UNREADABLE');
    expect(found.map(({ firstRows }) => firstRows)).toEqual([[1, 3], [2]]);
    expect(new Set(marks.map(({ text }) => text)).size).toBe(2);
  });

  it('are on the column that gives no name in that row', async () => {
    const { check, marks } = await checkedWithMarks({
      template: '{x}',
      fileName: '{a}-{b | number:"0"}',
      data: [
        { x: 1, a: { n: 1 }, b: '1' },
        { x: 2, a: 'x', b: 'tbd' },
        { x: 3, a: 'x', b: { n: 1 } },
      ],
    });
    const errors = marks.filter(({ severity }) => severity === 'error');
    expect(placesOf(errors)).toEqual(['1 a', '2 b', '3 b']);
    expect(check.findings.filter(({ code }) => code === 'NAME_INVALID')).toHaveLength(3);
  });

  it('are on columns as they are spelt in the data, whatever names call them', async () => {
    const { marks } = await checkedWithMarks({
      template: '{x}',
      fileName: '{first name}',
      data: [{ x: 1, First_Name: { n: 1 } }],
    });
    expect(placesOf(marks)).toEqual(['1 First_Name']);
  });
});

describe('values inside of lists', () => {
  it('are looked at together, and leave room for other columns', async () => {
    const fields = (k: number): Row => ({ a: k, b: k, c: k, d: k });
    const data = people(3, (i) => ({
      ...(i === 1 && { items: Array.from({ length: 500 }, (_, k) => fields(k)) }),
      city: i === 2 ? 'a\u202eb' : 'Bonn',
    }));
    const check = await checked({ template: '{name}{#items}{a}{b}{c}{d}{/items}{city}', data });
    expect(only(check, 'CHARACTERS_BIDI')).toMatchObject({ column: 'city', firstRows: [2] });
    expect(check.findings.map(({ code }) => code)).not.toContain('CHECK_PARTIAL');
  });

  it('are told with the entry that they are of', async () => {
    const data = people(3, (i) => ({ items: [{ n: 'x' }, { n: i === 2 ? 'a\u202eb' : 'y' }] }));
    const { check, marks } = await checkedWithMarks({
      template: '{name}{#items}{n}{/items}',
      data,
    });
    expect(only(check, 'CHARACTERS_BIDI')).toMatchObject({ column: 'items[2].n', firstRows: [2] });
    expect(placesOf(marks)).toEqual(['2 items[2].n']);
  });

  it('find what few entries of many have', async () => {
    const zips = ['01067', '1069', '01097', '01099', '01109', '01127'];
    const data = people(2, () => ({ items: zips.map((zip) => ({ zip })) }));
    const found = only(
      await checked({ template: '{name}{#items}{zip}{/items}', data }),
      'ZEROS_LOST',
    );
    expect(found).toMatchObject({ column: 'items[2].zip', count: 2 });
    expect(found.suggestion).toContain('{zip | number:"00000"}');
  });

  it('worry nobody where no tag reads them, whichever entry has them', async () => {
    const data = people(3, (i) => ({
      items: [
        { n: 'x', note: 'y' },
        { n: 'x', note: i === 2 ? 'a\u202eb' : 'y' },
      ],
    }));
    const check = await checked({ template: '{name}{#items}{n}{/items}', data });
    expect(only(check, 'CHARACTERS_BIDI').severity).toBe('info');
    expect(check.summary).toMatchObject({ errors: 0, warnings: 0 });
  });

  it('says so where there are more columns than are looked at', async () => {
    const names = Array.from({ length: MAX_PROFILED_COLUMNS }, (_, i) => `f${i}`);
    const data = people(2, () => Object.fromEntries(names.map((name) => [name, 'x'])));
    const found = only(await checked({ template: '{name}', data }), 'CHECK_PARTIAL');
    expect(found.severity).toBe('warning');
    expect(found.detail).toContain('2,000 columns');
  });
});

describe('blanks around a value', () => {
  it.each(['\u00a0', '\u3000', '\t', '\u2003'])('are found, %j too', async (blank) => {
    const data = people(4, (i) => ({
      city: i === 2 ? `${blank}Bonn` : i === 3 ? `Bonn${blank}` : 'Bonn',
    }));
    expect(only(await checked({ template: '{name} {city}', data }), 'BLANKS_AROUND')).toMatchObject(
      {
        firstRows: [2, 3],
      },
    );
  });
});

describe('cells that could not be read', () => {
  const grouped = {
    data: [
      { g: 'a', x: '1' },
      { g: 'a', x: null },
      { g: 'b', x: null },
    ] as Row[],
    options: { groupBy: 'g' },
    faults: [
      [2, 'x'],
      [3, 'x'],
    ] as const,
  };
  const told = async (template: string) =>
    (await checked({ template, ...grouped })).findings
      .filter(({ code }) => code === 'CELL_FAULTY')
      .map(({ severity, firstRows }) => [severity, ...firstRows]);

  it('are errors in the row of a group that its documents read', async () => {
    expect(await told('{g}{x}')).toEqual([
      ['error', 3],
      ['warning', 2],
    ]);
  });

  it.each(['{g}{#rows}{x}{/rows}', '{g}{rows[1].x}', '{g}{rows | sum:"x"}'])(
    'are errors where documents read them in the list of their group: %s',
    async (template) => {
      expect(await told(template)).toEqual([['error', 2, 3]]);
    },
  );
});
