/** Marks of what lies inside of a row: entries of lists on sheets of their own, and rows of a group. */
import { describe, expect, it } from 'vitest';
import { newCreation } from '../../../../shared/creation.ts';
import { objectKeys } from '../../../../shared/keys.ts';
import { OrderBodySchema } from '../../../../shared/schemas/taskApi.ts';
import { createCheck } from '../../../../shared/trials/createCheck.ts';
import { runTrial } from '../../../../shared/trials/runTrial.ts';
import type { Cell } from '../../../../shared/workbooks/cells.ts';
import { createMemoryPorts } from '../../../support/memoryPorts.ts';
import { givenTemplate } from '../../../support/runTask.ts';
import { OWNER } from '../../../support/tasks.ts';
import { writeWorkbook } from '../../../support/writeWorkbook.ts';
import { commentsOf, excelJs, finding, ingest, linesOf, mark, reportOf } from './support.ts';

const workbookOf = (sheets: Record<string, readonly (readonly Cell[])[]>) =>
  writeWorkbook(Object.entries(sheets).map(([name, rows]) => ({ name, rows })));

const PEOPLE = {
  People: [
    ['#', 'name'],
    ['a', 'Ada'],
    ['b', 'Lin'],
    [null, 'Nobody'],
  ],
  'Their things': [
    ['#things', '#', 'article', 'size.width'],
    ['b', 1, 'chair', 10],
    ['a', 2, 'lamp', 20],
    [],
    ['b', 3, 'desk', null],
  ],
  Parts: [
    ['#things#parts', 'part'],
    [3, 'leg'],
    [1, 'screw'],
    [3, 'top'],
  ],
  Tags: [
    ['#tags', '.'],
    ['a', 'new'],
    ['a', 'old'],
  ],
};

/** Comments by sheet and cell, without what they say in front. */
async function commentsIn(bytes: Uint8Array): Promise<Record<string, Record<string, string>>> {
  const workbook = await excelJs(bytes);
  const found: Record<string, Record<string, string>> = {};
  for (const sheet of workbook.worksheets) {
    const comments = commentsOf(sheet);
    if (Object.keys(comments).length > 0) found[sheet.name] = comments;
  }
  return found;
}

/** Cells that are filled, of the sheet with this number. */
const filledIn = (textOf: (name: string) => string, sheet: number) =>
  [...textOf(`xl/worksheets/sheet${sheet}.xml`).matchAll(/Formatting sqref="([^"]*)"/g)].flatMap(
    ([, cells = '']) => cells.split(' '),
  );

describe('marks in lists on sheets of their own', () => {
  it('stand on those sheets, in the rows of the entries', async () => {
    const marks = [
      mark(2, 'name', '1'),
      mark(2, 'things[2].article', '2'),
      mark(2, 'things[2].size.width', '3', 'warning'),
      mark(1, 'things[1].article', '4'),
      mark(2, 'things[2].parts[2].part', '5'),
      mark(1, 'tags[2]', '6'),
    ];
    const { bytes, textOf } = await reportOf(await workbookOf(PEOPLE), { marks });
    expect(await commentsIn(bytes)).toEqual({
      People: { B3: 'Error: 1' },
      'Their things': { C5: 'Error: 2', C3: 'Error: 4' },
      Parts: { B4: 'Error: 5' },
      Tags: { B3: 'Error: 6' },
    });
    // exceljs does not tell the comments of cells that are not there.
    expect([1, 2, 3, 4].map((sheet) => filledIn(textOf, sheet))).toEqual([
      ['B3'],
      ['C3', 'C5', 'D5'],
      ['B4'],
      ['B3'],
    ]);
    expect(textOf('xl/comments2.xml')).toContain('ref="D5"');
  });

  it('are of the key where the list itself is meant, or an entry that it has not', async () => {
    const marks = [
      mark(3, 'things', 'none'),
      mark(1, 'things[9].article', 'far'),
      mark(2, 'things[2].parts[7].part', 'inner'),
      mark(1, 'nowhere[1].x', 'unknown'),
    ];
    const { bytes, textOf } = await reportOf(await workbookOf(PEOPLE), { marks });
    expect(await commentsIn(bytes)).toEqual({
      People: { A2: 'Error: far' },
      'Their things': { B5: 'Error: inner' },
    });
    expect(filledIn(textOf, 1)).toEqual(['A2', 'A4']);
    const lines = linesOf((await excelJs(bytes)).getWorksheet('Check'));
    expect(lines).toContain('Error | Error: unknown | row 1, column nowhere[1].x');
  });

  it('are told with their sheet in what was found', async () => {
    const marks = [mark(2, 'things[2].article')];
    const findings = [
      finding({ column: 'things[2].article', tag: 'article', firstRows: [2] }),
      finding({ column: undefined, tag: undefined, code: 'ROW_DUPLICATE', firstRows: [3] }),
    ];
    const { bytes, textOf } = await reportOf(await workbookOf(PEOPLE), { marks, findings });
    const lines = linesOf((await excelJs(bytes)).getWorksheet('Check'));
    expect(lines.slice(2, 4)).toEqual([
      '1 cell is marked in the sheet "Their things": red is an error, yellow a warning, and the comment of the cell says what to do.',
      'What is wrong with whole rows marks no cell: its places are below.',
    ]);
    expect(lines.join('\n')).toContain('Their things!C5 (row 2)');
    expect(lines.join('\n')).toContain('row 4 of the sheet (row 3)');
    const check = textOf('xl/worksheets/sheet5.xml');
    expect(check).toContain(`location="&apos;Their things&apos;!C5"`);
    expect(check).toContain(`location="&apos;People&apos;!A4"`);
  });
});

describe('marks of rows that become one document', () => {
  it.each(['orders.xlsx', 'orders.csv'])('are those of the row itself, in %s', async (fileName) => {
    const rows = [
      ['customer', 'item', 'price'],
      ['A', 'pen', '1.50'],
      ['B', 'ink', '2.00'],
      ['A', 'cap', 'free'],
      ['B', 'nib', '5.00'],
    ];
    const ports = createMemoryPorts();
    const csv = rows.map((cells) => cells.join(',')).join('\n');
    const file = fileName.endsWith('csv') ? csv : await workbookOf({ Orders: rows });
    const { dataSourceId } = await ingest(ports, file, fileName, {}, OWNER);
    const text = '{customer}{#rows}{item}{price | number:"0.00"}{/rows}';
    const order = OrderBodySchema.parse({
      templateIds: [await givenTemplate(ports, text)],
      dataSourceId,
      options: { groupBy: 'customer' },
    });
    const { checkId } = await createCheck(ports, OWNER, order, newCreation('check', ports));
    await runTrial(ports, { of: checkId, reportOnly: false });
    const bytes = Buffer.from(await ports.objects.read(objectKeys.checkReport(checkId)));
    const [comments = {}] = Object.values(await commentsIn(bytes));
    expect(Object.keys(comments)).toEqual(['C4']);
    expect(comments['C4']).toMatch(/^Error: .*price/);
    const lines = linesOf((await excelJs(bytes)).getWorksheet('Check'));
    expect(lines.find((line) => line.startsWith('Error'))).toContain('C4 (row 1)');
  });
});
