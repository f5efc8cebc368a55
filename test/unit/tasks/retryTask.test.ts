/** What a retry may ask for, and what is said of the rest. */
import { describe, expect, it } from 'vitest';
import { newCreation } from '../../../shared/creation.ts';
import { completeDataSource, createDataSource } from '../../../shared/dataSources/dataSources.ts';
import { ingestSource } from '../../../shared/dataSources/ingestSource.ts';
import { objectKeys, tableKeys } from '../../../shared/keys.ts';
import { MAX_CORRECTIONS, MAX_RETRIES_PER_TASK } from '../../../shared/limits.ts';
import { Problem } from '../../../shared/problems.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { cancelTask } from '../../../shared/tasks/controlTask.ts';
import { getRow } from '../../../shared/tasks/readRow.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { loadTask, OWNER } from '../../support/tasks.ts';

const SECRET = 'sekretvalue';
const PEOPLE: Row[] = Array.from({ length: 9 }, (_, i) => ({
  name: i === 2 ? 'bad \u0001' : `Person ${i}`,
  address: { city: 'Paris', lines: ['a', 'b'] },
}));

/** A task of nine rows that has ended; one of its rows failed. */
async function given(data: Row[] = PEOPLE) {
  const ports = createMemoryPorts();
  const templateId = await givenTemplate(ports, 'Dear {name} of {address.city}');
  const { taskId } = await startedTask(ports, { templateIds: [templateId], data });
  await runTask(ports, taskId);
  return { ports, taskId, templateId };
}

const retry = (ports: MemoryPorts, taskId: string, body: object = {}) =>
  retryTask(ports, OWNER, taskId, RetryTaskSchema.parse(body));

/** The refusal of a call. */
async function refusal(call: Promise<unknown>): Promise<Problem> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Problem)) throw new Error('It was not refused.');
  expect(JSON.stringify([error.message, error.errors])).not.toContain(SECRET);
  return error;
}

async function givenSource(ports: MemoryPorts, csv: string) {
  const source = { name: 'people', fileName: 'people.csv' };
  const creation = newCreation('dataSource', ports);
  const { dataSourceId } = await createDataSource(ports, OWNER, source, creation);
  await ports.objects.put(objectKeys.sourceUpload(dataSourceId), Buffer.from(csv));
  await completeDataSource(ports, OWNER, dataSourceId, {});
  await ingestSource(ports, { dataSourceId, read: 1 });
  return dataSourceId;
}

const values = { name: SECRET };

describe('a retry is refused', () => {
  it.each([
    ['no rows', { rows: 'some' }, '/rows', '"some" is no row'],
    ['an empty place', { rows: '3,,7' }, '/rows', '"" is no row'],
    ['half a span', { rows: '3-' }, '/rows', '"3-" is no row'],
    ['a span that goes backwards', { rows: '9-3' }, '/rows', '9-3 goes backwards'],
    ['row 0', { rows: '0-3' }, '/rows', 'There is no row 0: rows are counted from 1.'],
    ['a row behind the last', { rows: '3,10' }, '/rows', 'There is no row 10: there are 9 rows'],
    ['a number of any length', { rows: '9'.repeat(30) }, '/rows', 'is no row'],
    [
      'a correction of no row',
      { corrections: [{ row: 10, values }] },
      '/corrections/0/row',
      'There is no row 10',
    ],
    [
      'a correction of row 0',
      { corrections: [{ row: 0, values }] },
      '/corrections/0/row',
      'There is no row 0',
    ],
    [
      'two corrections of one row',
      {
        corrections: [
          { row: 3, values },
          { row: 3, values },
        ],
      },
      '/corrections/1/row',
      'Row 3 is corrected twice',
    ],
    [
      'an unknown column',
      { corrections: [{ row: 3, values: { nmae: SECRET } }] },
      '/corrections/0/values',
      'The rows have no column "nmae". Did you mean "name"?',
    ],
    [
      'an unknown field inside of a column',
      { corrections: [{ row: 3, values: { 'address.citi': SECRET } }] },
      '/corrections/0/values',
      'Did you mean "address.city"?',
    ],
    [
      'an entry of a list that no list has',
      { corrections: [{ row: 3, values: { 'address.lines[999999]': SECRET } }] },
      '/corrections/0/values',
      'The rows have no column "address.lines[999999]"',
    ],
    [
      'a correction of nothing',
      { corrections: [{ row: 3, values: {} }] },
      '/corrections/0/values',
      'Row 3 is given no value',
    ],
    [
      'more corrections than one call may have',
      { corrections: Array.from({ length: MAX_CORRECTIONS + 1 }, () => ({ row: 1, values })) },
      '/corrections',
      '10,001 rows are corrected; one call corrects at most 10,000',
    ],
    [
      'more templates than the task has',
      { templateIds: ['tpl_01JDA4V5P0W8QZ6Y3M2T7R9KXC', 'tpl_01JDA4V5P0W8QZ6Y3M2T7R9KXD'] },
      '/templateIds',
      'The task has 1 template, and 2 are named',
    ],
  ])('for %s', async (_what, body, pointer, detail) => {
    const { ports, taskId } = await given();
    const problem = await refusal(retry(ports, taskId, body));
    expect(problem.code).toBe('VALIDATION_ERROR');
    expect(problem.errors[0]?.pointer).toBe(pointer);
    expect(problem.errors[0]?.detail).toContain(detail);
    expect(await loadTask(ports, taskId)).toMatchObject({ run: 1, status: 'partially_completed' });
  });

  it('for data of another number of rows, with both numbers', async () => {
    const { ports, taskId } = await given();
    const dataSourceId = await givenSource(ports, 'name\nAda\nBo\n');
    const problem = await refusal(retry(ports, taskId, { dataSourceId }));
    expect(problem).toMatchObject({ code: 'DATA_INVALID', status: 422 });
    expect(problem.message).toContain('The data source has 2 rows, and the task 9');
  });

  it('for what there is not', async () => {
    const { ports, taskId } = await given();
    const templateIds = ['tpl_01JDA4V5P0W8QZ6Y3M2T7R9KXC'];
    const dataSourceId = 'ds_01JDA4V5P0W8QZ6Y3M2T7R9KXC';
    const code = async (call: Promise<unknown>) => (await refusal(call)).code;
    expect(await code(retry(ports, taskId, { templateIds }))).toBe('TEMPLATE_NOT_FOUND');
    expect(await code(retry(ports, taskId, { dataSourceId }))).toBe('DATA_SOURCE_NOT_FOUND');
    const body = RetryTaskSchema.parse({});
    expect(await code(retryTask(ports, 'another', taskId, body))).toBe('TASK_NOT_FOUND');
  });

  it('when nothing failed and nothing is named, and not when something is', async () => {
    const { ports, taskId } = await given(PEOPLE.slice(0, 2));
    const problem = await refusal(retry(ports, taskId));
    expect(problem).toMatchObject({ code: 'INVALID_STATE', status: 409 });
    expect(problem.message).toContain('rows "1-2" for all of them');
    expect(await retry(ports, taskId, { rows: '2' })).toMatchObject({ status: 'running', run: 2 });
  });

  it('of a task that was cancelled, and while another one goes on', async () => {
    const { ports, taskId, templateId } = await given();
    await retry(ports, taskId, { rows: '1, 2 - 3' });
    expect(await retry(ports, taskId, { rows: '1, 2 - 3' })).toMatchObject({ run: 2 });
    const other = await refusal(retry(ports, taskId, { rows: '1' }));
    expect(other).toMatchObject({ code: 'INVALID_STATE', status: 409 });
    expect(other.message).toContain('The task is running and cannot be retried');
    const { taskId: second } = await startedTask(ports, {
      templateIds: [templateId],
      data: PEOPLE,
    });
    expect((await refusal(retry(ports, second))).code).toBe('INVALID_STATE');
    await cancelTask(ports, OWNER, second);
    await runTask(ports, second);
    expect((await refusal(retry(ports, second))).message).toContain('cancelled');
  });

  it('when the rows are gone', async () => {
    const { ports, taskId } = await given();
    ports.objects.remove(objectKeys.inlineIndex(taskId));
    expect((await refusal(retry(ports, taskId))).message).toContain(
      'retry with their dataSourceId',
    );
  });

  it('when the task was retried as often as a task can be', async () => {
    const { ports, taskId } = await given();
    const retries = Array.from({ length: MAX_RETRIES_PER_TASK }, (_, i) => ({
      run: i + 2,
      id: `${i + 2}-a`,
    }));
    await ports.table.update(tableKeys.task(taskId), { set: { retries } });
    expect(await refusal(retry(ports, taskId))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      status: 429,
    });
  });
});

describe('corrections', () => {
  it('reach into columns, and stay over further retries', async () => {
    const { ports, taskId } = await given();
    await retry(ports, taskId, {
      corrections: [
        { row: 3, values: { name: 'Ada', 'address.city': 'Rome', 'address.lines[2]': 'c' } },
      ],
    });
    await runTask(ports, taskId);
    await retry(ports, taskId, { corrections: [{ row: 3, values: { name: 'Bo' } }] });
    await runTask(ports, taskId);
    const row = await getRow(ports, OWNER, taskId, 3);
    expect(row).toMatchObject({
      isCorrected: true,
      values: { name: 'Bo', address: { city: 'Rome', lines: ['a', 'c'] } },
      documents: [{ status: 'succeeded', name: 'letter-3.docx', failure: null }],
    });
    await retry(ports, taskId, { corrections: [{ row: 3, values: { address: {} } }] });
    expect((await getRow(ports, OWNER, taskId, 3)).values).toEqual({ name: 'Bo', address: {} });
    expect(await getRow(ports, OWNER, taskId, 2)).toMatchObject({
      isCorrected: false,
      values: PEOPLE[1],
    });
  });

  it('of rows that are not named name them', async () => {
    const { ports, taskId } = await given();
    const corrections = [{ row: 9, values: { name: 'bad \u0001' } }];
    await retry(ports, taskId, { rows: '1', corrections });
    await runTask(ports, taskId);
    const task = await loadTask(ports, taskId);
    expect(task.retries).toMatchObject([{ run: 2, rowCount: 2 }]);
  });
});

describe('a row', () => {
  it('tells its values, and why it has no document', async () => {
    const { ports, taskId, templateId } = await given();
    expect(await getRow(ports, OWNER, taskId, 3)).toMatchObject({
      row: 3,
      values: PEOPLE[2],
      documents: [{ templateId, status: 'failed', name: null, failure: { code: 'RENDER_FAILED' } }],
    });
    const { code, message } = await refusal(getRow(ports, OWNER, taskId, 10));
    expect([code, message]).toEqual(['NOT_FOUND', 'There is no row 10: there are 9 rows.']);
    expect((await refusal(getRow(ports, 'another', taskId, 1))).code).toBe('TASK_NOT_FOUND');
  });

  it('is pending before it was tried', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const { taskId } = await startedTask(ports, { templateIds: [templateId], data: PEOPLE });
    expect((await getRow(ports, OWNER, taskId, 1)).documents).toMatchObject([
      { status: 'pending' },
    ]);
  });
});
