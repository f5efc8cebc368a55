/** Tasks that take some of their rows: options.rows and options.filter. */
import { describe, expect, it } from 'vitest';
import { newCreation } from '../../../shared/creation.ts';
import { compileFilter, filterFault } from '../../../shared/selection/filter.ts';
import { CreateTaskSchema, RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { createTask } from '../../../shared/tasks/createTask.ts';
import { listFailures } from '../../../shared/tasks/readReports.ts';
import { getTask } from '../../../shared/tasks/readTasks.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { readArchive } from '../../support/archives.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { archiveBytes, givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';

const people = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `P${i + 1}`,
    city: i % 2 === 0 ? 'Bonn' : 'Ulm',
  }));

async function ended(data: Row[], options: object, ports = createMemoryPorts()) {
  const templateIds = [await givenTemplate(ports, '{name}')];
  const body = { templateIds, data, fileName: '{name}', options };
  const { taskId } = await startedTask(ports, body);
  await runTask(ports, taskId);
  return { ports, taskId, ...(await outcome(ports, taskId)) };
}

async function outcome(ports: MemoryPorts, taskId: string) {
  const task = await getTask(ports, OWNER, taskId);
  const { totalDocuments: total, succeeded, failed, skipped } = task;
  const entries = await readArchive(await archiveBytes(ports, taskId));
  const names = entries.map(({ name }) => name).filter((name) => name.endsWith('.docx'));
  return { status: task.status, counts: { total, succeeded, failed, skipped }, names };
}

describe('options.rows', () => {
  it('takes rows by their numbers and skips the others', async () => {
    const { status, counts, names } = await ended(people(10), { rows: '2-3,9' });
    expect(status).toBe('completed');
    expect(counts).toEqual({ total: 10, succeeded: 3, failed: 0, skipped: 7 });
    expect(names).toEqual(['P2 (2).docx', 'P3 (3).docx', 'P9 (9).docx']);
  });

  it('is refused for rows that are not there', async () => {
    const ports = createMemoryPorts();
    const templateIds = [await givenTemplate(ports, '{name}')];
    const body = { templateIds, data: people(3), options: { rows: '2-5', filter: 'nme == "x"' } };
    const creation = newCreation('task', ports);
    await expect(
      createTask(ports, OWNER, CreateTaskSchema.parse(body), creation),
    ).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      errors: [
        {
          pointer: '/options/rows',
          detail: expect.stringContaining('There is no row 5') as string,
        },
        {
          pointer: '/options/filter',
          detail:
            'The rows have no column "nme", which the filter reads at character 1. Did you mean name?',
        },
      ],
    });
  });
});

describe('options.filter', () => {
  it('takes the rows that it holds for, whatever shard they are in', async () => {
    const { counts, names } = await ended(people(500), {
      filter: 'city == "Bonn" && name.endsWith("1")',
    });
    expect(counts).toEqual({ total: 500, succeeded: 50, failed: 0, skipped: 450 });
    expect(names.slice(0, 2)).toEqual(['P1 (1).docx', 'P11 (11).docx']);
  });

  it('fails the rows that it cannot be decided for; a correction decides', async () => {
    const data: Row[] = [
      { name: 'a', n: '5' },
      { name: 'b', n: 'many' },
      { name: 'c', n: '1' },
    ];
    const { ports, taskId, status, counts } = await ended(data, { filter: 'number(n) > 2' });
    expect(status).toBe('partially_completed');
    expect(counts).toEqual({ total: 3, succeeded: 1, failed: 1, skipped: 1 });
    const { data: failures } = await listFailures(ports, OWNER, taskId, { limit: 10 });
    expect(failures).toMatchObject([{ row: 2, code: 'RENDER_FAILED' }]);
    expect(failures[0]?.detail).toContain('The filter cannot be decided for this row');
    expect(failures[0]?.detail).not.toContain('many');
    const corrections = [
      { row: 2, values: { n: '3' } },
      { row: 3, values: { n: '9' } },
    ];
    await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse({ corrections }));
    await runTask(ports, taskId);
    expect(await outcome(ports, taskId)).toMatchObject({
      status: 'completed',
      counts: { succeeded: 3, failed: 0, skipped: 0 },
    });
  });

  it('skips a blank row before it is asked', async () => {
    const { counts } = await ended([{ name: 'a', n: 1 }, {}], { filter: 'n > 0' });
    expect(counts).toMatchObject({ succeeded: 1, failed: 0, skipped: 1 });
  });

  const columns = { names: ['name', 'n', 'First name', 'items', 'size'], texts: new Set(['name']) };

  it.each([
    ['name == "x"', undefined],
    ['name == "matches(" && row["First name"] != ""', undefined],
    ['items.exists(i, i.price > 3)', undefined],
    ['row.size == 3', undefined],
    ['n', undefined],
    ['nme == "x"', 'no column "nme", which the filter reads at character 1. Did you mean name?'],
    [
      'n > 1 && row["Frst name"] == "x"',
      'no column "Frst name", which the filter reads at character 10. Did you mean row["First name"]?',
    ],
    [
      'name > 18',
      'cannot be read at character 1: no such overload: string > int. Columns of CSV are texts',
    ],
    ['name == ', 'cannot be read at character 9'],
    ['name.matches("(a+)+$")', 'has matches() at character 6'],
    ['name.matches//\n("(a+)+$")', 'has matches() at character 6'],
    ['""" " """ == "x" || name.matches("(a+)+$")', 'has matches() at character 26'],
    ['items.all//\n(i, items.exists//\n(j, j == i))', 'more than one list'],
    ['row["""Frst name"""] == "x"', 'no column "Frst name"'],
    ['name == "x" // nme', undefined],
    ['items.all(i, items.exists(j, j == i))', 'more than one list'],
    ['"x" + name', 'gives string, and not true or false'],
    [Array.from({ length: 300 }, () => 'n == 1').join(' || '), 'cannot be read'],
  ])('is checked against the columns: %s', (text, fault) => {
    if (fault === undefined) expect(filterFault(text, columns)).toBeUndefined();
    else expect(filterFault(text, columns)).toContain(fault);
  });

  it.each<[string, Row, boolean | undefined]>([
    ['city == "Bonn"', { city: 'Bonn' }, true],
    ['city == "Bonn"', { city: null }, false],
    ['city == "Bonn"', {}, false],
    ['row["First name"].startsWith("A")', { 'First name': 'Ann' }, true],
    ['row["First name"] == null', {}, true],
    ['number(n) > 18', { n: '1,234.5' }, true],
    ['number(n) > 18', { n: '1,234' }, undefined],
    ['n > 18', { n: 19 }, true],
    ['n > 18', { n: '19' }, undefined],
    ['date(d) >= "2026-01-01"', { d: '25.11.2026' }, true],
    ['number(typed.n) == 0.125', { n: '13%' }, true],
    ['typed["d"] == "2026-11-25"', { d: '11/25/26' }, true],
    ['member', { member: true }, true],
    ['member', { member: 'yes' }, undefined],
    ['items.exists(i, i.price > 3.0)', { items: [{ price: 1 }, { price: 4 }] }, true],
    ['constructor == null && row["constructor"] == null', {}, true],
  ])('decides: %s of %j', (text, values, expected) => {
    expect(compileFilter(text).decide(values, { n: 0.125, d: '2026-11-25' })).toBe(expected);
  });
});
