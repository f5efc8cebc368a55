import { describe, expect, it } from 'vitest';
import { newCreation } from '../../../shared/creation.ts';
import {
  completeDataSource,
  createDataSource,
  getDataSource,
  previewRows,
} from '../../../shared/dataSources/dataSources.ts';
import { ingestSource } from '../../../shared/dataSources/ingestSource.ts';
import { objectKeys } from '../../../shared/keys.ts';
import { PageQuerySchema } from '../../../shared/schemas/common.ts';
import { RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { getTask } from '../../../shared/tasks/readTasks.ts';
import { listFailures } from '../../../shared/tasks/readReports.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';
import { craftWorkbook } from '../../support/workbooks.ts';

const text = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`;
const ERROR = '<c t="e"><v>#N/A</v></c>';
const SHEET = [
  [text('name'), text('amount'), text('helper'), text('address.city')],
  [text('Ada'), '<c><v>12.5</v></c>', ERROR, text('London')],
  [text('Bob'), ERROR, text('x'), text('Paris')],
  [text('Eve'), '<c><v>3</v></c>', text('x'), '<c><f>A1</f></c>'],
  [ERROR, ERROR, text(''), text('')],
]
  .map((cells) => `<row>${cells.join('')}</row>`)
  .join('');

async function givenSource(ports: MemoryPorts, data: string, behind = '') {
  const creation = newCreation('dataSource', ports);
  const body = { name: 'People', fileName: 'people.xlsx' };
  const { dataSourceId } = await createDataSource(ports, OWNER, body, creation);
  await ports.objects.put(
    objectKeys.sourceUpload(dataSourceId),
    craftWorkbook({ sheets: [{ data, behind }] }),
  );
  await completeDataSource(ports, OWNER, dataSourceId, {});
  await ingestSource(ports, { dataSourceId, read: 1 });
  return dataSourceId;
}

describe('a cell that cannot be read', () => {
  it('leaves its source ready, with a warning, and is told with its row', async () => {
    const ports = createMemoryPorts();
    const id = await givenSource(ports, SHEET);
    expect(await getDataSource(ports, OWNER, id)).toMatchObject({
      status: 'ready',
      rowCount: 4,
      warnings: [expect.stringContaining('4 rows have cells') as string],
    });
    const rows = await previewRows(ports, OWNER, id, { limit: 10 });
    expect(rows[0]).toEqual({
      row: 1,
      values: { name: 'Ada', amount: '12.5', helper: null, address: { city: 'London' } },
      typed: { amount: 12.5 },
      problems: [
        {
          column: 'helper',
          cell: 'C2',
          code: 'CELL_ERROR',
          detail: 'Cell C2 shows #N/A. Correct its formula, or the cells that it reads.',
        },
      ],
    });
    expect(rows[1]).not.toHaveProperty('typed');
    expect(rows[2]?.problems).toMatchObject([
      { column: 'address.city', cell: 'D4', code: 'FORMULA_UNCALCULATED' },
    ]);
  });

  it('fails the documents that read it, no others, until it is corrected', async () => {
    const ports = createMemoryPorts();
    const templateIds = [
      await givenTemplate(ports, 'Dear {name}: {amount}'),
      await givenTemplate(ports, '{name} of {#address}{city}{/address}'),
    ];
    const dataSourceId = await givenSource(ports, SHEET);
    const { taskId } = await startedTask(ports, { templateIds, dataSourceId });
    await runTask(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({ succeeded: 4, failed: 4 });
    const { data } = await listFailures(ports, OWNER, taskId, PageQuerySchema.parse({}));
    expect(data).toMatchObject([
      { row: 2, code: 'RENDER_FAILED', column: 'amount' },
      { row: 3, code: 'RENDER_FAILED', column: 'address.city' },
      { row: 4, code: 'RENDER_FAILED', column: 'name' },
      { row: 4, code: 'RENDER_FAILED', column: 'name' },
    ]);
    const corrections = [
      { row: 2, values: { amount: '7' } },
      { row: 3, values: { 'address.city': 'Rome' } },
      { row: 4, values: { name: 'Joe' } },
    ];
    await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse({ corrections }));
    await runTask(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({ succeeded: 7, failed: 1 });
    const left = await listFailures(ports, OWNER, taskId, PageQuerySchema.parse({}));
    expect(left.data).toMatchObject([{ row: 4, code: 'RENDER_FAILED', column: 'amount' }]);
  });

  it('fails the documents whose name it is part of', async () => {
    const ports = createMemoryPorts();
    const dataSourceId = await givenSource(ports, SHEET);
    const { taskId } = await startedTask(ports, {
      templateIds: [await givenTemplate(ports, 'Dear {name}')],
      dataSourceId,
      fileName: '{helper}-{row}',
    });
    await runTask(ports, taskId);
    const { data } = await listFailures(ports, OWNER, taskId, PageQuerySchema.parse({}));
    expect(data).toMatchObject([
      { row: 1, column: 'helper' },
      { row: 4, column: 'name' },
    ]);
  });

  it('is that of every row of its merged area', async () => {
    const ports = createMemoryPorts();
    const data = [
      [text('a'), text('b')],
      [ERROR, text('x')],
      ['', text('y').replace('<c', '<c r="B3"')],
    ]
      .map((cells) => `<row>${cells.join('')}</row>`)
      .join('');
    const id = await givenSource(ports, data, '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>');
    const rows = await previewRows(ports, OWNER, id, { limit: 10 });
    expect(rows.map(({ values, problems }) => [values, problems?.map(({ cell }) => cell)])).toEqual(
      [
        [{ a: null, b: 'x' }, ['A2']],
        [{ a: null, b: 'y' }, ['A3']],
      ],
    );
  });
});
