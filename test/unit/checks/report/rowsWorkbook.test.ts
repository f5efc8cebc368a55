import { describe, expect, it } from 'vitest';
import { writeRows } from '../../../../shared/dataSources/rows.ts';
import { writeCheckReport } from '../../../../shared/checks/report/writeCheckReport.ts';
import { MAX_REPORT_MARKS } from '../../../../shared/limits.ts';
import { createMemoryPorts } from '../../../support/memoryPorts.ts';
import { commentsOf, excelJs, finding, linesOf, mark, reportOf } from './support.ts';

/** Texts of the sheet of rows, by cell. */
async function rowsSheet(bytes: Uint8Array) {
  const sheet = (await excelJs(bytes)).getWorksheet('Rows');
  const lines: unknown[][] = [];
  sheet?.eachRow({ includeEmpty: true }, (row) =>
    lines.push(Array.isArray(row.values) ? row.values.slice(1) : []),
  );
  return { sheet, lines };
}

describe('the report of rows that are no workbook', () => {
  it('has them as texts, with cells marked by their own style and a comment', async () => {
    const csv = 'name,code,note\nAda,007,=cmd()\n,,\nLin,"1,5",\n';
    const { bytes } = await reportOf(csv, {
      fileName: 'people.csv',
      marks: [
        mark(1, 'code', 'No code.'),
        mark(3, 'note', 'Empty.', 'warning'),
        mark(3, 'note', 'Needed.'),
        mark(3, 'nowhere', 'Lost.'),
      ],
      findings: [finding({ column: 'code', firstRows: [1] })],
    });
    const { sheet, lines } = await rowsSheet(bytes);
    expect(lines).toEqual([['name', 'code', 'note'], ['Ada', '007', '=cmd()'], [], ['Lin', '1,5']]);
    expect(sheet?.getCell('C2').type).toBe(3);
    expect(sheet?.getCell('C2').numFmt).toBe('@');
    expect(commentsOf(sheet)).toEqual({
      B2: 'Error: No code.',
      C4: 'Error: Empty.\nNeeded.',
    });
    const fills = ['A2', 'B2', 'C4'].map((cell) => sheet?.getCell(cell).fill);
    expect(fills[0]).not.toEqual(fills[1]);
    expect(fills[1]).toEqual(fills[2]);
    expect(sheet?.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 });
    const check = linesOf((await excelJs(bytes)).getWorksheet('Check'));
    expect(check.join('\n')).toContain('B2 (row 1)');
    expect(check.at(-1)).toBe('Error | Error: Lost. | row 3, column nowhere');
  });

  it('keeps columns in the order of the file, as paths, empty ones too', async () => {
    const csv = 'items[1].price,name,items[2].price,empty,No.\n1,Ada,2,,x\n';
    const { bytes } = await reportOf(csv, {
      fileName: 'people.csv',
      marks: [mark(1, 'items[2].price')],
    });
    const { sheet, lines } = await rowsSheet(bytes);
    expect(lines[0]).toEqual(['items[1].price', 'name', 'items[2].price', 'empty', 'No.']);
    expect(commentsOf(sheet)).toEqual({ C2: 'Error: It is wrong. Correct it.' });
  });

  it('gives each value inside of objects and lists a column', async () => {
    const rows = [
      { name: 'Ada', items: [{ price: 12345678901, to: ['a'] }, { price: true }], at: null },
      { name: 'Lin', items: [], more: 'x', at: { city: 'Bonn' } },
    ];
    const { bytes } = await reportOf(JSON.stringify(rows), {
      fileName: 'people.json',
      marks: [mark(1, 'items'), mark(2, 'at.city', 'x', 'warning')],
    });
    const { sheet, lines } = await rowsSheet(bytes);
    expect(lines).toEqual([
      ['name', 'items[1].price', 'items[1].to[1]', 'items[2].price', 'at.city', 'more'],
      ['Ada', '12345678901', 'a', 'true'],
      ['Lin', , , , 'Bonn', 'x'], // eslint-disable-line no-sparse-arrays -- as exceljs has them
    ]);
    expect(Object.keys(commentsOf(sheet))).toEqual(['B2', 'E3']);
  });

  it('has long lists as JSON', async () => {
    const rows = [{ list: Array.from({ length: 2_000 }, (_, i) => i), name: 'Ada' }];
    const { bytes } = await reportOf(JSON.stringify(rows), { fileName: 'people.json' });
    const { lines } = await rowsSheet(bytes);
    expect(lines[0]).toEqual(['list', 'name']);
    expect(lines[1]?.[0]).toMatch(/^\[0,1,2,/);
  });

  it('needs no data source, and shows so many marks', async () => {
    const ports = createMemoryPorts();
    const count = MAX_REPORT_MARKS + 1;
    const keys = { rowsKey: 'rows', indexKey: 'index' };
    await writeRows(
      ports,
      keys,
      Array.from({ length: count }, () => ({ a: 'x' })),
    );
    const report = {
      source: undefined,
      ...keys,
      marks: Array.from({ length: count }, (_, i) => mark(i + 1, 'a')),
      findings: [finding()],
      markedAll: true,
    };
    for (const to of ['one', 'other']) await writeCheckReport(ports, { ...report, to });
    const [one, other] = [await ports.objects.read('one'), await ports.objects.read('other')];
    expect(Buffer.from(one).equals(other)).toBe(true);
    const workbook = await excelJs(one);
    expect(Object.keys(commentsOf(workbook.getWorksheet('Rows')))).toHaveLength(MAX_REPORT_MARKS);
    expect(linesOf(workbook.getWorksheet('Check')).join('\n')).toContain(
      'More cells are at fault, and not marked: a report marks 10,000, of everything that is found the first. Correct these, then check again.',
    );
  });
});
