/** Sheets for templates that people do not write on purpose, filled in and read back. */
import ExcelJS from 'exceljs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeDataSheet } from '../../../shared/dataSheet/writeDataSheet.ts';
import type { Tag } from '../../../shared/schemas/common.ts';
import { keyColumns } from '../../../shared/dataSheet/instructions.ts';
import { sheetsOfTags } from '../../../shared/dataSheet/sheetsOfTags.ts';
import { memorySink, writeWorkbook } from '../../support/writeWorkbook.ts';
import { readBytes } from '../dataSources/xlsx/support.ts';

const value = (name: string, ...path: string[]): Tag => ({
  name,
  kind: 'value',
  path,
  part: 'word/document.xml',
});
const section = (name: string, ...path: string[]): Tag => ({
  ...value(name, ...path),
  kind: 'section',
});

async function sheetOf(tags: readonly Tag[], name = 'letter'): Promise<Buffer> {
  const sink = memorySink();
  await writeDataSheet(sink, { name, tags });
  return sink.bytes();
}

async function open(workbook: Buffer): Promise<ExcelJS.Workbook> {
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(workbook as unknown as ExcelJS.Buffer);
  return book;
}

/** Fills in one row of each sheet with what is in its header, keys with 1; and reads it. */
async function filled(workbook: Buffer) {
  const book = await open(workbook);
  for (const sheet of book.worksheets) {
    if (sheet.name.startsWith('Instructions') || sheet.state === 'hidden') continue;
    for (let column = 1; column <= sheet.columnCount; column++) {
      const header = sheet.getCell(1, column).text;
      sheet.getCell(2, column).value = header.startsWith('#') ? '1' : `<${header}>`;
    }
  }
  return readBytes(Buffer.from(await book.xlsx.writeBuffer()));
}

const text = (sheet: ExcelJS.Worksheet | undefined) =>
  JSON.stringify(sheet?.getSheetValues() ?? []);

describe('a data sheet', () => {
  it('takes names of any kind back as they are', async () => {
    const names = [
      'x'.repeat(300),
      '王'.repeat(300),
      'a/b',
      '📦 box',
      'Name',
      'name',
      'NAME',
      '+1+1',
      '-1',
      "=cmd|' /C calc'!A0",
      '@SUM(A1)',
      'a.b.c',
      'No.',
      'Price [EUR]',
      'two\nlines',
      '_x0041_',
      '"quoted"',
      '<&>',
      'constructor',
      'toString',
      '1',
      '0012',
    ];
    const workbook = await sheetOf(
      names.map((name) => value(name)),
      '=1+1',
    );
    const { outcome, rows } = await filled(workbook);
    expect(outcome).toMatchObject({ ok: true, rowCount: 1, columns: names });
    expect(rows[0]).toMatchObject({
      "=cmd|' /C calc'!A0": "<=cmd|' /C calc'!A0>",
      a: { b: { c: '<a.b.c>' } },
    });
    const book = await open(workbook);
    for (const sheet of book.worksheets) {
      sheet.eachRow((row) => {
        row.eachCell((cell) => {
          expect(cell.formula).toBeUndefined();
        });
      });
    }
  });

  it('has room for as many tags as a template may have', async () => {
    const names = Array.from({ length: 3_000 }, (_, i) => `tag ${i}`);
    const { outcome } = await filled(await sheetOf(names.map((name) => value(name))));
    expect(outcome).toMatchObject({ ok: true, columns: names });
  });

  it('has lists in lists in lists, whatever they are called', async () => {
    const odd = 'a very long list: with [signs]/of*all?kinds';
    const tags = [
      section('l'),
      value('a', 'l'),
      section('L', 'l'),
      value('b', 'l', 'L'),
      section(odd, 'l', 'L'),
      value('c', 'l', 'L', odd),
      section('Instructions 说明', 'l', 'L', odd),
      value('d', 'l', 'L', odd, 'Instructions 说明'),
    ];
    const workbook = await sheetOf(tags);
    const names = (await open(workbook)).worksheets.map(({ name }) => name);
    expect(names).toEqual([
      'Data 数据',
      'l',
      'L (2)',
      'a very long list_ with _signs__',
      'Instructions 说明',
      'Instructions 说明 (2)',
    ]);
    const book = await open(workbook);
    for (const [i, sheet] of book.worksheets.slice(0, 5).entries()) {
      for (let column = 1; column <= sheet.columnCount; column++) {
        const header = sheet.getCell(1, column).text;
        sheet.getCell(2, column).value = header.startsWith('#') ? '1' : `${i}`;
      }
    }
    const { outcome, rows } = await readBytes(Buffer.from(await book.xlsx.writeBuffer()));
    expect(outcome).toMatchObject({ ok: true });
    expect(rows).toEqual([
      { l: [{ a: '1', L: [{ b: '2', [odd]: [{ c: '3', 'Instructions 说明': [{ d: '4' }] }] }] }] },
    ]);
  });

  it('leaves out what would change a prototype, and tells it', async () => {
    const tags = [value('__proto__'), value('ok'), section('__proto__'), value('x', '__proto__')];
    const workbook = await sheetOf(tags);
    expect((await filled(workbook)).outcome).toMatchObject({ ok: true, columns: ['ok', 'x'] });
    expect(text((await open(workbook)).getWorksheet('Instructions 说明'))).toContain('{__proto__}');
  });

  it('is a workbook also for a template without tags', async () => {
    const book = await open(await sheetOf([]));
    expect(book.worksheets.map(({ name }) => name)).toEqual(['Data 数据', 'Instructions 说明']);
    expect((await readBytes(await sheetOf([]))).outcome).toMatchObject({
      ok: false,
      problems: [{ code: 'ROWS_MISSING' }],
    });
  });

  it('is no data before it is filled in: examples stand among the instructions', async () => {
    const { outcome } = await readBytes(await sheetOf([value('a'), section('b'), value('c', 'b')]));
    expect(outcome).toMatchObject({ ok: false, problems: [{ code: 'ROWS_MISSING' }] });
  });

  it('has formats and rules by what tags make of their values', async () => {
    const tags: Tag[] = [
      { ...value('day'), formats: ['date:"yyyy"'] },
      { ...value('pay'), formats: ['currency:"EUR"'] },
      section('remote'),
      value('no'),
    ];
    const sheet = (await open(await sheetOf(tags))).getWorksheet('Data 数据');
    const at = (cell: string) => sheet?.getCell(cell);
    expect(['A5', 'B5', 'C5', 'D5'].map((cell) => at(cell)?.numFmt)).toEqual([
      'yyyy-mm-dd',
      undefined,
      undefined,
      '@',
    ]);
    expect(at('A5')?.dataValidation).toMatchObject({ type: 'date' });
    expect(at('B5')?.dataValidation).toMatchObject({ type: 'decimal' });
    expect(at('C5')?.dataValidation).toMatchObject({
      type: 'list',
      formulae: ["'Choices 选项'!$A$1:$A$2"],
    });
    expect(at('D5')?.dataValidation).toBeUndefined();
  });

  it('comes back with each column that it has, whatever the tags', async () => {
    const name = fc.oneof(
      fc.constantFrom('a', 'b', 'a.b', 'b.c', 'items', 'items.x', 'a[1].b', '.', 'isOn'),
      fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
        .map((each) => each.trim() || 'x'),
    );
    const tag = fc.record({
      name,
      kind: fc.constantFrom('value', 'value', 'section', 'inverted'),
      path: fc.array(
        name.filter((each) => each !== '.'),
        { maxLength: 3 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(tag, { maxLength: 12 }), async (drawn) => {
        const tags = drawn.flatMap(({ name: its, kind, path }): Tag[] => [
          ...path.map((each, i) => section(each, ...path.slice(0, i))),
          { ...value(its, ...path), kind: kind },
        ]);
        // Without the rules, for which ExcelJS makes an object a cell.
        const { outcome } = await readBytes(
          await writeWorkbook(
            sheetsOfTags(tags).sheets.map((sheet) => {
              const headers = [
                ...keyColumns(sheet, 'Data').map((key) => key.name),
                ...sheet.columns.map((column) => column.name),
              ];
              return {
                rows: [headers, headers.map((header) => (header.startsWith('#') ? 1 : 'x'))],
              };
            }),
          ),
        );
        const codes = outcome.ok ? [] : outcome.problems.map(({ code }) => code);
        // A sheet of nothing but keys has no rows yet.
        expect(codes.filter((code) => code !== 'ROWS_MISSING')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
