/** The table of results, as somebody with a spreadsheet downloads it. */
import { parse } from 'csv-parse/sync';
import ExcelJS from 'exceljs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { ApiError } from '../../client/errors.ts';
import { followTask } from '../../client/followTask.ts';
import type { ResultsFormat } from '../../shared/schemas/common.ts';
import { writeWorkbook } from '../support/writeWorkbook.ts';
import { api, client, docx } from './api.ts';

const ROWS = [
  ['name', 'amount', 'day'],
  ['Ada', 12.5, new Date(Date.UTC(2026, 10, 27))],
  [null, -3, null],
  ['Lin', 7, null],
];

async function ended() {
  const template = await client().uploadTemplate('letter.docx', docx('Dear {name}, {amount}'));
  const workbook = await writeWorkbook([
    { name: 'Notes', rows: [['x']] },
    { name: 'People', rows: ROWS },
  ]);
  const source = await client().uploadDataSource('people.xlsx', Uint8Array.from(workbook), {
    reading: { sheet: 'People' },
  });
  const { taskId } = await client().createTask({
    body: {
      templateIds: [template.templateId],
      dataSourceId: source.dataSourceId,
      name: 'Letters',
      fileName: '{row}/letter-{row}',
      options: { missingValue: 'error' },
      autoStart: true,
    },
  });
  await followTask(client(), taskId, undefined, { progress: () => undefined });
  return taskId;
}

/** Asks until they are written, and no sooner than is said. */
async function download(taskId: string, format: ResultsFormat): Promise<Buffer> {
  for (;;) {
    try {
      const { url, fileName } = await client().downloadResults({ taskId, format });
      expect(fileName).toBe(`Letters-results.${format}`);
      const answer = await fetch(url);
      expect(answer.headers.get('content-disposition')).toContain(fileName);
      return Buffer.from(await answer.arrayBuffer());
    } catch (error) {
      if (!(error instanceof ApiError) || error.retryAfterMs === undefined) throw error;
      expect([error.status, error.code]).toEqual([409, 'INVALID_STATE']);
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs));
    }
  }
}

it('is the workbook of the rows with what became of them, and CSV, and JSON Lines', async () => {
  const taskId = await ended();
  const workbook = new ExcelJS.Workbook();
  const xlsx = await download(taskId, 'xlsx');
  await workbook.xlsx.load(xlsx as unknown as ExcelJS.Buffer);
  expect(workbook.worksheets.map(({ name }) => name)).toEqual(['Notes', 'People']);
  const sheet = workbook.getWorksheet('People');
  const valueOf = (cell: string) => sheet?.getCell(cell).value;
  expect(['B2', 'B3', 'C2', 'D1', 'D2', 'D3', 'D4'].map(valueOf)).toEqual([
    12.5,
    -3,
    new Date('2026-11-27'),
    'status',
    'succeeded',
    'failed',
    'succeeded',
  ]);
  expect(valueOf('G2')).toMatchObject({ result: '1/letter-1.docx' });
  expect(valueOf('E3')).toBe('MISSING_VALUE');

  const rows = parse<Record<string, string>>(await download(taskId, 'csv'), {
    bom: true,
    columns: true,
  });
  expect(rows.map(({ name, status, document }) => [name, status, document])).toEqual([
    ['Ada', 'succeeded', '1/letter-1.docx'],
    ['', 'failed', ''],
    ['Lin', 'succeeded', '3/letter-3.docx'],
  ]);

  const LineSchema = z.object({ row: z.int(), status: z.string() });
  const lines = (await download(taskId, 'jsonl')).toString('utf8').trim().split('\n');
  expect(lines.map((line) => LineSchema.parse(JSON.parse(line)))).toEqual([
    { row: 1, status: 'succeeded' },
    { row: 2, status: 'failed' },
    { row: 3, status: 'succeeded' },
  ]);
});

it('is written anew once the task has changed', async () => {
  const taskId = await ended();
  const before = await download(taskId, 'csv');
  const corrections = [{ row: 2, values: { name: 'Bob' } }];
  await client().retryTask({ taskId, body: { corrections } });
  await followTask(client(), taskId, undefined, { progress: () => undefined });
  const after = await download(taskId, 'csv');
  expect(before.toString('utf8')).not.toContain('Bob');
  expect(after.toString('utf8')).toMatch(/Bob,-3,[^,]*,succeeded,,,2\/letter-2\.docx/);
});

it('comes in no other format', async () => {
  const params = { taskId: 'task_01JDA4V5P0W8QZ6Y3M2T7R9KXC' };
  const answer = await api('downloadResults', { params, query: 'format=pdf' });
  expect(answer.status).toBe(400);
});
