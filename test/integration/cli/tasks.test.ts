import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'csv-parse/sync';
import {
  createTask,
  finishTask,
  linesOf,
  startCliWorld,
  type CliWorld,
} from '../../support/cliWorld.ts';

const NO_TASK = 'task_01JDA4V5P0W8QZ6Y3M2T7R9KXC';
const ROWS: Record<string, string>[] = [
  { name: 'Ada', city: 'London' },
  { name: '=2+3' },
  { name: 'Grace', city: 'New York' },
  { name: 'Linus' },
];

let world: CliWorld;
/** Ended, with rows 2 and 4 failed. */
let ended: string;
beforeAll(async () => {
  world = await startCliWorld();
  ended = await createTask(world.client, ROWS);
  await finishTask(world.client, ended);
});
afterAll(() => world.remove());

const statusOf = async (taskId: string) => (await world.client.getTask({ taskId })).status;

describe('sheaf task start, pause, resume, cancel', () => {
  it('controls several tasks, and tells of the one that there is not', async () => {
    const ids = [await createTask(world.client, ROWS), await createTask(world.client, ROWS)];
    const started = await world.sheaf(['task', 'start', ...ids]);
    expect(started).toMatchObject({ code: 0 });
    expect(
      started.out
        .trim()
        .split('\n')
        .map((line) => line.split('  ')[0]),
    ).toEqual(ids);
    expect(started.err).toContain(`sheaf task watch ${ids.join(' ')}`);
    for (const id of ids) {
      await expect.poll(() => statusOf(id), { timeout: 30_000 }).toBe('partially_completed');
    }
    const late = await createTask(world.client, ROWS);
    const cancelled = await world.sheaf(['task', 'cancel', NO_TASK, late, '--json']);
    expect(cancelled.code).toBe(1);
    expect(linesOf(cancelled.out)).toMatchObject([
      { type: 'error', id: NO_TASK, exitCode: 1 },
      { taskId: late, status: 'cancelled' },
    ]);
    expect(cancelled.err).toContain(`${NO_TASK}: There is no`);
  });

  it('refuses what is no id, and what cannot be done, in a sentence', async () => {
    const wrong = await world.sheaf(['task', 'start', 'letters']);
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toContain('It is an id: task_');
    const late = await world.sheaf(['task', 'pause', ended]);
    expect(late).toMatchObject({ code: 1, out: '' });
    expect(late.err).not.toMatch(/\n\s+at /);
  });
});

describe('sheaf task failures', () => {
  it('lists them', async () => {
    const { code, out } = await world.sheaf(['task', 'failures', ended]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^ROW +TEMPLATE +CODE +REASON\n +2 +letter +MISSING_VALUE .*\{city\}.*\n +4 /,
    );
    expect(await world.json('task', 'failures', ended)).toMatchObject([
      { row: 2, code: 'MISSING_VALUE', tag: 'city' },
      { row: 4 },
    ]);
    const some = await world.sheaf(['task', 'failures', ended, '--limit', '1']);
    expect(some.out.trim().split('\n')).toHaveLength(2);
  });

  it('gives them as CSV, of a task that has ended and of one that has not', async () => {
    const { code, out } = await world.sheaf(['task', 'failures', ended, '--format', 'csv']);
    expect(code).toBe(0);
    expect(parse(out, { bom: true, columns: true })).toMatchObject([
      { row: '2', code: 'MISSING_VALUE', tag: 'city' },
      { row: '4' },
    ]);
    const waiting = await createTask(world.client, ROWS);
    const none = await world.sheaf(['task', 'failures', waiting, '--format', 'csv']);
    expect(none).toMatchObject({ code: 0, out: '\ufeffrow,template,code,tag,column,detail\n' });
  });
});

describe('sheaf task documents', () => {
  it('lists them by what became of them', async () => {
    const { out } = await world.sheaf(['task', 'documents', ended]);
    expect(out).toMatch(/1 +letter +succeeded +\d+\.\d kB +Ada-1\.docx\n +2 +letter +failed/);
    const made = await world.json('task', 'documents', ended, '--status', 'succeeded');
    expect(made).toMatchObject([{ row: 1 }, { row: 3 }]);
    const found = await world.json('task', 'documents', ended, '--name', 'ADA');
    expect(found).toMatchObject([{ row: 1, name: 'Ada-1.docx' }]);
    const none = await world.sheaf(['task', 'documents', ended, '--name', 'nobody']);
    expect(none).toMatchObject({ code: 0, out: '' });
    const long = await world.sheaf(['task', 'documents', ended, '--name', 'a'.repeat(181)]);
    expect(long.code).toBe(2);
  });
});

describe('sheaf task log', () => {
  it('tells what happened, once, and follows until the end', async () => {
    const { out } = await world.sheaf(['task', 'log', ended]);
    expect(out).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}\S.*\n/);
    const taskId = await createTask(world.client, ROWS);
    const following = world.sheaf(['task', 'log', taskId, '--follow', '--json']);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await world.client.startTask({ taskId });
    const followed = await following;
    expect(followed.code).toBe(0);
    const entries = linesOf(followed.out) as { type: string; seq: number }[];
    expect(entries.map(({ type }) => type)).toContain('task_completed');
    expect(new Set(entries.map(({ seq }) => seq)).size).toBe(entries.length);
  });
});

describe('sheaf task retry', () => {
  it('makes rows anew with corrections from the command line and from a file', async () => {
    const taskId = await createTask(world.client, ROWS);
    await finishTask(world.client, taskId);
    await world.write('corrected.csv', 'Row;city;name\r\n4;Helsinki;\r\n2;Rome;"A ""B"""\r\n');
    const retried = await world.sheaf([
      ...['task', 'retry', taskId, '--corrections', 'corrected.csv'],
      ...['--set', '2:city=Bonn = Berlin'],
    ]);
    expect(retried).toMatchObject({ code: 0, out: expect.stringContaining(taskId) as string });
    await expect.poll(() => statusOf(taskId), { timeout: 30_000 }).toBe('completed');
    const rows = await Promise.all([2, 4].map((row) => world.client.getRow({ taskId, row })));
    expect(rows.map(({ values }) => values)).toEqual([
      { name: 'A "B"', city: 'Bonn = Berlin' },
      { name: 'Linus', city: 'Helsinki' },
    ]);
  });

  it('makes rows anew from another template and another table', async () => {
    const taskId = await createTask(world.client, ROWS);
    await finishTask(world.client, taskId);
    await world.write('rows.csv', 'name,city\nA,1\nB,2\nC,3\nD,4\n');
    const retried = await world.sheaf([
      'task',
      'retry',
      taskId,
      '--data',
      'rows.csv',
      '--rows',
      '1-4',
    ]);
    expect(retried).toMatchObject({ code: 0 });
    await expect.poll(() => statusOf(taskId), { timeout: 30_000 }).toBe('completed');
  });

  it.each([
    [['--set', 'city=Bonn'], /row:column=value/],
    [['--corrections', 'none.csv'], /none\.csv: there is no such file/],
    [['--corrections', 'rowless.csv'], /no column "row"/],
    [['--corrections', 'rowless.txt'], /ends in \.csv or \.json/],
    [['--template', 'rows.csv'], /--template rows\.csv: this cannot be a template\..*\.docx/],
    [['--data', 'nowhere.csv'], /--data nowhere\.csv: there is no such file/],
    [['--template', 'letter.docx', '--template', 'letter.docx'], /--template/],
    [['--set', '99:city=Bonn'], /row 99/],
    [['--sett', '1:a=b'], /Did you mean --set\?/],
  ])('%j is refused in a sentence', async (args, message) => {
    await world.write('rowless.csv', 'city\nBonn\n');
    await world.write('rowless.txt', 'city\nBonn\n');
    await world.write('rows.csv', 'name,city\nA,1\n');
    const refused = await world.sheaf(['task', 'retry', ended, ...args]);
    expect(refused.code).toBeGreaterThan(0);
    expect(refused.err).toMatch(message);
    expect(refused.err).not.toMatch(/\n\s+at /);
  });
});

describe('sheaf task delete', () => {
  it('does nothing where nobody can be asked, unless it is told to', async () => {
    const ids = [await createTask(world.client, ROWS), await createTask(world.client, ROWS)];
    const asked = await world.sheaf(['task', 'delete', ...ids]);
    expect(asked).toMatchObject({ code: 2, out: '' });
    expect(asked.err).toContain('add --yes');
    expect(await statusOf(String(ids[0]))).toBe('pending');
    const deleted = await world.sheaf(['task', 'delete', ...ids, '--yes']);
    expect(deleted).toMatchObject({ code: 0, out: `${ids[0]}  deleted\n${ids[1]}  deleted\n` });
    const gone = await world.sheaf(['task', 'show', String(ids[0])]);
    expect(gone).toMatchObject({ code: 1 });
  });
});
