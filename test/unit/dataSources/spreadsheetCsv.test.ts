import { describe, expect, it } from 'vitest';
import type { TextReading } from '../../../shared/dataSources/reading.ts';
import { problemsOf, readText } from './support.ts';

const csv: TextReading = { format: 'csv' };
const read = async (text: string) => {
  const { outcome, rows } = await readText(text, csv);
  if (!outcome.ok) throw new Error(outcome.problems[0]?.detail);
  return { rows, columns: outcome.columns, warnings: outcome.warnings };
};

describe('CSV as spreadsheets write it', () => {
  it('may lack empty cells at the end of a line: they are absent, and counted', async () => {
    const { rows, warnings } = await read('a,b,c\n1,2,3\n4\n5,6\n7,,\n');
    expect(rows).toEqual([
      { a: '1', b: '2', c: '3' },
      { a: '4', b: null, c: null },
      { a: '5', b: '6', c: null },
      { a: '7', b: null, c: null },
    ]);
    expect(warnings).toEqual([
      '2 lines have fewer cells than the header, line 3 first: the missing ones are empty.',
    ]);
    expect((await read('a,b\n1\n')).warnings).toEqual([
      'Line 2 has fewer cells than the header: the missing ones are empty.',
    ]);
  });

  it('may have empty cells beside the table: they are left out', async () => {
    const { rows, columns, warnings } = await read('a,b,,\n1,2,,\n3,4,"", \n5,6\n7,8,,,,\n');
    expect(columns).toEqual(['a', 'b']);
    expect(rows).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '4' },
      { a: '5', b: '6' },
      { a: '7', b: '8' },
    ]);
    expect(warnings).toEqual([
      'The last 2 cells of the header have no name: their columns are left out.',
    ]);
  });

  it('is refused where another delimiter than that of the header cuts its lines', async () => {
    expect(await problemsOf(readText('a,b\n1;2\n3;4\n', csv))).toMatchObject([
      { code: 'CELL_COUNT' },
    ]);
    expect((await read('a,b\n1;2\n3,4\n')).rows).toHaveLength(2);
  });

  it.each([
    ['="00123"', '00123'],
    ['"=""00123"""', '00123'],
    ['=""', ''],
    ['"=""1,5"""', '1,5'],
    ['="a""b"', '="a""b"'],
    ['="a"&"b"', '="a"&"b"'],
    ['=1+2', '=1+2'],
    ['="1', '="1'],
    ['="', '="'],
  ])('may keep a text as a formula: %s', async (cell, value) => {
    const { rows, warnings } = await read(`a,b\n${cell},x\n`);
    expect(rows).toEqual([{ a: value, b: 'x' }]);
    expect(warnings).toEqual(
      value.startsWith('=')
        ? []
        : ['1 cell is written as a formula of a text, such as ="00123": the text within is taken.'],
    );
  });

  it.each([['\n'], ['\r\n'], ['\r']])('may end its lines with %j, or mixed', async (lineEnd) => {
    const text = ['sep=;', 'a;b', '1;"x', 'y"', '3;4'].join(lineEnd);
    const rows = [
      { a: '1', b: `x${lineEnd}y` },
      { a: '3', b: '4' },
    ];
    expect((await read(text)).rows).toEqual(rows);
    expect((await read(`${text}\n5;6\r7;8\r\n`)).rows).toEqual([
      ...rows,
      { a: '5', b: '6' },
      { a: '7', b: '8' },
    ]);
  });
});

describe('columns whose names are paths', () => {
  it.each([
    ['a.b,c,a', 'a.b'],
    ['a,a.1', 'a.1'],
    ['a[1],a.b', 'a.b'],
    ['a[1],a[01]', 'a[01]'],
  ])('give way to other columns: %s', async (header, plain) => {
    const { rows, warnings } = await read(`${header}\n1,2\n`);
    expect(Object.keys(rows?.[0] ?? {})).toContain(plain);
    expect(warnings[0]).toContain(`The column "${plain}" is read by its whole name only`);
  });

  it('may number the entries of lists from 0', async () => {
    const { rows } = await read('q[0],q[1]\nx,y\n');
    expect(rows).toEqual([{ q: ['x', 'y'], 'q[0]': 'x', 'q[1]': 'y' }]);
  });
});
