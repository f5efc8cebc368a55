import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_COLUMNS, MAX_LISTED_PROBLEMS, MAX_ROW_BYTES } from '../../../shared/limits.ts';
import { cutsArbitrary, pieces, problemsOf, readPieces, readText } from './support.ts';

const csv = { format: 'csv' } as const;

const rowsOf = async (text: string, reading = {}) => {
  const { outcome, rows } = await readText(text, { ...csv, ...reading });
  if (!outcome.ok) throw new Error(outcome.problems[0]?.detail);
  return rows;
};
const csvProblems = (text: string, reading = {}) =>
  problemsOf(readText(text, { ...csv, ...reading }));

describe('reading CSV', () => {
  it('gives columns, rows and their number', async () => {
    const { outcome, rows } = await readText('name, city \r\nZoë,"Bad\nEms"\r\n,""\r\n', csv);
    expect(outcome).toMatchObject({
      ok: true,
      columns: ['name', 'city'],
      rowCount: 2,
      bytes: Buffer.byteLength('{"name":"Zoë","city":"Bad\\nEms"}\n{"name":null,"city":""}\n'),
    });
    expect(rows).toEqual([
      { name: 'Zoë', city: 'Bad\nEms' },
      { name: null, city: '' },
    ]);
  });

  it.each([
    ['a,b;c,d\n', [',', 3]],
    ['a;b;c,d\n', [';', 3]],
    ['a\tb\n', ['\t', 2]],
    ['a|b|c\n', ['|', 3]],
    ['"a;b;c;d",e\n', [',', 2]],
    ['"a"";b;""c",e\n', [',', 2]],
    ['5" a;b\n', [';', 2]],
    ['a\n', [',', 1]],
  ])('finds the delimiter of %j', async (header, [delimiter, count]) => {
    const row = Array.from({ length: Number(count) }, () => 'x').join(String(delimiter));
    const { outcome } = await readText(`${header}${row}\n`, csv);
    expect(outcome.ok && outcome.columns.length).toBe(count);
  });

  it.each([
    ['sep=;\r\nname;city\r\nAda;Bonn, west\r\n', {}],
    ['SEP=|\nname|city\nAda|Bonn, west\n', {}],
    ['"sep=\t"\rname\tcity\rAda\tBonn, west\r', {}],
    ['sep=;\nname;city\nAda;Bonn, west\n', { headerRow: 1 }],
    ['sep=;\nname;city\nAda;Bonn, west\n', { headerRow: 2 }],
    ['sep=,\nname;city\nAda;Bonn, west\n', { delimiter: ';' }],
    ['sep=;\nPeople\nname;city\nAda;Bonn, west\n', { headerRow: 3 }],
  ])(
    'takes the delimiter that a first line names, and passes that over: %j %j',
    async (text, reading) => {
      expect(await rowsOf(text, reading)).toEqual([{ name: 'Ada', city: 'Bonn, west' }]);
    },
  );

  it('takes a first line for the header that only looks as if it named a delimiter', async () => {
    expect(await rowsOf('sep=;b\n1;2\n')).toEqual([{ 'sep=': '1', b: '2' }]);
    expect(await rowsOf('"sep=;",b\n1,2\n')).toEqual([{ 'sep=;': '1', b: '2' }]);
  });

  it('counts lines from the first of the file when that names the delimiter', async () => {
    expect(await csvProblems('sep=;\na;b\n1;2\n3;4;5\n')).toMatchObject([{ line: 4, row: 2 }]);
  });

  it('takes the delimiter that it is told', async () => {
    expect(await rowsOf('a,b:c\n1,2:3\n', { delimiter: ':' })).toEqual([{ 'a,b': '1,2', c: '3' }]);
    expect(await rowsOf('a\\b\n1\\2\n', { delimiter: '\\' })).toEqual([{ a: '1', b: '2' }]);
  });

  it('takes the names from the line that it is told', async () => {
    const text = 'People "2026\r\n\r\nname;city\r\nAda;London\r\n';
    expect(await rowsOf(text, { headerRow: 3 })).toEqual([{ name: 'Ada', city: 'London' }]);
  });

  it('counts empty lines between rows as blank rows, and none at the end', async () => {
    const blank = { a: null, b: null };
    const { outcome, rows } = await readText('a,b\n\n1,2\n\n\n3,4\n\n\n', csv);
    expect(rows).toEqual([blank, { a: '1', b: '2' }, blank, blank, { a: '3', b: '4' }]);
    expect(outcome).toMatchObject({ ok: true, rowCount: 5 });
    expect(await rowsOf('a\n1\n\n2')).toEqual([{ a: '1' }, { a: null }, { a: '2' }]);
  });

  it('builds objects and lists from paths', async () => {
    const text = [
      'name,address.city,benefits[2].name,address.zip,benefits[1].name,benefits[1].cost,tags[1]',
      'Ada,London,Car,N1,Bike,5,x',
      'Bob,,Car,,,,',
      'Cy,,,"",,,',
    ].join('\n');
    expect(await rowsOf(text)).toEqual([
      {
        name: 'Ada',
        address: { city: 'London', zip: 'N1' },
        benefits: [{ name: 'Bike', cost: '5' }, { name: 'Car' }],
        tags: ['x'],
      },
      {
        name: 'Bob',
        address: null,
        benefits: [{ name: 'Car' }],
        tags: [],
        // What stands first is not the first: each column by its own name, too.
        'benefits[2].name': 'Car',
        'benefits[1].name': null,
        'benefits[1].cost': null,
      },
      { name: 'Cy', address: { city: null, zip: '' }, benefits: [], tags: [] },
    ]);
  });

  it('keeps names that are dangerous elsewhere as ordinary fields', async () => {
    const [row] = (await rowsOf('constructor,toString,hasOwnProperty\na,b,c\n')) ?? [];
    expect(Object.entries(row as object)).toEqual([
      ['constructor', 'a'],
      ['toString', 'b'],
      ['hasOwnProperty', 'c'],
    ]);
  });

  it('reads the same however the bytes arrive', async () => {
    const line = fc
      .array(fc.constantFrom('', 'x', '"a ""b"""', '张"伟', '"1\r\n2"', '😀'), {
        minLength: 1,
        maxLength: 4,
      })
      .map((cells) => cells.join(','));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 10 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.boolean(),
        cutsArbitrary,
        async (lines, lineEnd, hasMark, cuts) => {
          const text = `${hasMark ? '\ufeff' : ''}${['a,b', ...lines].join(lineEnd)}`;
          const bytes = Buffer.from(text);
          expect(await readPieces(pieces(bytes, cuts), csv)).toEqual(
            await readPieces([bytes], csv),
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('CSV with faults', () => {
  it.each([
    ['', 1, 'The file is empty. Upload one with at least one row.'],
    ['\ufeff', 1, 'The file is empty. Upload one with at least one row.'],
    [
      '\n\nname\nAda\n',
      1,
      'Line 1, which should hold the names of the columns, is empty. If another line holds them, give its number as headerRow.',
    ],
    ['name,city\n', 2, 'There is a header, but no row below it. Add at least one row.'],
    ['name,city\n\n\r\n', 4, 'There is a header, but no row below it. Add at least one row.'],
    [
      'name,\n1,2\n',
      2,
      'Column 2 has no name, but line 2 has a value in it. Name it, or remove the column.',
    ],
    [
      'name,"  "\n1,2\n',
      2,
      'Column 2 has no name, but line 2 has a value in it. Name it, or remove the column.',
    ],
    [
      ',,\n1,2\n',
      1,
      'Line 1, which should hold the names of the columns, has none. If another line holds them, give its number as headerRow.',
    ],
    ['name,,b\n1,2,3\n', 1, 'Column 2 has no name. Name it, or remove the column.'],
    ['a,b, a\n1,2,3\n', 1, 'Columns 1 and 3 are both named "a". Give them different names.'],
    ['__proto__.x\n1\n', 1, 'Column 1, "__proto__.x", has a reserved name. Rename it.'],
    [
      '"a\n1\n',
      1,
      'The quote that is opened in line 1 is never closed. Close it, or double it if it belongs to the text.',
    ],
    [
      '"a"b,c\n1,2\n',
      1,
      'The quote that is opened in line 1, cell 1, is closed in line 1, but text follows it. Close it where the cell ends, and double quotes that belong to the text.',
    ],
    [
      'a,b\n1,2\n3,4,5\n',
      3,
      'Line 3 has 3 cells, but the header has 2. Add or remove delimiters, or put cells that contain one in quotes.',
    ],
    [
      'a,b\n1,2\n"secret',
      3,
      'The quote that is opened in line 3 is never closed. Close it, or double it if it belongs to the text.',
    ],
    [
      'a,b\n1,"x\ny" z\n',
      2,
      'The quote that is opened in line 2, cell 2, is closed in line 3, but text follows it. Close it where the cell ends, and double quotes that belong to the text.',
    ],
    [
      'n\0ame\nx\n',
      1,
      'The name of column 1 has NUL characters in it. If the file is UTF-16, name the encoding utf-16le when you complete the data source.',
    ],
    [
      'PK\u0003\u0004 anything',
      1,
      'This is an Excel workbook or another ZIP file, not text. Save the table as CSV (UTF-8) and upload that.',
    ],
  ])('says of %j what is wrong, and where', async (text, line, detail) => {
    expect(await csvProblems(text)).toMatchObject([{ line, detail }]);
  });

  it.each([
    ['old Excel workbook', 'd0cf11e0a1b11ae1'],
    ['PDF', '255044462d312e37'],
  ])('says that it was given an %s', async (kind, signature) => {
    const bytes = Buffer.concat([Buffer.from(signature, 'hex'), Buffer.alloc(600)]);
    const [problem] = await problemsOf(readPieces([bytes], csv));
    expect(problem).toMatchObject({ code: 'FILE_NOT_TEXT', line: 1 });
    expect(problem?.detail).toContain(kind);
    expect(problem?.detail).toContain('CSV (UTF-8)');
  });

  it('says that the line of the names is not there', async () => {
    expect(await csvProblems('a,b\n1,2\n', { headerRow: 5 })).toMatchObject([
      {
        line: 5,
        detail:
          'Line 5, which should hold the names of the columns, is not there. If another line holds them, give its number as headerRow.',
      },
    ]);
  });

  it('names every fault of the header, each with its column', async () => {
    const problems = await csvProblems('a,,a,__proto__.x,b\n1,2,3,4,5\n');
    expect(problems.map(({ column, line }) => [column, line])).toEqual([
      [undefined, 1],
      ['a', 1],
      ['__proto__.x', 1],
    ]);
  });

  it('numbers the rows of faults as they are counted elsewhere', async () => {
    const problems = await csvProblems('a,b\n\n1,2\n3,,3\n\n"4"x,5\n6,7,8\n');
    expect(problems.map(({ row, line }) => [row, line])).toEqual([
      [3, 4],
      [5, 6],
      [6, 7],
    ]);
  });

  it('lists the first problems and counts the others', async () => {
    const { outcome } = await readText(`a,b\n${'1,2,3\n'.repeat(1_000)}`, csv);
    if (outcome.ok) throw new Error('It was read.');
    expect(outcome.problems).toHaveLength(MAX_LISTED_PROBLEMS);
    expect(outcome.problemCount).toBe(1_000);
  });

  it('refuses a row above the limit and more columns than are possible', async () => {
    const wide = 'x'.repeat(MAX_ROW_BYTES);
    expect(await csvProblems(`a,b\n1,${wide}\n3,4\n`)).toMatchObject([
      {
        line: 2,
        detail:
          'Line 2: the row is larger than 4194304 bytes. Make it smaller, or close a quote or bracket that is open in it.',
      },
    ]);
    const names = Array.from({ length: MAX_COLUMNS + 1 }, (_, i) => `c${i}`).join(',');
    expect(await csvProblems(`${names}\n`)).toMatchObject([
      {
        line: 1,
        detail: 'Line 1 names 16385 columns; at most 16384 are possible. Split the table.',
      },
    ]);
  });

  it('refuses column names that the table cannot list', async () => {
    const long = 'n'.repeat(1_001);
    expect(await csvProblems(`a,${long}\n1,2\n`)).toMatchObject([
      { line: 1, detail: "A column's name is longer than 1000 bytes. Shorten it." },
    ]);
    const names = Array.from({ length: 300 }, (_, i) => `${i}`.padEnd(1_000, 'n')).join(',');
    expect((await csvProblems(`${names}\n`))[0]?.detail).toBe(
      'The names of the columns take more than 262144 bytes together. Shorten them, or split the table.',
    );
    const deep = Array.from({ length: 33 }, () => 'x').join('.');
    expect((await csvProblems(`${deep}\n1\n`))[0]?.detail).toContain(
      'is nested more than 32 levels deep. Shorten the path.',
    );
  });

  it('never quotes a cell', async () => {
    const bad = ['secret,s\n"secret"secret\n', 'secret,secret,secret\n', '"secret', 'ÿ,secret,x'];
    for (const text of bad) {
      const problems = await csvProblems(`a,b\n1,2\n${text}`);
      expect(JSON.stringify(problems)).not.toContain('secret');
    }
  });
});
