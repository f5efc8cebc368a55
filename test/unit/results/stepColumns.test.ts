/** The columns of row steps in results, in each format. */
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { writeObject } from '../../../shared/checks/report/ownWorkbook/changeUpload.ts';
import { columnsNamed } from '../../../shared/checks/report/rowColumns.ts';
import type { ObjectWriter } from '../../../shared/archive/objectWriter.ts';
import { addColumns } from '../../../shared/results/ownSheet/addColumns.ts';
import { cellOf, resultColumns } from '../../../shared/results/resultColumns.ts';
import type { ResultRow } from '../../../shared/results/resultRows.ts';
import { ArchivedFile, type StepValue } from '../../../shared/results/stepColumns.ts';
import { writeCsv, writeJsonLines } from '../../../shared/results/writeText.ts';
import { writeResultsWorkbook } from '../../../shared/results/writeWorkbook.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { taskItem } from '../../support/tasks.ts';
import { memorySink, writeWorkbook } from '../../support/writeWorkbook.ts';
import { excelJs } from '../checks/report/support.ts';
import { linesOf } from './support.ts';

const steps = { names: ['score.value', 'score.list', 'picture.file', 'picture.note'] };
const ANSWERS: readonly StepValue[] = [-0.5, [1, { a: 'b' }], new ArchivedFile('p/1.png'), '=x'];
const row = (number: number, answers: readonly StepValue[]): ResultRow => ({
  row: number,
  values: { name: `P${number}` },
  typed: () => undefined,
  correction: undefined,
  answers,
  status: 'succeeded',
  documents: [{ status: 'succeeded', name: `d/${number}.docx` }],
});
const ROWS = [row(1, ANSWERS), row(2, [undefined, null, undefined, true])];

async function* batches() {
  yield ROWS;
  await Promise.resolve();
}

const columns = columnsNamed(['name']);
const more = resultColumns(taskItem(), steps, columns.names);

async function written(write: (object: ObjectWriter) => Promise<void>): Promise<Buffer> {
  const ports = createMemoryPorts();
  await writeObject(ports, 'key', write);
  return Buffer.from(await ports.objects.read('key'));
}

describe('values of steps', () => {
  it('stand between those of the row and what became of it, as CSV', async () => {
    const bytes = await written((object) => writeCsv(object, batches(), columns, more));
    expect(parse(bytes, { bom: true })).toEqual([
      ['name', ...steps.names, 'status', 'failure', 'detail', 'document'],
      ['P1', '-0.5', '[1,{"a":"b"}]', 'p/1.png', "'=x", 'succeeded', '', '', 'd/1.docx'],
      ['P2', '', '', '', 'true', 'succeeded', '', '', 'd/2.docx'],
    ]);
  });

  it('are by their names in JSON Lines, files as such', async () => {
    const bytes = await written((object) => writeJsonLines(object, batches(), ['letter'], steps));
    expect(linesOf(bytes)).toMatchObject([
      {
        row: 1,
        steps: {
          'score.value': -0.5,
          'score.list': [1, { a: 'b' }],
          'picture.file': { file: 'p/1.png' },
          'picture.note': '=x',
        },
      },
      { row: 2, steps: { 'score.value': null, 'picture.file': null, 'picture.note': true } },
    ]);
  });

  const LINK = { formula: 'HYPERLINK("p/1.png","p/1.png")', result: 'p/1.png' };

  it('are numbers, texts and links in a workbook of results', async () => {
    const bytes = await written((object) =>
      writeResultsWorkbook(object, batches(), columns, more, undefined),
    );
    const [sheet] = (await excelJs(bytes)).worksheets;
    const values = (number: number) =>
      ['B', 'C', 'D', 'E'].map((column) => sheet?.getCell(`${column}${number}`).value);
    expect(values(2)).toEqual([-0.5, '[1,{"a":"b"}]', LINK, '=x']);
    expect(values(3)).toEqual([null, null, null, true]);
  });

  it('are so in the workbook that was uploaded, too', async () => {
    const upload = await writeWorkbook([{ rows: [['name'], ['P1'], ['P2']] }]);
    async function* cells() {
      for await (const batch of batches())
        yield batch.map((each) => more.valuesOf(each).map(cellOf));
    }
    const file = {
      bytes: upload.length,
      read: ({ offset, length }: { offset: number; length: number }) =>
        Promise.resolve(upload.subarray(offset, offset + length)),
      async *stream({ offset, length }: { offset: number; length: number }) {
        yield upload.subarray(offset, offset + length);
        await Promise.resolve();
      },
    };
    const sink = memorySink();
    const source = { fileName: 'a.xlsx', reading: undefined, rowCount: 2, found: undefined };
    await addColumns(file, source, () => ({ names: more.names, rows: cells() }), sink);
    const [sheet] = (await excelJs(sink.bytes())).worksheets;
    expect(sheet?.getCell('B2').value).toBe(-0.5);
    expect(sheet?.getCell('D2').value).toEqual(LINK);
    expect(sheet?.getCell('E2').value).toBe('=x');
    expect(sheet?.getCell('E3').value).toBe(true);
    expect(sheet?.getCell('I3').text).toBe('d/2.docx');
  });
});

describe('a link', () => {
  it('has as long a path as it may have, in pieces that a formula takes', async () => {
    const name = `${'é'.repeat(200)}/${'x'.repeat(200)} "50%" #1.docx`;
    const bytes = await writeWorkbook([{ rows: [[{ value: name, link: name, look: 'link' }]] }]);
    const { value } = (await excelJs(bytes)).worksheets[0]?.getCell('A1') ?? {};
    const { formula, result } = value as { formula: string; result: string };
    expect(result).toBe(name);
    const [target, shown] = formula.slice('HYPERLINK('.length, -1).split(/(?<="),(?=")/);
    const textOf = (literals = '') =>
      literals
        .slice(1, -1)
        .split('"&"')
        .map((piece) => {
          expect(piece.length).toBeLessThanOrEqual(255);
          return piece.replaceAll('""', '"');
        })
        .join('');
    expect(textOf(shown)).toBe(name);
    expect(textOf(target)).toBe(name.replace('%', '%25').replace('#', '%23'));
  });
});
