/** Workbooks that other programs write, read as data sources. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonWithOpenpyxl } from '../../../bench/measure/openpyxl.ts';
import { readBytes } from '../../unit/dataSources/xlsx/support.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-workbooks-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const python = pythonWithOpenpyxl;
const reason = python ? '' : ' (skipped: python3 has no openpyxl)';

const EXPECTED = {
  rows: [
    {
      id: '00123',
      name: 'Zoë & 张伟 <1>',
      share: '12.5%',
      day: '2026年11月25日',
      amount: '$1,234.50',
      member: true,
      note: 'rich text',
    },
    {
      id: '00007',
      name: '=no formula',
      share: '100.0%',
      day: '1900年3月1日',
      amount: '-$3.00',
      member: false,
      note: null,
    },
    {},
    {
      id: '00001',
      name: ' blanks  ',
      share: null,
      day: null,
      amount: '$42.00',
      member: null,
      note: 'a\nb',
    },
  ],
  typed: [
    { id: 123, share: 0.125, day: '2026-11-25', amount: 1234.5 },
    { id: 7, share: 1, day: '1900-03-01', amount: -3 },
    undefined,
    { id: 1, amount: 42 },
  ],
};

describe('a workbook of exceljs', () => {
  it('is read', async () => {
    const workbook = new ExcelJS.Workbook();
    workbook.addWorksheet('Notes', { state: 'hidden' }).addRow(['not this']);
    const sheet = workbook.addWorksheet('People');
    sheet.addRow(['id', 'name', 'share', 'day', 'amount', 'member', 'note']);
    const day = (text: string) => new Date(`${text}T00:00:00Z`);
    const rich = { richText: [{ text: 'rich ' }, { text: 'text', font: { bold: true } }] };
    sheet.addRow([123, 'Zoë & 张伟 <1>', 0.125, day('2026-11-25'), 1234.5, true, rich]);
    sheet.addRow([7, '=no formula', 1, day('1900-03-01'), -3, false]);
    sheet.addRow([]);
    sheet.addRow([1, ' blanks  ', null, null, { formula: '6*7', result: 42 }, null, 'a\nb']);
    sheet.getColumn(1).numFmt = '00000';
    sheet.getColumn(3).numFmt = '0.0%';
    sheet.getColumn(4).numFmt = 'yyyy"年"m"月"d"日"';
    sheet.getColumn(5).numFmt = '$#,##0.00';
    const { rows, typed, outcome } = await readBytes(
      new Uint8Array(await workbook.xlsx.writeBuffer()),
    );
    expect(outcome).toMatchObject({ ok: true, found: { sheet: 'People', headerRow: 1 } });
    expect({ rows, typed }).toEqual(EXPECTED);
  });
});

const OPENPYXL = `
import datetime, sys, openpyxl
from openpyxl.styles import numbers
book = openpyxl.Workbook()
book.active.title = "Notes"
book.active["A1"] = "not this"
book.active.sheet_state = "hidden"
sheet = book.create_sheet("People")
formats = ["00000", None, "0.0%", 'yyyy"年"m"月"d"日"', "$#,##0.00", None, None]
rows = [
    ["id", "name", "share", "day", "amount", "member", "note"],
    [123, "Zoë & 张伟 <1>", 0.125, datetime.date(2026, 11, 25), 1234.5, True, "rich text"],
    [7, None, 1, datetime.date(1900, 3, 1), -3, False, None],
    [],
    [1, " blanks  ", None, None, 42, None, "a\\nb"],
]
for number, row in enumerate(rows, 1):
    for column, value in enumerate(row, 1):
        cell = sheet.cell(number, column, value)
        if number > 1 and formats[column - 1]:
            cell.number_format = formats[column - 1]
name = sheet.cell(3, 2)
name.value = "=no formula"
name.data_type = "s"
book.save(sys.argv[1])
`;

describe(`a workbook of openpyxl${reason}`, () => {
  it.skipIf(!python)('is read', async () => {
    const path = join(folder, 'openpyxl.xlsx');
    const { status, stderr } = spawnSync(python ?? '', ['-c', OPENPYXL, path]);
    expect([status, stderr.toString()]).toEqual([0, '']);
    const { rows, typed } = await readBytes(await readFile(path));
    expect({ rows, typed }).toEqual(EXPECTED);
  });
});
