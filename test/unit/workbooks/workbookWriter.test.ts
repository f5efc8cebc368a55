/** What is written, read back by programs that share no code with the writer, and by our own reader. */
import { inflateRawSync } from 'node:zlib';
import ExcelJS from 'exceljs';
import fc from 'fast-check';
import { readSheet } from 'read-excel-file/node';
import { describe, expect, it } from 'vitest';
import { findXmlFault } from '../../../shared/office/strictXml.ts';
import { readZip } from '../../../shared/zip/reader.ts';
import type { Cell } from '../../../shared/workbooks/cells.ts';
import { createWorkbookWriter } from '../../../shared/workbooks/workbookWriter.ts';
import { memorySink, writeWorkbook } from '../../support/writeWorkbook.ts';
import { readBytes } from '../dataSources/xlsx/support.ts';

const partsOf = (workbook: Uint8Array): Map<string, string> =>
  new Map(
    readZip(workbook).map(({ name, compressed }) => [name, inflateRawSync(compressed).toString()]),
  );

async function byExcelJs(workbook: Buffer): Promise<ExcelJS.Workbook> {
  const read = new ExcelJS.Workbook();
  // Its types are older than those of Node's buffers.
  await read.xlsx.load(workbook as unknown as ExcelJS.Buffer);
  return read;
}

describe('cells', () => {
  const when = new Date(Date.UTC(2026, 10, 25, 18));
  const day = new Date(Date.UTC(2026, 10, 25));
  const rows: Cell[][] = [
    ['text', 'number', 'yes', 'day', 'moment'],
    ['00123', 12.5, true, day, when],
    ['=1+1', -0.1, false, null, ''],
  ];

  it('are what they were, to exceljs and read-excel-file', async () => {
    const workbook = await writeWorkbook([{ rows }]);
    const sheet = (await byExcelJs(workbook)).worksheets[0];
    expect(sheet?.getRow(2).values).toEqual([undefined, '00123', 12.5, true, day, when]);
    expect(sheet?.getCell('A3').value).toBe('=1+1');
    expect(sheet?.getCell('A3').formula).toBeUndefined();
    expect(await readSheet(workbook)).toEqual([
      rows[0],
      rows[1],
      ['=1+1', -0.1, false, null, null],
    ]);
  });

  it('are shown by our own reader as Excel shows them', async () => {
    const { rows: read } = await readBytes(await writeWorkbook([{ rows }]));
    expect(read).toEqual([
      {
        text: '00123',
        number: '12.5',
        yes: true,
        day: '2026-11-25',
        moment: '2026-11-25 18:00:00',
      },
      { text: '=1+1', number: '-0.1', yes: false, day: null, moment: null },
    ]);
  });

  it('have every character, and are never a formula', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), {
          minLength: 1,
          maxLength: 20,
        }),
        async (texts) => {
          const all = [
            ...texts,
            '_x0041_',
            '_x_x0041_x0042_',
            ' a\r\n\tb ',
            '\u0001\ufffe',
            '+1',
            '@a',
          ];
          const workbook = await writeWorkbook([
            { rows: [['column'], ...all.map((text) => [text])] },
          ]);
          const sheet = partsOf(workbook).get('xl/worksheets/sheet1.xml') ?? '';
          expect(sheet).not.toContain('<f');
          expect(findXmlFault(sheet)).toBeUndefined();
          const { rows: read } = await readBytes(workbook);
          expect(read).toEqual(all.map((column) => ({ column })));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('end in an ellipsis where Excel takes no more', async () => {
    const { rows: read } = await readBytes(
      await writeWorkbook([{ rows: [['a'], ['x'.repeat(40_000)], [`${'x'.repeat(32_765)}😀y`]] }]),
    );
    expect(read).toEqual([{ a: `${'x'.repeat(32_766)}…` }, { a: `${'x'.repeat(32_765)}…` }]);
  });

  it('keep what a number or date of Excel cannot hold as text', async () => {
    const cells = [
      1234567890123456,
      Infinity,
      new Date(Date.UTC(1850, 0, 2)),
      new Date(NaN),
      '\ud800',
    ];
    const { rows: read } = await readBytes(
      await writeWorkbook([{ rows: [['a', 'b', 'c', 'd', 'e'], cells] }]),
    );
    expect(read).toEqual([
      {
        a: '1234567890123456',
        b: 'Infinity',
        c: '1850-01-02T00:00:00.000Z',
        d: '',
        e: '\ufffd',
      },
    ]);
  });
});

describe('a workbook', () => {
  it('has the same bytes however often it is flushed', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => [`row ${i * 7919}`, i, i % 2 === 0]);
    const sink = memorySink();
    const writer = createWorkbookWriter(sink);
    await writer.beginSheet({ name: 'Sheet1', columns: [] });
    for (const row of rows) writer.row(row);
    await writer.finish();
    const workbook = await writeWorkbook([{ rows }]);
    expect(sink.bytes().equals(workbook)).toBe(true);
    const { rows: read } = await readBytes(workbook);
    expect(read).toHaveLength(rows.length - 1);
  });

  it('holds a million rows in the memory of a few stretches', async () => {
    let bytes = 0;
    let flushed = 0;
    let appendedUnflushed = 0;
    let mostUnflushed = 0;
    const writer = createWorkbookWriter({
      append(added) {
        bytes += added.length;
        appendedUnflushed += added.length;
        mostUnflushed = Math.max(mostUnflushed, appendedUnflushed);
      },
      flush() {
        flushed++;
        appendedUnflushed = 0;
        return Promise.resolve();
      },
    });
    await writer.beginSheet({ name: 'Rows', columns: [{ width: 10 }], filterFrom: 1 });
    for (let i = 0; i < 1_000_000; i++) {
      writer.row([i]);
      if (writer.full) await writer.flush();
    }
    expect(writer.rowCount).toBe(1_000_000);
    await writer.finish();
    expect(bytes).toBeGreaterThan(4_000_000);
    // A stretch of 256 KiB was handed on before the next was compressed.
    expect(flushed).toBeGreaterThan(100);
    expect(mostUnflushed).toBeLessThan(300_000);
  });

  it('ends a sheet where Excel does', async () => {
    const writer = createWorkbookWriter(memorySink());
    await writer.beginSheet({ name: 'Rows', columns: [] });
    expect(() => writer.row(new Array<Cell>(16_385).fill(1))).toThrow('16384 columns');
    for (let i = 0; i < 1_048_576; i++) {
      if (writer.sheetIsFull) throw new Error(`Full after ${i} rows.`);
      writer.row([]);
      if (writer.full) await writer.flush();
    }
    expect(writer.sheetIsFull).toBe(true);
    expect(() => writer.row([])).toThrow('1048576 rows');
  });

  it('has names of sheets that Excel takes, each once', async () => {
    const long = 'a very long name of a sheet, longer than any may be';
    const wanted = [
      'Rows',
      'rows',
      'ROWS',
      'a/b:c*?[d]\\',
      '',
      "'q'",
      'History',
      long,
      long,
      '📦'.repeat(20),
    ];
    const workbook = await writeWorkbook(
      wanted.map((name) => ({ name, rows: [['a'], [1]], filterFrom: 1, columns: [{ width: 9 }] })),
    );
    const names = (await byExcelJs(workbook)).worksheets.map(({ name }) => name);
    expect(names).toEqual([
      'Rows',
      'rows (2)',
      'ROWS (3)',
      'a_b_c___d__',
      'Sheet',
      '_q_',
      'History_',
      'a very long name of a sheet, lo',
      'a very long name of a sheet (2)',
      '📦'.repeat(15),
    ]);
  });

  it('has the elements of a sheet in the order of the schema, and every part declared', async () => {
    const parts = partsOf(
      await writeWorkbook([
        {
          name: 'Data & more',
          columns: [{ width: 12, format: 'text' }, { width: 300 }],
          frozenRows: 1,
          frozenColumns: 1,
          filterFrom: 1,
          fitsPage: true,
          validations: [
            { column: 0, firstRow: 2, lastRow: 99, rule: { kind: 'textLength', max: 5 } },
          ],
          rows: [
            ['a', 'b'],
            [{ value: 'x', look: 'error', comment: 'Wrong <&> "here"\nand there' }],
          ],
        },
        { name: 'Hidden', isHidden: true, rows: [[1]] },
      ]),
    );
    const sheet = parts.get('xl/worksheets/sheet1.xml') ?? '';
    const order = [...sheet.matchAll(/<(\w+)[ />]/g)].map(([, name]) => name);
    // ECMA-376 part 1, CT_Worksheet.
    const children = [
      'sheetPr',
      'sheetViews',
      'sheetFormatPr',
      'cols',
      'sheetData',
      'autoFilter',
      'dataValidations',
      'pageMargins',
      'pageSetup',
      'legacyDrawing',
    ];
    expect(order.filter((name) => children.includes(name ?? ''))).toEqual(children);
    for (const [name, content] of parts) {
      expect(findXmlFault(content), name).toBeUndefined();
    }
    const types = parts.get('[Content_Types].xml') ?? '';
    for (const name of parts.keys()) {
      const isDeclared = types.includes(`PartName="/${name}"`) || /\.(?:rels|vml)$/.test(name);
      if (name !== '[Content_Types].xml') expect(isDeclared, name).toBe(true);
    }
    expect(parts.get('xl/workbook.xml')).toContain('name="Hidden" sheetId="2" state="hidden"');
    expect(parts.get('xl/workbook.xml')).toContain("'Data &amp; more'!$A$1:$B$2");
  });

  it('tells exceljs of comments, widths, validations, filters and looks', async () => {
    const prompt = { title: 'A title that is longer than Excel takes', text: 'Say "so",\nplease' };
    const workbook = await writeWorkbook([
      {
        columns: [
          { width: 12, format: 'text' },
          { width: 20 },
          { width: 9 },
          { width: 9 },
          { width: 9 },
        ],
        frozenRows: 1,
        filterFrom: 1,
        validations: [
          {
            column: 0,
            firstRow: 2,
            lastRow: 9,
            rule: { kind: 'list', values: ['a', 'b'] },
            prompt,
          },
          {
            column: 1,
            firstRow: 2,
            lastRow: 9,
            rule: { kind: 'date' },
            refusal: { severity: 'stop', title: 'Date', text: 'No date' },
          },
          { column: 2, firstRow: 2, lastRow: 9, rule: { kind: 'whole', min: 1, max: 5 } },
          { column: 3, firstRow: 2, lastRow: 9, rule: { kind: 'decimal' } },
          {
            column: 4,
            firstRow: 2,
            lastRow: 9,
            rule: { kind: 'listOf', sheet: "It's", column: 0, firstRow: 1, lastRow: 2 },
          },
        ],
        rows: [
          ['one', 'two'],
          [
            { value: 'x', look: 'warning', comment: 'Look here' },
            { value: 1, look: 'error' },
          ],
        ],
      },
      { name: "It's", rows: [[true], [false]] },
    ]);
    const sheet = (await byExcelJs(workbook)).worksheets[0];
    expect(sheet?.getColumn(1).width).toBe(12);
    expect(sheet?.getCell('A9').numFmt).toBe('@');
    expect(sheet?.autoFilter).toBe('A1:E2');
    expect(sheet?.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 });
    expect(sheet?.getCell('A2').note).toBe('Look here');
    expect(sheet?.getCell('B2').fill).toMatchObject({ fgColor: { argb: 'FFFFC7CE' } });
    expect(sheet?.getCell('A2').dataValidation).toMatchObject({
      type: 'list',
      formulae: ['"a,b"'],
      prompt: prompt.text,
      promptTitle: 'A title that is longer than Exc…',
    });
    expect(sheet?.getCell('B2').dataValidation).toMatchObject({ type: 'date', error: 'No date' });
    expect(sheet?.getCell('C2').dataValidation).toMatchObject({ type: 'whole', formulae: [1, 5] });
    expect(sheet?.getCell('D2').dataValidation).toMatchObject({ type: 'decimal' });
    expect(sheet?.getCell('E2').dataValidation.formulae).toEqual(["'It''s'!$A$1:$A$2"]);
  });

  it('numbers the boxes of comments over all sheets, and leaves out those beyond the limit', async () => {
    const commented = (count: number) => ({
      rows: Array.from({ length: count }, () => [{ value: 1, comment: 'c' }]),
    });
    const parts = partsOf(await writeWorkbook([commented(1_100), commented(2), commented(10_001)]));
    const shapes = [1, 2, 3].flatMap((number) => [
      ...(parts.get(`xl/drawings/vmlDrawing${number}.vml`) ?? '').matchAll(/ id="(_x0000_s\d+)"/g),
    ]);
    expect(shapes).toHaveLength(1_100 + 2 + 10_000);
    expect(new Set(shapes.map(([, id]) => id)).size).toBe(shapes.length);
    expect(parts.get('xl/drawings/vmlDrawing2.vml')).toContain('data="3"');
  });

  it('has rows as high as it is told', async () => {
    const sink = memorySink();
    const writer = createWorkbookWriter(sink);
    await writer.beginSheet({ name: 'Rows', columns: [] });
    writer.row(['a'], { lines: 3 });
    writer.row(['b'], { lines: 100 });
    await writer.finish();
    const sheet = (await byExcelJs(sink.bytes())).worksheets[0];
    expect([1, 2].map((row) => sheet?.getRow(row).height)).toEqual([45, 409]);
  });

  it('refuses a list that does not fit into a rule', async () => {
    const withList = (values: string[]) =>
      writeWorkbook([
        {
          validations: [{ column: 0, firstRow: 1, lastRow: 2, rule: { kind: 'list', values } }],
          rows: [],
        },
      ]);
    await expect(withList(['x'.repeat(256)])).rejects.toThrow('too long for a list');
    await expect(withList(['a,b'])).rejects.toThrow('too long for a list');
  });
});
