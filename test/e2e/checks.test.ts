/** Rows that are checked before anything is made, as somebody with a spreadsheet does it. */
import ExcelJS from 'exceljs';
import { expect, it } from 'vitest';
import { followTask } from '../../client/followTask.ts';
import { client, docx } from './api.ts';

const TABLE = [
  'name;zip;born',
  'Ada;04109;1815-12-10',
  'Bob;50667;3/4/2026',
  'Carl;1067;1990-02-03',
  'Dora;80331;1990-02-03',
  'Eve;10115;1990-02-03',
].join('\n');

const checked = async (checkId: string) => {
  let check = await client().getCheck({ checkId });
  while (check.status === 'checking') {
    await new Promise((resolve) => setTimeout(resolve, 50));
    check = await client().getCheck({ checkId });
  }
  return check;
};

async function order() {
  const text = 'Dear {name}, {zip}, born {born | date:"d MMMM yyyy"}';
  const template = await client().uploadTemplate('letter.docx', docx(text));
  const source = await client().uploadDataSource('people.csv', Buffer.from(TABLE));
  return { templateIds: [template.templateId], dataSourceId: source.dataSourceId };
}

it('tells what is wrong with the rows, and gives a workbook in which it is marked', async () => {
  const { checkId } = await client().createCheck({ body: await order() });
  const { summary, findings } = await checked(checkId);
  expect(summary).toMatchObject({ rows: 5, documents: 5, errors: 1 });
  expect(findings.map(({ code, firstRows }) => [code, ...firstRows])).toEqual([
    ['VALUE_UNREADABLE', 2],
    ['ZEROS_LOST', 3],
  ]);
  const { url } = await client().downloadCheckReport({ checkId });
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(await (await fetch(url)).arrayBuffer());
  expect(workbook.worksheets.map(({ name }) => name)).toEqual(['Rows', 'Check']);
  const [rows] = workbook.worksheets;
  expect(rows?.getCell('C3').text).toBe('3/4/2026');
  expect(JSON.stringify(rows?.getCell('C3').note)).toContain('one way only');
  expect(rows?.getCell('B2').text).toBe('04109');
});

it('makes nothing of rows that have errors where that is asked for, until they are corrected', async () => {
  const body = { ...(await order()), options: { check: 'strict' as const }, autoStart: true };
  const { taskId } = await client().createTask({ body });
  const atEnd = () => followTask(client(), taskId, undefined, { progress: () => undefined });
  expect(await atEnd()).toMatchObject({ status: 'failed', succeeded: 0 });
  const { check, error } = await client().getTask({ taskId });
  expect(check).toMatchObject({ status: 'done', errors: 1, warnings: 1 });
  expect(error?.code).toBe('DATA_INVALID');
  const corrections = [{ row: 2, values: { born: '2026-04-03' } }];
  await client().retryTask({ taskId, body: { corrections } });
  expect(await atEnd()).toMatchObject({ status: 'completed', succeeded: 5 });
});
