/** Tasks that make one document of all rows which share a value: options.groupBy. */
import fc from 'fast-check';
import mammoth from 'mammoth';
import { describe, expect, it } from 'vitest';
import { newCreation } from '../../../shared/creation.ts';
import { writeRows } from '../../../shared/dataSources/rows.ts';
import { createRowsWriter } from '../../../shared/dataSources/rowsWriter.ts';
import { CreateTaskSchema, RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { prepareGroups } from '../../../shared/shards/groupRows.ts';
import { createTask } from '../../../shared/tasks/createTask.ts';
import { getRow } from '../../../shared/tasks/readRow.ts';
import { getTask } from '../../../shared/tasks/readTasks.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { readArchive } from '../../support/archives.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { archiveBytes, givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { loadTask, OWNER } from '../../support/tasks.ts';

const TEXT = '{customer}: {#rows}{item}={price | number:"0.00"};{/rows} {rows | sum:"price"}';
const ORDERS: Row[] = [
  { customer: 'A', item: 'pen', price: '1.5' },
  { customer: 'B', item: 'ink', price: '2' },
  { customer: 'A', item: 'cap', price: '3' },
  {},
  { customer: '', item: 'lone', price: '4' },
  { customer: 'B', item: 'nib', price: '5' },
  { customer: null, item: 'solo', price: '6' },
];

async function given(data: Row[], options: object = {}, ports = createMemoryPorts()) {
  const templateIds = [await givenTemplate(ports, TEXT)];
  const all = { groupBy: 'customer', ...options };
  const body = { templateIds, data, fileName: 'x-{row}', options: all };
  const task = await startedTask(ports, body);
  return { ports, taskId: task.taskId, task };
}

async function documents(ports: MemoryPorts, taskId: string): Promise<Record<string, string>> {
  const entries = await readArchive(await archiveBytes(ports, taskId));
  const found: Record<string, string> = {};
  for (const { name, bytes } of entries) {
    if (!name.endsWith('.docx')) continue;
    found[name] = (await mammoth.extractRawText({ buffer: bytes })).value.trim();
  }
  return found;
}

describe('options.groupBy', () => {
  it('makes one document of the rows that share a value, with all of them as rows', async () => {
    const { ports, taskId, task } = await given(ORDERS);
    expect(task.warnings).toEqual([]);
    await runTask(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({
      status: 'completed',
      totalDocuments: 7,
      succeeded: 4,
      failed: 0,
      skipped: 3,
      pending: 0,
    });
    expect(await documents(ports, taskId)).toEqual({
      'x-1.docx': 'A: pen=1.50;cap=3.00; 4.5',
      'x-2.docx': 'B: ink=2.00;nib=5.00; 7',
      'x-5.docx': ': lone=4.00; 4',
      'x-7.docx': ': solo=6.00; 6',
    });
    const row = await getRow(ports, OWNER, taskId, 1);
    expect(row.values).toMatchObject({ customer: 'A', rows: [{ item: 'pen' }, { item: 'cap' }] });
  });

  it('groups the rows that rows and filter take', async () => {
    const { ports, taskId } = await given(ORDERS, { rows: '2-7', filter: 'number(price) > 2' });
    await runTask(ports, taskId);
    expect(await documents(ports, taskId)).toEqual({
      'x-3.docx': 'A: cap=3.00; 3',
      'x-5.docx': ': lone=4.00; 4',
      'x-6.docx': 'B: nib=5.00; 5',
      'x-7.docx': ': solo=6.00; 6',
    });
  });

  it('fails a group by its first row, which a correction makes anew; undecided rows stand by themselves', async () => {
    const orders: Row[] = [
      { customer: 'A', item: 'pen', price: 'free' },
      { customer: 'A', item: 'cap', price: '3' },
      { customer: 'A', item: 'nib', price: 'n/a' },
    ];
    const first = await given(orders);
    await runTask(first.ports, first.taskId);
    const { documents: told } = await getRow(first.ports, OWNER, first.taskId, 1);
    expect(told[0]?.failure).toMatchObject({ code: 'RENDER_FAILED', column: 'rows[1].price' });
    const corrections = [{ row: 1, values: { 'rows[1].price': '0', 'rows[3].price': '1' } }];
    await retryTask(first.ports, OWNER, first.taskId, RetryTaskSchema.parse({ corrections }));
    await runTask(first.ports, first.taskId);
    expect(await documents(first.ports, first.taskId)).toEqual({
      'x-1.docx': 'A: pen=0.00;cap=3.00;nib=1.00; 4',
    });

    const second = await given(orders, { filter: 'number(price) > 0' });
    await runTask(second.ports, second.taskId);
    expect(await getTask(second.ports, OWNER, second.taskId)).toMatchObject({
      succeeded: 1,
      failed: 2,
      skipped: 0,
    });
  });

  it('fails rows that the filter cannot decide, though a document of them could be made', async () => {
    const orders: Row[] = [
      { customer: 'A', item: 'pen', price: '1', stock: '5' },
      { customer: 'A', item: 'cap', price: '3', stock: 'n/a' },
    ];
    const { ports, taskId } = await given(orders, { filter: 'number(stock) > 0' });
    await runTask(ports, taskId);
    expect(await documents(ports, taskId)).toEqual({ 'x-1.docx': 'A: pen=1.00; 1' });
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({ succeeded: 1, failed: 1 });
  });

  it('refuses corrections of rows within a group, and other data', async () => {
    const { ports, taskId } = await given(ORDERS);
    await runTask(ports, taskId);
    const retry = (body: object) => retryTask(ports, OWNER, taskId, RetryTaskSchema.parse(body));
    await expect(
      retry({ corrections: [{ row: 3, values: { price: '1' } }] }),
    ).rejects.toMatchObject({
      errors: [
        {
          pointer: '/corrections/0/row',
          detail: expect.stringContaining('begins no group') as string,
        },
      ],
    });
    const dataSourceId = `ds_${'0'.repeat(26)}`;
    await expect(retry({ rows: '1', dataSourceId })).rejects.toMatchObject({
      errors: [{ pointer: '/dataSourceId' }],
    });
  });

  it('is refused for a column that is not there, or beside one that is called rows', async () => {
    const ports = createMemoryPorts();
    const templateIds = [await givenTemplate(ports, '{a}')];
    const create = (data: Row[], groupBy: string) =>
      createTask(
        ports,
        OWNER,
        CreateTaskSchema.parse({ templateIds, data, options: { groupBy } }),
        newCreation('task', ports),
      );
    await expect(create([{ customer: 1 }], 'custmer')).rejects.toMatchObject({
      errors: [
        {
          pointer: '/options/groupBy',
          detail: 'The rows have no column "custmer" to group by. Did you mean "customer"?',
        },
      ],
    });
    await expect(create([{ a: 1, rows: 2 }], 'a')).rejects.toThrow(/Rename it/);
  });

  it('tells of a group that is larger than a row may be', async () => {
    const text = 'x'.repeat(1_500_000);
    const orders = [1, 2, 3].map((n): Row => ({ customer: 'A', item: text, price: n }));
    const ports = createMemoryPorts();
    const keys = { rowsKey: 'r', indexKey: 'i' };
    await writeRows(ports, keys, orders);
    const { taskId } = await given(ORDERS, {}, ports);
    const task = await loadTask(ports, taskId);
    await prepareGroups(ports, { ...task, rowsKey: 'gr', indexKey: 'gi', ungrouped: keys });
    const [first] = Buffer.from(await ports.objects.read('gr'))
      .toString()
      .split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ customer: 'A', rows: null });
  });

  it('gathers what belongs together wherever it lies, however much at once', async () => {
    const value = fc.constantFrom('A', 'B', 'C', ' A ', '', null, 1);
    const lines = fc.array(fc.tuple(value, fc.nat(99), fc.boolean()), {
      minLength: 1,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(lines, fc.constantFrom(1, 60, 200, 1e6), async (all, atOnce) => {
        const ports = createMemoryPorts();
        const keys = { rowsKey: 'r', indexKey: 'i' };
        const writer = createRowsWriter(ports, keys);
        for (const [k, n, isTyped] of all) {
          writer.writeLine(`${JSON.stringify({ k, n: `${n}` })}${isTyped ? `\t{"n":${n}}` : ''}`);
        }
        await writer.finish();
        const { taskId } = await given([{ k: 1 }], { groupBy: 'k' }, ports);
        const task = { ...(await loadTask(ports, taskId)), rowCount: all.length };
        const grouped = { ...task, rowsKey: 'gr', indexKey: 'gi', ungrouped: keys };
        await prepareGroups(ports, grouped, atOnce);

        const expected = all.map(([k], i) => {
          const key = typeof k === 'string' ? k.trim() : k === null ? '' : String(k);
          const its = all.flatMap(([other, n, isTyped], j) => {
            const text =
              typeof other === 'string' ? other.trim() : other === null ? '' : String(other);
            return (key === '' ? i === j : text === key) ? [{ other, n, isTyped, j }] : [];
          });
          if (its[0]?.j !== i) return '{}';
          const rows = its.map(({ other, n }) => ({ k: other, n: `${n}` }));
          const line = JSON.stringify({ ...rows[0], rows });
          if (!its.some(({ isTyped }) => isTyped)) return line;
          const typed = its.map(({ n, isTyped }) => (isTyped ? { n } : null));
          return `${line}\t${JSON.stringify({ ...typed[0], rows: typed })}`;
        });
        const written = Buffer.from(await ports.objects.read('gr')).toString();
        expect(written).toBe(expected.map((line) => `${line}\n`).join(''));
      }),
      { numRuns: 60, seed: 4 },
    );
  });
});
