/** A workbook of our writer, opened and saved by LibreOffice. */
import ExcelJS from 'exceljs';
import { describe, expect, it } from 'vitest';
import { convert, hasLibreOffice, unlessSkipped } from '../../support/libreOffice.ts';
import { readBytes } from '../../unit/dataSources/xlsx/support.ts';
import { writeWorkbook } from '../../support/writeWorkbook.ts';

const TIMEOUT_MS = 120_000;

describe('a written workbook', () => {
  it.skipIf(!hasLibreOffice)(
    `is opened and saved by LibreOffice with all that is in it${unlessSkipped}`,
    async () => {
      const day = new Date(Date.UTC(2026, 10, 25));
      const rows = [
        ['zeros', 'day', 'truth', 'number', 'text'].map((value) => ({
          value,
          look: 'header' as const,
        })),
        ['00123', day, true, 0.5, '=1+1'],
        ['', null, false, -3, 'line\nand 王 <&> _x0041_ \u0007'],
      ];
      const workbook = await writeWorkbook([
        {
          name: 'Rows & more',
          columns: [12, 14, 9, 9, 30].map((width) => ({ width })),
          filterFrom: 1,
          validations: [
            { column: 0, firstRow: 2, lastRow: 50, rule: { kind: 'list', values: ['x', 'y'] } },
            { column: 1, firstRow: 2, lastRow: 50, rule: { kind: 'date' } },
          ],
          rows: [
            ...rows,
            [
              { value: 'wrong', look: 'error', comment: 'Look\nhere' },
              { value: null, format: 'text' },
            ],
          ],
        },
        { name: 'Hidden', isHidden: true, rows: [['b']] },
      ]);
      const saved = new ExcelJS.Workbook();
      const bytes = convert(workbook, 'xlsx', 'xlsx:Calc MS Excel 2007 XML');
      await saved.xlsx.load(bytes as unknown as ExcelJS.Buffer);
      expect(saved.worksheets.map(({ name, state }) => [name, state])).toEqual([
        ['Rows & more', 'visible'],
        ['Hidden', 'hidden'],
      ]);
      const sheet = saved.worksheets[0];
      // LibreOffice takes truth values for the formulas TRUE() and FALSE().
      const shown = (cell: string) => sheet?.getCell(cell).result ?? sheet?.getCell(cell).value;
      expect(['A2', 'B2', 'C2', 'D2', 'E2', 'C3'].map(shown)).toEqual([
        '00123',
        day,
        true,
        0.5,
        '=1+1',
        false,
      ]);
      const { rows: read } = await readBytes(bytes);
      expect(read[1]).toMatchObject({ number: '-3', text: 'line\nand 王 <&> _x0041_ \u0007' });
      expect(sheet?.getCell('E2').formula).toBeUndefined();
      expect(sheet?.getCell('A1').font.bold).toBe(true);
      expect(JSON.stringify(sheet?.getCell('A4').note)).toContain('Look\\nhere');
      expect(sheet?.getCell('B4').numFmt).toBe('@');
      const list = sheet?.getCell('A9').dataValidation;
      expect([list?.type, list?.formulae[0]]).toEqual(['list', '"x,y"']);
      expect(sheet?.getCell('B9').dataValidation).toMatchObject({ type: 'date' });
      expect(sheet?.autoFilter).toBeTruthy();
      expect(Math.round(sheet?.getColumn(5).width ?? 0)).toBe(30);
    },
    TIMEOUT_MS,
  );
});
