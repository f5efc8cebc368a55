/** Results in the workbook that the rows were read from: columns are added, and nothing else is another. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectKeys } from '../../../shared/keys.ts';
import { MAX_COLUMNS } from '../../../shared/limits.ts';
import type { ReadingOptions } from '../../../shared/schemas/common.ts';
import { RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { deleteDataSource } from '../../../shared/dataSources/dataSources.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { styleIndex, stylesPart } from '../../../shared/workbooks/styles.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { readParts } from '../../support/readParts.ts';
import { givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';
import {
  craftRows,
  craftWorkbook,
  lettersOf,
  type CraftedValue,
  type CraftedWorkbook,
} from '../../support/workbooks.ts';
import { excelJs, ingest, repacked, rowsOf } from '../checks/report/support.ts';
import { resultsOf } from './support.ts';

const ports = createMemoryPorts();
const templateId = givenTemplate(ports, 'Dear {name}');
/** No document can be made of it. As workbooks spell it. */
const BAD = 'bad _x0007_';

interface Options {
  readonly reading?: ReadingOptions;
  readonly options?: object;
  /** Is called between the task's end and its results. */
  readonly meanwhile?: (taskId: string, dataSourceId: string) => Promise<unknown>;
}

/** The results of a task of a workbook, and the parts of both. */
async function results(file: Uint8Array, { reading = {}, options = {}, meanwhile }: Options = {}) {
  const { dataSourceId } = await ingest(ports, file, 'people.xlsx', reading, OWNER);
  const body = { templateIds: [await templateId], dataSourceId, options };
  const { taskId } = await startedTask(ports, body);
  await runTask(ports, taskId);
  await meanwhile?.(taskId, dataSourceId);
  const bytes = await resultsOf(ports, taskId, 'xlsx');
  const [before, after] = await Promise.all([readParts(file), readParts(bytes)]);
  return { bytes, before, after, sheet: after.get('xl/worksheets/sheet1.xml')?.toString() ?? '' };
}

const DATE = styleIndex({ format: 'date' });
const PEOPLE: readonly (readonly CraftedValue[])[] = [
  ['name', 'born'],
  ['Ada', { value: 12, style: DATE }],
  [BAD, 5],
];
/** With styles as other programs want them. */
const crafted = ({ entries = [], ...more }: CraftedWorkbook) =>
  craftWorkbook({
    ...more,
    entries: [{ name: 'xl/styles.xml', content: stylesPart() }, ...entries],
  });
const people = (more: Partial<CraftedWorkbook> = {}) =>
  crafted({ sheets: [{ data: craftRows(PEOPLE) }], ...more });

const LINK =
  '<f>HYPERLINK(&quot;letter-1.docx&quot;,&quot;letter-1.docx&quot;)</f><v>letter-1.docx</v>';

/** Cells of a sheet by their addresses, as exceljs reads them. */
async function cellsOf(bytes: Uint8Array, sheet = 0) {
  const cells: Record<string, string> = {};
  (await excelJs(bytes)).worksheets[sheet]?.eachRow((row) =>
    row.eachCell((cell) => {
      if (cell.value !== null) cells[cell.address] = cell.text;
    }),
  );
  return cells;
}

describe('the workbook itself', () => {
  it('gets a column for each thing to tell, right of all others', async () => {
    const { bytes, sheet } = await results(people());
    const cells = await cellsOf(bytes);
    expect(cells).toMatchObject({
      C1: 'status',
      D1: 'failure',
      E1: 'detail',
      F1: 'document',
      C2: 'succeeded',
      F2: 'letter-1.docx',
      C3: 'failed',
      D3: 'RENDER_FAILED',
    });
    expect(cells['D2']).toBeUndefined();
    expect(cells['F3']).toBeUndefined();
    expect(sheet).toContain(LINK);
  });

  it('has every other part as it was, and of the sheet what was there', async () => {
    const other = craftRows([['x', { value: 1, style: DATE }]]);
    const file = people({
      sheets: [{ data: craftRows(PEOPLE), behind: '<pageMargins left="1"/>' }, { data: other }],
      entries: [{ name: 'xl/media/image1.png', content: Buffer.from([1, 2, 3]) }],
    });
    const { before, after, sheet } = await results(file);
    expect([...after.keys()]).toEqual([...before.keys()]);
    const changed = [...before].filter(([name, was]) => !after.get(name)?.equals(was));
    expect(changed.map(([name]) => name)).toEqual(['xl/styles.xml', 'xl/worksheets/sheet1.xml']);
    const added = /<c r="[C-F]\d+"[^>]*>.*?<\/c>/g;
    expect(sheet.replace(added, '')).toBe(before.get('xl/worksheets/sheet1.xml')?.toString());
  });

  it('has the places of rows that are blank, hidden, or above the header left alone', async () => {
    const data =
      craftRows([['A list of people'], [], ['name', 'born'], ['Ada', 1], [], [null, null]]) +
      '<row r="7" hidden="1"><c r="A7" t="inlineStr"><is><t>Bob</t></is></c></row>' +
      '<row r="9"><c r="A9" t="inlineStr"><is><t>Lin</t></is></c></row>';
    const file = crafted({ sheets: [{ data }] });
    const reading = { hidden: 'skip', headerRow: 3 } as const;
    const cells = await cellsOf((await results(file, { reading })).bytes);
    const inC = Object.entries(cells).filter(([address]) => address.startsWith('C'));
    expect(inC).toEqual([
      ['C3', 'status'],
      ['C4', 'succeeded'],
      ['C9', 'succeeded'],
    ]);
    expect(cells['F9']).toBe('letter-5.docx');
  });

  it('gets them behind cells that are formatted only, and behind merged areas', async () => {
    const styled = craftRows(PEOPLE).replace('</row>', '<c r="E1" s="1"/></row>');
    const { bytes } = await results(people({ sheets: [{ data: styled }] }));
    expect(await cellsOf(bytes)).toMatchObject({ F1: 'status', F3: 'failed' });
    const behind = '<mergeCells count="1"><mergeCell ref="G9:H9"/></mergeCells>';
    const merged = await results(people({ sheets: [{ data: craftRows(PEOPLE), behind }] }));
    expect(await cellsOf(merged.bytes)).toMatchObject({ I1: 'status', I3: 'failed' });
  });

  it('says how far its rows reach where it did', async () => {
    const data = craftRows(PEOPLE).replaceAll('<row ', '<row spans="1:2" ht="15" ');
    const before = '<dimension ref="A1:B3"/>';
    const { sheet } = await results(people({ sheets: [{ data, before }] }));
    expect(sheet).toContain('<dimension ref="A1:F3"/>');
    expect(sheet.match(/spans="1:6" ht="15"/g)).toHaveLength(3);
  });

  it.each([
    ['strict', { isStrict: true }],
    ['stored', { method: 0 as const }],
    ['without formats', { formats: [] }],
  ])('may be %s', async (_, more) => {
    const rows = [
      ['name', 'born'],
      ['Ada', 1],
    ];
    const file = craftWorkbook({ sheets: [{ data: craftRows(rows) }], ...more });
    const { bytes, sheet } = await results(file);
    expect(sheet).toContain(LINK);
    const [[values] = []] = (await rowsOf(bytes)) as [unknown, unknown][];
    expect(values).toMatchObject({ name: 'Ada', status: 'succeeded', document: 'letter-1.docx' });
  });

  it('may have prefixes before the names of its elements', async () => {
    const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
    const row = (r: number, a: string) =>
      `<x:row r="${r}"><x:c r="A${r}" t="inlineStr"><x:is><x:t>${a}</x:t></x:is></x:c></x:row>`;
    const part = `<x:worksheet xmlns:x="${main}"><x:sheetData>${row(1, 'name')}${row(2, 'Ada')}</x:sheetData></x:worksheet>`;
    const { bytes, sheet } = await results(craftWorkbook({ sheets: [{ data: '', part }] }));
    expect(sheet).toMatch(/<x:c r="E2"[^>]* t="str"><x:f>HYPERLINK/);
    expect(await rowsOf(bytes)).toEqual([
      [expect.objectContaining({ name: 'Ada', status: 'succeeded' }), []],
    ]);
  });

  it('may have lists of its rows on further sheets, which stay as they are', async () => {
    const people = [
      ['#', 'name'],
      ['a', 'Ada'],
      ['b', 'Lin'],
      ['c', null],
    ];
    const things = [
      ['#things', 'article'],
      ['b', 'chair'],
    ];
    const file = crafted({ sheets: [people, things].map((rows) => ({ data: craftRows(rows) })) });
    const { bytes, before, after } = await results(file);
    expect(await cellsOf(bytes)).toMatchObject({
      C1: 'status',
      F2: 'letter-1.docx',
      F3: 'letter-2.docx',
    });
    const list = 'xl/worksheets/sheet2.xml';
    expect(after.get(list)?.equals(before.get(list) ?? Buffer.alloc(0))).toBe(true);
  });

  it('tells what rows were corrected to, for its cells stay as they are', async () => {
    const meanwhile = async (taskId: string) => {
      const corrections = [{ row: 2, values: { name: 'Lin', born: 7 } }];
      await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse({ corrections }));
      await runTask(ports, taskId);
    };
    const cells = await cellsOf((await results(people(), { meanwhile })).bytes);
    expect(cells).toMatchObject({
      C1: 'corrected',
      C3: '{"name":"Lin","born":7}',
      D3: 'succeeded',
    });
    expect(cells['C2']).toBeUndefined();
  });

  it('has the names of its own columns kept, and loses a signature that is none any more', async () => {
    const rows = [
      ['name', 'Status'],
      ['Ada', 'new'],
    ];
    const file = await repacked(crafted({ sheets: [{ data: craftRows(rows) }] }), {
      '_xmlsignatures/sig1.xml': '<Signature/>',
    });
    const { bytes, after } = await results(file);
    expect(await cellsOf(bytes)).toMatchObject({ B1: 'Status', C1: 'status (2)' });
    expect(after.has('_xmlsignatures/sig1.xml')).toBe(false);
  });

  it('is the same for all rows and cells that there may be', { timeout: 60_000 }, async () => {
    const cell = fc.oneof(
      fc.constant(null),
      fc.string({ maxLength: 6 }).filter((text) => /^[\w <&"=]*$/.test(text)),
      fc.integer(),
      fc.boolean(),
    );
    const rows = fc.array(fc.array(cell, { maxLength: 4 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(rows, async (drawn) => {
        const table = [['name', 'b', 'c', 'd'], ['first'], ...drawn];
        const file = crafted({ sheets: [{ data: craftRows(table) }] });
        const { bytes } = await results(file);
        const [was, is] = [await cellsOf(file), await cellsOf(bytes)];
        const own = Object.entries(is).filter(([address]) => address < 'E');
        expect(Object.fromEntries(own)).toEqual(was);
        for (const [i, each] of table.entries()) {
          const isBlank = each.every((value) => value === null || value === '');
          if (i > 0) expect(is[`E${i + 1}`]).toBe(isBlank ? undefined : 'succeeded');
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('rows of a workbook that cannot be added to', () => {
  const DATED: readonly (readonly CraftedValue[])[] = [
    ['name', 'born', 'amount'],
    ['Ada', { value: 45_000, style: DATE }, { value: 1234.5, style: 0 }],
  ];
  const file = crafted({ sheets: [{ data: craftRows(DATED) }] });

  it.each([
    [
      'was replaced',
      (_: string, id: string) => ports.objects.put(objectKeys.sourceUpload(id), Buffer.from('x')),
      /it was deleted or replaced/,
    ],
    [
      'was removed',
      (_: string, id: string) => Promise.resolve(ports.objects.remove(objectKeys.sourceUpload(id))),
      /it was deleted or replaced/,
    ],
  ])(
    'because it %s are a workbook that says so, of numbers and dates',
    async (_, meanwhile, why) => {
      const { bytes } = await results(file, { meanwhile });
      const workbook = await excelJs(bytes);
      expect(workbook.worksheets.map(({ name }) => name)).toEqual(['Results', 'Note']);
      expect(workbook.worksheets[1]?.getCell('A1').text).toMatch(why);
      const [sheet] = workbook.worksheets;
      expect(sheet?.getCell('B2').value).toEqual(new Date('2023-03-15'));
      expect(sheet?.getCell('C2').value).toBe(1234.5);
      expect(sheet?.getCell('D2').text).toBe('succeeded');
    },
  );

  it('because its data source was deleted are a workbook', async () => {
    const meanwhile = (_: string, id: string) => deleteDataSource(ports, OWNER, id);
    const cells = await cellsOf((await results(file, { meanwhile })).bytes);
    expect(cells).toMatchObject({ A2: 'Ada', D2: 'succeeded' });
  });

  it('because there is no column left are a workbook', async () => {
    const last = lettersOf(MAX_COLUMNS - 3);
    const data = craftRows(PEOPLE).replace('</row>', `<c r="${last}1" s="1"/></row>`);
    const { bytes } = await results(people({ sheets: [{ data }] }));
    expect((await cellsOf(bytes, 1))['A1']).toMatch(/up to the last columns/);
  });

  it('because groups are its rows are those groups', async () => {
    const rows = [
      ['name', 'n'],
      ['Ada', 1],
      ['Lin', 2],
      ['Ada', 3],
    ];
    const grouped = crafted({ sheets: [{ data: craftRows(rows) }] });
    const { bytes } = await results(grouped, { options: { groupBy: 'name' } });
    const cells = await cellsOf(bytes);
    expect(cells).toMatchObject({ A1: 'name', C1: 'rows', A2: 'Ada', D2: 'succeeded' });
  });
});
