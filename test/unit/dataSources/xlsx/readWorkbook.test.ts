import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFaults } from '../../../../shared/dataSources/rowFaults.ts';
import { craftRows, craftWorkbook, lettersOf } from '../../../support/workbooks.ts';
import { faultsOf, readBytes, readCrafted, readValues } from './support.ts';

const PEOPLE = [
  ['name', 'city'],
  ['Ada', 'London'],
  ['李', 'Zürich'],
];

describe('cells of a workbook', () => {
  it('are read whatever they are written as', async () => {
    const data =
      '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>b</t></is></c><c r="C1" t="str"><f>"c"</f><v>c</v></c><c r="D1" t="s"><v>1</v></c></row>' +
      '<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="inlineStr"><is><r><t>in</t></r><r><rPr><b/></rPr><t xml:space="preserve"> line</t></r></is></c><c r="C2" t="b"><v>1</v></c><c r="D2"><v>12.5</v></c></row>' +
      '<row r="3"><c r="A3" t="n"><f>1+1</f><v>2</v></c><c r="B3" t="str"><f>""</f><v></v></c><c r="C3" t="b"><v>0</v></c><c r="D3" t="d"><v>2026-11-25</v></c></row>';
    const strings = [
      '<t>a</t>',
      '<t>d</t>',
      '<r><t>rich</t></r><r><rPr><i/></rPr><t> text</t></r><rPh sb="0" eb="1"><t>reading</t></rPh><phoneticPr fontId="1"/>',
    ];
    const { rows } = await readCrafted({ sheets: [{ data }], strings });
    expect(rows).toEqual([
      { a: 'rich text', b: 'in line', c: true, d: '12.5' },
      { a: '2', b: '', c: false, d: '2026-11-25' },
    ]);
  });

  it('have their characters, however they are escaped', async () => {
    const text =
      'a &amp; b &lt;c&gt; &#233;&#x1F600; _x0041__x005F_x0041_ _xD83D__xDE00_ _xD83D_ "q" \\ _x000D_\r\n tab\t';
    const { rows } = await readCrafted({
      sheets: [
        {
          data: `<row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row><row><c t="inlineStr"><is><t><![CDATA[<&amp;>]]> &amp;<!-- no -->!</t></is></c></row>`,
        },
      ],
      strings: ['<t>a</t>', `<t xml:space="preserve">${text}</t>`],
    });
    expect(rows).toEqual([
      { a: 'a & b <c> é😀 A_x0041_ 😀 \ufffd "q" \\ \r\n tab\t' },
      { a: '<&amp;> &!' },
    ]);
  });

  it('are where their references say, or behind each other where there are none', async () => {
    const data =
      '<row><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row>' +
      '<row><c/><c><v>2</v></c></row><row r="5"><c r="B5"><v>5</v></c></row><row><c><v>6</v></c></row>';
    const { rows, outcome } = await readCrafted({ sheets: [{ data }] });
    expect(rows).toEqual([{ a: null, b: '2' }, {}, {}, { a: null, b: '5' }, { a: '6', b: null }]);
    expect(outcome).toMatchObject({ rowCount: 5 });
  });

  it('are read with prefixes, in UTF-16, and in the strict form', async () => {
    const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
    const part = `<x:worksheet xmlns:x="${main}"><x:sheetData>${craftRows(PEOPLE)
      .replace(/<(\/?)(\w)/g, '<$1x:$2')
      .replace(/xml:space/g, 'xml:space')}</x:sheetData></x:worksheet>`;
    const expected = [
      { name: 'Ada', city: 'London' },
      { name: '李', city: 'Zürich' },
    ];
    expect((await readCrafted({ sheets: [{ data: '', part }] })).rows).toEqual(expected);
    const utf16 = Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-16"?>${part}`, 'utf16le');
    expect((await readCrafted({ sheets: [{ data: '', part: utf16 }] })).rows).toEqual(expected);
    expect((await readValues(PEOPLE, { isStrict: true })).rows).toEqual(expected);
  });

  it('are shown by their formats, with what they are behind that', async () => {
    const { rows, typed, text } = await readValues(
      [
        ['id', 'share', 'day', 'amount', 'plain', 'text'],
        [
          { value: 123, style: 1 },
          { value: 0.125, style: 2 },
          { value: 46351, style: 3 },
          { value: -1234.5, style: 4 },
          0.30000000000000004,
          'x',
        ],
      ],
      { formats: ['00000', '0.0%', 'yyyy"年"m"月"d"日"', '#,##0.00_);(#,##0.00)'] },
    );
    expect(rows).toEqual([
      {
        id: '00123',
        share: '12.5%',
        day: '2026年11月25日',
        amount: '(1,234.50)',
        plain: '0.3',
        text: 'x',
      },
    ]);
    expect(typed).toEqual([
      { id: 123, share: 0.125, day: '2026-11-25', amount: -1234.5, plain: 0.30000000000000004 },
    ]);
    // A row is one line, and JSON up to the tab.
    expect(text.split('\n')).toHaveLength(2);
    expect(JSON.parse(text.slice(0, text.indexOf('\t')))).toEqual(rows[0]);
  });

  it('are numbers and ISO dates where these are asked for', async () => {
    const { rows, typed } = await readValues(
      [
        ['a', 'b', 'c', 'd', 'e'],
        [
          { value: 46351.5, style: 1 },
          { value: 0.25, style: 2 },
          { value: 12, style: 3 },
          'x',
          1.5,
        ],
      ],
      { formats: [14, 20, '0000'], reading: { values: 'typed' } },
    );
    expect(rows).toEqual([{ a: '2026-11-25T12:00:00', b: '06:00:00', c: 12, d: 'x', e: 1.5 }]);
    expect(typed).toEqual([undefined]);
  });

  it('count days from 1904 where the workbook does', async () => {
    const values = [['day'], [{ value: 46351 - 1462, style: 1 }]];
    const formats = ['yyyy-mm-dd'];
    const { rows, typed } = await readValues(values, { formats, is1904: true });
    expect(rows).toEqual([{ day: '2026-11-25' }]);
    expect(typed).toEqual([{ day: '2026-11-25' }]);
  });

  it('are shown for a region', async () => {
    const values = [
      ['day', 'amount'],
      [
        { value: 46351, style: 1 },
        { value: 1234.5, style: 2 },
      ],
    ];
    const shown = async (locale?: string) =>
      (await readValues(values, { formats: [14, 4], reading: locale ? { locale } : {} })).rows[0];
    expect(await shown()).toEqual({ day: '11/25/2026', amount: '1,234.50' });
    expect(await shown('de')).toEqual({ day: '25.11.2026', amount: '1.234,50' });
    expect(await shown('zh-CN')).toEqual({ day: '2026/11/25', amount: '1,234.50' });
  });

  it('keep what is behind them in the shape of the row', async () => {
    const { rows, typed } = await readValues([
      ['name', 'address.zip', 'items[1].sum', 'items[1].text', 'items[2].sum', 'items[2].text'],
      ['Ada', 8001, 1, 'one', 2, 'two'],
      ['Bob', null, null, null, 4, 'four'],
      ['Eve', null, null, 'one', null, 'two'],
    ]);
    expect(rows[1]).toEqual({
      name: 'Bob',
      address: null,
      items: [{ sum: '4', text: 'four' }],
      'items[1].sum': null,
      'items[1].text': null,
      'items[2].sum': '4',
      'items[2].text': 'four',
    });
    expect(typed).toEqual([
      { address: { zip: 8001 }, items: [{ sum: 1 }, { sum: 2 }] },
      { items: [{ sum: 4 }], 'items[2].sum': 4 },
      undefined,
    ]);
  });

  it('are read as they were written, whatever the texts and the pieces', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.string({ unit: fc.constantFrom(...'a&<>"\'\\_x0041 \t'), minLength: 1 }),
      fc.integer({ min: -99_999, max: 99_999 }),
      fc.boolean(),
      fc.constant(null),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 8 }),
        async (values) => {
          // What escapes a unit, and what XML cannot have, is tried above.
          const clean = values.map((row) =>
            row.map((cell) =>
              typeof cell === 'string'
                ? // eslint-disable-next-line no-control-regex -- XML does not have them
                  cell.replace(/_x|[\u0000-\u0008\u000b-\u001f\ufffe\uffff\r]|\p{Surrogate}/gu, '-')
                : cell,
            ),
          );
          const { rows } = await readValues([['a', 'b', 'c'], ...clean, ['end']]);
          const shown = clean.map((row) =>
            row.map((cell) => (typeof cell === 'number' ? String(cell) : cell)),
          );
          expect(rows.slice(0, -1)).toEqual(
            shown.map(([a, b, c]) => (a === null && b === null && c === null ? {} : { a, b, c })),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a workbook that arrives in pieces', () => {
  it.each([1, 7, 64])('of %d bytes is read as one that is there as a whole', async (size) => {
    const data =
      craftRows([
        ['a', 'b', 'c'],
        ['x & y', 1.5, { value: 46351, style: 1 }],
        [true, 'z', { value: 0.25, style: 2 }],
      ]) +
      '<row><c r="A4" t="s"><v>0</v></c><c r="B4" t="str"><f>1</f><v>2</v></c><c s="1"  r="C4" ><v>5</v></c></row>' +
      '<row><c t="inlineStr"><is><t>plain</t></is></c><c t="inlineStr"><v>7</v></c><c t="e"><v></v></c></row>' +
      '<row><c r=\'A6\' t="n"><v>1</v></c><c t="n"><v>1<!-- 2 -->3</v></c></row>';
    // Stored, so that the pieces are those of the XML.
    const workbook = { sheets: [{ data }], strings: ['<t>s</t>'], formats: ['yyyy', '0%'] };
    const sheet = craftWorkbook({ ...workbook, method: 0 });
    const whole = await readBytes(sheet);
    expect(await readBytes(sheet, {}, size)).toEqual(whole);
    expect(whole.outcome).toMatchObject({ ok: true });
    const readable = craftWorkbook({
      ...workbook,
      method: 0,
      sheets: [{ data: data.replace('<c t="e"><v></v></c>', '') }],
    });
    const rows = (await readBytes(readable)).text;
    expect(rows).toContain('"b":"13"');
    expect((await readBytes(readable, {}, size)).text).toBe(rows);
  });
});

describe('the table of a sheet', () => {
  it('is that of the first visible sheet, or of the one that is named', async () => {
    const workbook = {
      sheets: [
        { name: 'Notes', state: 'veryHidden' as const, data: craftRows([['x'], ['hidden']]) },
        { name: 'People', data: craftRows([['x'], ['people']]) },
        { name: 'Äpfel & Birnen', data: craftRows([['x'], ['fruit']]) },
      ],
    };
    const read = async (sheet?: string | number) =>
      readCrafted(workbook, sheet === undefined ? {} : { sheet });
    const { rows, outcome } = await read();
    expect(rows).toEqual([{ x: 'people' }]);
    expect(outcome).toMatchObject({
      found: { sheet: 'People', headerRow: 1 },
      sheets: [{ name: 'Notes', hidden: true }, { name: 'People' }, { name: 'Äpfel & Birnen' }],
    });
    expect((await read('äpfel & birnen')).rows).toEqual([{ x: 'fruit' }]);
    expect((await read(1)).rows).toEqual([{ x: 'hidden' }]);
    for (const sheet of ['Nobody', 4]) {
      const { outcome: missing } = await read(sheet);
      expect(missing).toMatchObject({
        ok: false,
        problems: [{ code: 'SHEET_MISSING' }],
        sheets: [{ name: 'Notes' }, { name: 'People' }, { name: 'Äpfel & Birnen' }],
      });
    }
  });

  it('begins below titles, and beside empty columns', async () => {
    const { rows, outcome } = await readValues([
      [],
      [null, 'List of people', { value: 46351, style: 0 }],
      [],
      [null, 'name', 'city', null, 'year'],
      [null, 'Ada', 'London', null, 1815],
      [null, 'Bob', null, null, 1970],
    ]);
    expect(rows).toEqual([
      { name: 'Ada', city: 'London', year: '1815' },
      { name: 'Bob', city: null, year: '1970' },
    ]);
    expect(outcome).toMatchObject({ found: { headerRow: 4 } });
    expect(outcome.ok && outcome.warnings[0]).toContain('row 4');
  });

  it('has the header that is given', async () => {
    const values = [
      ['Ada', 'London'],
      ['name', 'city'],
      ['Bob', 'Paris'],
    ];
    const { rows } = await readValues(values, { reading: { headerRow: 2 } });
    expect(rows).toEqual([{ name: 'Bob', city: 'Paris' }]);
    for (const headerRow of [4, 9]) {
      const faults = await faultsOf(readValues(values, { reading: { headerRow } }));
      expect(faults).toMatchObject([{ code: 'HEADER_MISSING' }]);
    }
    const gap = readCrafted(
      { sheets: [{ data: craftRows([['a']]) + craftRows([['b']], 3) }] },
      { headerRow: 2 },
    );
    expect(await faultsOf(gap)).toMatchObject([{ code: 'HEADER_MISSING', line: 2 }]);
  });

  it('has blank rows within, and none behind', async () => {
    const data =
      craftRows([['a'], ['1'], [], ['2']]) +
      '<row r="5"><c r="A5" s="1"/></row><row r="6"><c r="A6" t="str"><v></v></c></row><row r="900000"/>';
    const { rows } = await readCrafted({ sheets: [{ data }], formats: [14] });
    expect(rows).toEqual([{ a: '1' }, {}, { a: '2' }]);
  });

  it('tells of columns without a name that have values', async () => {
    const faults = await faultsOf(
      readValues([
        ['a', null, 'c'],
        ['1', ' ', '3'],
        ['1', '2', '3'],
      ]),
    );
    expect(faults).toEqual([
      {
        code: 'COLUMN_UNNAMED',
        line: 3,
        row: 2,
        cell: 'B3',
        detail: expect.stringContaining('Column B has no name, but cell B3') as unknown,
      },
    ]);
    expect(await faultsOf(readValues([['a', 'b', 'a'], ['1']]))).toMatchObject([
      { code: 'COLUMN_DUPLICATE', detail: expect.stringContaining('Columns A and C') as unknown },
    ]);
    expect(await faultsOf(readValues([['__proto__'], ['1']]))).toMatchObject([
      { code: 'COLUMN_NAME_INVALID' },
    ]);
  });

  it('keeps hidden rows and columns, or leaves them out', async () => {
    const data =
      '<row r="1"><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row>' +
      '<row r="2" hidden="1"><c><v>1</v></c><c><v>2</v></c></row><row r="3"><c><v>3</v></c><c><v>4</v></c></row>';
    const before =
      '<cols><col min="1" max="1" hidden="0"/><col min="2" max="16384" hidden="true"/></cols>';
    const workbook = { sheets: [{ data, before }] };
    const kept = await readCrafted(workbook);
    expect(kept.rows).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '4' },
    ]);
    expect(kept.outcome.ok && kept.outcome.warnings.join()).toContain('1 row and 1 column');
    const skipped = await readCrafted(workbook, { hidden: 'skip' });
    expect(skipped.rows).toEqual([{ a: '3' }]);
    expect(skipped.outcome).toMatchObject({ warnings: [], columns: ['a'] });
  });

  it('has the value of merged cells in all of them', async () => {
    const data = craftRows([
      ['department', 'name', 'day', 'place'],
      ['Sales', 'Ada', { value: 46351, style: 1 }, 'here'],
      [null, 'Bob', null, null],
      [null, null, null, null],
      [null, 'Eve', 'x', 'y'],
      ['Law', 'Joe', 'both', null],
    ]);
    const behind =
      '<mergeCells><mergeCell ref="A2:A5"/><mergeCell ref="C2:C3"/><mergeCell ref="C6:D6"/><mergeCell ref="A1:A1"/><mergeCell ref="F1:G1"/></mergeCells>';
    const { rows, typed, outcome } = await readCrafted({
      sheets: [{ data, behind }],
      formats: ['d.m.yyyy'],
    });
    expect(rows).toEqual([
      { department: 'Sales', name: 'Ada', day: '25.11.2026', place: 'here' },
      { department: 'Sales', name: 'Bob', day: '25.11.2026', place: null },
      {},
      { department: 'Sales', name: 'Eve', day: 'x', place: 'y' },
      { department: 'Law', name: 'Joe', day: 'both', place: 'both' },
    ]);
    expect(typed[1]).toEqual({ day: '2026-11-25' });
    expect(outcome.ok && outcome.warnings.join()).toContain('merged');
  });
});

describe('cells that cannot be read', () => {
  it.each([
    ['<c t="e"><v>#N/A</v></c>', 'CELL_ERROR', 'Cell A2 shows #N/A.'],
    ['<c t="e"><v>secret</v></c>', 'CELL_ERROR', 'Cell A2 shows an error.'],
    ['<c><f>A1+1</f></c>', 'FORMULA_UNCALCULATED', 'Cell A2 has a formula'],
    ['<c t="s"><v>7</v></c>', 'CELL_UNREADABLE', 'Cell A2 names a text'],
    ['<c t="s"><v>-1</v></c>', 'CELL_UNREADABLE', 'Cell A2 names a text'],
    ['<c><v>secret</v></c>', 'CELL_UNREADABLE', 'Cell A2 says that it holds a number'],
    ['<c><v>1E400</v></c>', 'CELL_UNREADABLE', 'Cell A2 says that it holds a number'],
    ['<c s="1"><v>-5</v></c>', 'CELL_UNREADABLE', 'Cell A2 shows #####'],
    ['<c t="d"><v>secret</v></c>', 'CELL_UNREADABLE', 'Cell A2'],
  ])('%s is a fault of its row, with its place', async (cell, code, detail) => {
    const data = `<row r="1"><c t="inlineStr"><is><t>a</t></is></c></row><row r="2">${cell}</row>`;
    const { outcome, text } = await readCrafted({
      sheets: [{ data }],
      strings: [],
      formats: [14],
    });
    const [values, typed, faults] = text.trimEnd().split('\t');
    expect([values, typed]).toEqual(['{"a":null}', '']);
    const [fault, ...others] = readFaults(faults);
    expect(fault).toMatchObject({ column: 'a', code, cell: 'A2' });
    expect(fault?.detail).toContain(detail);
    expect(others).toEqual([]);
    expect(outcome).toMatchObject({ ok: true, rowCount: 1 });
    if (outcome.ok) expect(outcome.warnings.join()).toContain('first A2');
    expect(text + JSON.stringify(outcome)).not.toContain('secret');
  });

  it('name no columns', async () => {
    const data = '<row r="1"><c t="e"><v>#N/A</v></c></row><row r="2"><c><v>1</v></c></row>';
    expect(await faultsOf(readCrafted({ sheets: [{ data }] }, { headerRow: 1 }))).toMatchObject([
      { code: 'CELL_ERROR', line: 1, cell: 'A1' },
    ]);
  });

  it('are all told, and do no harm beside the table or above it', async () => {
    const error = '<c t="e"><v>#REF!</v></c>';
    const header = '<c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c>';
    const rows = Array.from({ length: 150 }, () => `<row>${error}<c><v>1</v></c></row>`).join('');
    const { outcome } = await readCrafted({ sheets: [{ data: `<row>${header}</row>${rows}` }] });
    expect(outcome).toMatchObject({ ok: true, rowCount: 150 });
    if (outcome.ok) expect(outcome.warnings.join()).toContain('150 rows have cells');
    const above = await readCrafted({
      sheets: [{ data: `<row>${error}</row><row>${header}</row><row><c><v>1</v></c></row>` }],
    });
    expect(above.rows).toEqual([{ a: '1', b: null }]);
  });

  it('are no way to slow the reader down: a row, a column or a text beyond all limits', async () => {
    const a = '<row r="1"><c t="inlineStr"><is><t>a</t></is></c></row>';
    const codeOf = async (data: string, strings: string[] = []) =>
      (await faultsOf(readCrafted({ sheets: [{ data }], strings })))[0]?.code;
    expect(await codeOf(`${a}<row r="4000000000"/>`)).toBe('ROWS_TOO_MANY');
    expect(await codeOf(`${a}<row r="2"><c r="XFE2"><v>1</v></c></row>`)).toBe('COLUMNS_TOO_MANY');
    expect(await codeOf(`${a}<row r="2"><c r="ZZZZZZ2"><v>1</v></c></row>`)).toBe(
      'COLUMNS_TOO_MANY',
    );
    expect(await codeOf(`${a}<row r="1"/>`)).toBe('CELL_MISPLACED');
    expect(await codeOf('<row><c r="B1"/><c r="A1"/></row>')).toBe('CELL_MISPLACED');
    const long = 'x'.repeat(5 * 1024 * 1024);
    expect(await codeOf(`${a}<row><c t="inlineStr"><is><t>${long}</t></is></c></row>`)).toBe(
      'ROW_TOO_LARGE',
    );
    const tooLong = await readCrafted({
      sheets: [{ data: `${a}<row><c t="s"><v>0</v></c></row>` }],
      strings: [`<t>${long.slice(2e6)}</t><r><t>${long.slice(2e6)}</t></r>`],
    });
    expect(readFaults(tooLong.text.split('\t')[2])).toMatchObject([{ code: 'ROW_TOO_LARGE' }]);
    const many = Array.from({ length: 20 }, () => '<c t="s"><v>0</v></c>').join('');
    expect(await codeOf(`${a}<row>${many}</row>`, [`<t>${long.slice(0, 400_000)}</t>`])).toBe(
      'ROW_TOO_LARGE',
    );
  });

  it('may be as many in a row as a sheet has', async () => {
    const names = Array.from({ length: 16_384 }, (_, i) => lettersOf(i));
    const { rows } = await readValues([names, names.map((_, i) => i)]);
    expect(Object.keys(rows[0] ?? {})).toHaveLength(16_384);
    expect(rows[0]).toMatchObject({ A: '0', XFD: '16383' });
  });
});

describe('an empty workbook', () => {
  it.each([
    ['', 'ROWS_MISSING'],
    ['<row r="1"><c r="A1" s="1"/></row>', 'ROWS_MISSING'],
    [craftRows([['a', 'b']]), 'ROWS_MISSING'],
  ])('%s is told', async (data, code) => {
    expect(await faultsOf(readCrafted({ sheets: [{ data }] }))).toMatchObject([{ code }]);
  });

  it('without a sheet is told', async () => {
    expect(await faultsOf(readBytes(craftWorkbook({ sheets: [] })))).toMatchObject([
      { code: 'SHEET_MISSING' },
    ]);
  });
});
