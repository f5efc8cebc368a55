/** The table of results: what it tells of the rows of a task, in each format. */
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { objectKeys, tableKeys } from '../../../shared/keys.ts';
import {
  MAX_COLUMNS,
  MAX_SHEET_ROWS,
  REPORT_ATTEMPT_MS,
  RESULTS_RESERVE_MS,
} from '../../../shared/limits.ts';
import { getResults } from '../../../shared/results/getResults.ts';
import { statusOf, type ResultRow } from '../../../shared/results/resultRows.ts';
import { writeResultsWorkbook } from '../../../shared/results/writeWorkbook.ts';
import { columnsNamed } from '../../../shared/checks/report/rowColumns.ts';
import { writeObject } from '../../../shared/checks/report/ownWorkbook/changeUpload.ts';
import { Killed, mortalPorts } from '../../support/mortalPorts.ts';
import { readParts } from '../../support/readParts.ts';
import { runResults } from '../../../shared/results/runResults.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { TrialRunSchema } from '../../../shared/schemas/workflow.ts';
import { cancelTask, pauseTask } from '../../../shared/tasks/controlTask.ts';
import { deleteTask } from '../../../shared/tasks/deleteTask.ts';
import { listDocuments } from '../../../shared/tasks/readReports.ts';
import { failTask } from '../../../shared/tasks/finishTask.ts';
import { getRow } from '../../../shared/tasks/readRow.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { loadShards } from '../../../shared/tasks/taskStore.ts';
import { runTrial } from '../../../shared/trials/runTrial.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import {
  assembleAndFinish,
  givenTemplate,
  slowed,
  plannedShards,
  runTask,
  startedTask,
  UNHURRIED,
} from '../../support/runTask.ts';
import { renderShard } from '../../../shared/shards/renderShard.ts';
import { recordShardFailure } from '../../../shared/shards/recordShardFailure.ts';
import { loadTask, OWNER } from '../../support/tasks.ts';
import { excelJs, ingest, rowsOf } from '../checks/report/support.ts';
import { linesOf, resultsOf } from './support.ts';

const BAD = 'bad \u0001';

const csvOf = (bytes: Buffer) => parse<Record<string, string>>(bytes, { bom: true, columns: true });

/** One world for all: what is kept of corrections is kept by the ids of tasks. */
const ports = createMemoryPorts();

/** A task of rows that came with the request, through to its end. */
async function ended(data: Parameters<typeof startedTask>[1]['data'], options: object = {}) {
  const templateIds = [await givenTemplate(ports, 'Dear {name}')];
  const { taskId } = await startedTask(ports, {
    templateIds,
    data,
    fileName: 'letters/{name}-{row}',
    options,
  });
  await runTask(ports, taskId);
  return taskId;
}

const DATA: Row[] = [
  { name: 'Ada', born: 1815, tags: ['a', 'b'], at: { city: 'London' } },
  { name: BAD, born: -5, tags: null },
  { name: '', born: null },
  { name: '=1+1', born: 0.5, '-x': '-12.50', note: '@x' },
];

describe('results of rows that came with the request', () => {
  it('are told as CSV, with each column of the rows and what became of them', async () => {
    const taskId = await ended(DATA);
    const bytes = await resultsOf(ports, taskId, 'csv');
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from('\ufeff'));
    expect(bytes.toString('utf8').match(/(?<!\r)\n/)).toBeNull();
    expect(csvOf(bytes)).toEqual([
      {
        name: 'Ada',
        born: '1815',
        tags: '["a","b"]',
        at: '{"city":"London"}',
        "'-x": '',
        note: '',
        status: 'succeeded',
        failure: '',
        detail: '',
        document: 'letters/Ada-1.docx',
      },
      expect.objectContaining({
        name: BAD,
        born: '-5',
        status: 'failed',
        failure: 'RENDER_FAILED',
      }),
      expect.objectContaining({ name: '', status: 'skipped', document: '' }),
      expect.objectContaining({ name: "'=1+1", "'-x": '-12.50', note: "'@x", born: '0.5' }),
    ]);
  });

  it('are told as JSON Lines, with values as they are', async () => {
    const taskId = await ended(DATA);
    const lines = linesOf(await resultsOf(ports, taskId, 'jsonl'));
    expect(lines[0]).toEqual({
      row: 1,
      values: DATA[0],
      status: 'succeeded',
      documents: [{ template: 'letter', status: 'succeeded', name: 'letters/Ada-1.docx' }],
    });
    expect(lines[1]).toEqual({
      row: 2,
      values: DATA[1],
      status: 'failed',
      documents: [
        {
          template: 'letter',
          status: 'failed',
          failure: {
            code: 'RENDER_FAILED',
            tag: 'name',
            column: 'name',
            detail: expect.any(String) as string,
          },
        },
      ],
    });
    expect(lines).toHaveLength(4);
  });

  it('are told as a workbook, with numbers as numbers and links to the documents', async () => {
    const taskId = await ended(DATA);
    const bytes = await resultsOf(ports, taskId, 'xlsx');
    const [sheet] = (await excelJs(bytes)).worksheets;
    const cell = (address: string) => sheet?.getCell(address);
    expect(cell('A1')?.text).toBe('name');
    expect([cell('B2')?.value, cell('B3')?.value, cell('B5')?.value]).toEqual([1815, -5, 0.5]);
    expect(cell('A5')?.value).toBe('=1+1');
    expect(cell('C2')?.value).toBe('["a","b"]');
    expect(cell('J2')?.value).toEqual({
      formula: 'HYPERLINK("letters/Ada-1.docx","letters/Ada-1.docx")',
      result: 'letters/Ada-1.docx',
    });
    expect([2, 3, 4, 5].map((row) => cell(`G${row}`)?.text)).toEqual([
      'succeeded',
      'failed',
      'skipped',
      'succeeded',
    ]);
    const again = await rowsOf(bytes);
    expect(again[0]).toMatchObject([{ name: 'Ada', document: 'letters/Ada-1.docx' }, []]);
  });

  it('give columns of their own other names where rows have these', async () => {
    const taskId = await ended([{ name: 'Ada', Status: 'new', document: 'x' }]);
    const [row] = csvOf(await resultsOf(ports, taskId, 'csv'));
    expect(row).toMatchObject({ Status: 'new', document: 'x', 'status (2)': 'succeeded' });
    expect(row?.['document (2)']).toBe('letters/Ada-1.docx');
  });

  it.each(['xlsx', 'csv', 'jsonl'] as const)(
    'have the same bytes whenever they are written, as %s',
    async (format) => {
      const [a, b] = [await ended(DATA), await ended(DATA)];
      const first = await resultsOf(ports, a, format);
      expect(first.equals(await resultsOf(ports, b, format))).toBe(true);
    },
  );
});

describe('what became of a row', () => {
  it('is that it failed, or waits, or was made, or was skipped, the first that a document has', () => {
    const failed = { status: 'failed', failure: { code: 'TIMEOUT', detail: 'x' } } as const;
    const made = { status: 'succeeded', name: 'a' } as const;
    const [skipped, pending] = [{ status: 'skipped' }, { status: 'pending' }] as const;
    expect(statusOf([made, failed, pending])).toBe('failed');
    expect(statusOf([made, pending, skipped])).toBe('pending');
    expect(statusOf([skipped, made])).toBe('succeeded');
    expect(statusOf([skipped, skipped])).toBe('skipped');
  });

  it('is told of each document where a row has several', async () => {
    const templateIds = [await givenTemplate(ports, 'A {a}'), await givenTemplate(ports, 'B {b}')];
    const data = [
      { a: 'x', b: 'y' },
      { a: BAD, b: 'y' },
      { a: BAD, b: BAD },
    ];
    const { taskId } = await startedTask(ports, { templateIds, data });
    await runTask(ports, taskId);
    const rows = csvOf(await resultsOf(ports, taskId, 'csv'));
    expect(rows.map(({ status, letter, 'letter-2': second }) => [status, letter, second])).toEqual([
      ['succeeded', 'letter-1.docx', 'letter-2-1.docx'],
      ['failed', '', 'letter-2-2.docx'],
      ['failed', '', ''],
    ]);
    expect(rows[1]?.detail).toMatch(/^letter: [^\n]+$/);
    expect(rows[2]?.detail).toMatch(/^letter: [^\n]+\nletter-2: [^\n]+$/);
    expect(rows[2]?.failure).toBe('RENDER_FAILED');
  });
});

describe('results of tasks of all kinds', () => {
  it('tell of rows that a filter leaves out', async () => {
    const data = [
      { name: 'Ada', n: 1 },
      { name: 'Lin', n: 2 },
    ];
    const taskId = await ended(data, { filter: 'n > 1' });
    const rows = csvOf(await resultsOf(ports, taskId, 'csv'));
    expect(rows.map(({ name, status }) => [name, status])).toEqual([
      ['Ada', 'skipped'],
      ['Lin', 'succeeded'],
    ]);
  });

  it('have the groups of rows as rows', async () => {
    const data = [
      { name: 'Ada', n: 1 },
      { name: 'Lin', n: 2 },
      { name: 'Ada', n: 3 },
    ];
    const taskId = await ended(data, { groupBy: 'name' });
    const rows = csvOf(await resultsOf(ports, taskId, 'csv'));
    expect(rows.filter(({ status }) => status === 'succeeded')).toMatchObject([
      { name: 'Ada', n: '1', rows: '[{"name":"Ada","n":1},{"name":"Ada","n":3}]' },
      { name: 'Lin', n: '2', rows: '[{"name":"Lin","n":2}]' },
    ]);
  });

  it('have values as they were corrected, and the outcome of the last try', async () => {
    const taskId = await ended([{ name: 'Ada' }, { name: BAD }, { name: BAD }]);
    const before = await resultsOf(ports, taskId, 'csv');
    expect(csvOf(before).map(({ status }) => status)).toEqual(['succeeded', 'failed', 'failed']);
    const corrections = [{ row: 3, values: { name: 'Lin' } }];
    await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse({ corrections }));
    await expect(getResults(ports, OWNER, taskId, 'csv')).rejects.toMatchObject({
      code: 'INVALID_STATE',
      message: expect.stringContaining('running') as string,
    });
    await runTask(ports, taskId);
    const rows = csvOf(await resultsOf(ports, taskId, 'csv'));
    expect(rows.map(({ name, status }) => [name, status])).toEqual([
      ['Ada', 'succeeded'],
      [BAD, 'failed'],
      ['Lin', 'succeeded'],
    ]);
  });

  it.each(['paused', 'failed'] as const)(
    'tell of what a retry made before it was %s, merged or not',
    async (status) => {
      const data = Array.from({ length: 70 }, (_, i) => ({ name: i < 10 ? `P${i}` : BAD }));
      const taskId = await ended(data, { concurrency: 3 });
      const corrections = data.flatMap(({ name }, i) =>
        name === BAD ? [{ row: i + 1, values: { name: `C${i}` } }] : [],
      );
      await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse({ corrections }));
      let begun = 0;
      const run = runTask(ports, taskId, {
        planPorts: slowed(ports, 30),
        work: async (shard) => {
          const isSecond = begun++ === 1;
          if (isSecond && status === 'failed') throw new Error('broken');
          if (isSecond) await pauseTask(ports, OWNER, taskId);
          await renderShard(ports, shard, UNHURRIED);
        },
      });
      if (status === 'paused') await run;
      else {
        await expect(run).rejects.toThrow('broken');
        const error = { Error: 'States.Runtime', Cause: '' };
        await failTask(ports, { taskId, run: 2, error });
      }
      const task = await loadTask(ports, taskId);
      expect([task.status, task.mergedRun]).toEqual([status, status === 'paused' ? 2 : 1]);
      const rows = csvOf(await resultsOf(ports, taskId, 'csv'));
      expect(rows.map((row) => row.status).filter((s) => s === 'succeeded').length).toBe(
        task.succeeded,
      );
      expect(task.succeeded).toBeGreaterThan(10);
      expect(task.succeeded).toBeLessThan(70);
      for (const [i, row] of rows.entries()) {
        const { documents } = await getRow(ports, OWNER, taskId, i + 1);
        const told = documents[0]?.status;
        expect([i, row.status]).toEqual([i, told]);
      }
    },
  );

  it('tell of rows that nobody tried, and of rows that were given up', async () => {
    const templateIds = [await givenTemplate(ports, 'Dear {name}')];
    const data = Array.from({ length: 360 }, (_, i) => ({ name: `P${i}` }));
    const { taskId } = await startedTask(ports, { templateIds, data, options: { concurrency: 3 } });
    const [first, second, ...rest] = await plannedShards(ports, taskId);
    if (!first || !second || rest.length === 0) throw new Error('There are too few shards.');
    await renderShard(ports, first, UNHURRIED);
    const error = { Error: 'States.Timeout', Cause: '' };
    await recordShardFailure(ports, { shard: second, error });
    await cancelTask(ports, OWNER, taskId);
    await assembleAndFinish(ports, taskId);
    expect((await loadTask(ports, taskId)).status).toBe('cancelled');
    const rows = csvOf(await resultsOf(ports, taskId, 'csv'));
    const expected = data.map((_, i) =>
      i < first.rowCount
        ? 'succeeded'
        : i < first.rowCount + second.rowCount
          ? 'failed'
          : 'pending',
    );
    expect(rows.map(({ status }) => status)).toEqual(expected);
    expect(rows[first.rowCount]).toMatchObject({ failure: 'SHARD_FAILED' });
    const { data: listed } = await listDocuments(ports, OWNER, taskId, { limit: 360 });
    expect(listed.map(({ status }) => status)).toEqual(expected.filter((s) => s !== 'pending'));
  });
});

it('results of a row of which one document was tried when its shard was given up tell of both', async () => {
  const templateIds = [await givenTemplate(ports, 'A {name}'), await givenTemplate(ports, 'B')];
  const data = Array.from({ length: 40 }, () => ({ name: BAD }));
  let hasHalf = false;
  for (let budgetMs = 40; budgetMs < 140 && !hasHalf; budgetMs += 3) {
    const { taskId } = await startedTask(ports, { templateIds, data });
    const [shard] = await plannedShards(ports, taskId);
    if (!shard) throw new Error('There is no shard.');
    await renderShard(slowed(ports, 1), { ...shard, budgetMs }, UNHURRIED);
    const [begun] = await loadShards(ports, taskId);
    if (!begun) continue;
    const { reached } = begun;
    hasHalf = reached.parts === 1 && reached.rows > 0;
    if (!hasHalf) continue;
    // As it is when the worker broke behind what it had published.
    const error = { code: 'SHARD_FAILED', message: 'Its time ran out.' };
    await ports.table.update(tableKeys.shard(taskId, 1), { set: { status: 'failed', error } });
    await cancelTask(ports, OWNER, taskId);
    await assembleAndFinish(ports, taskId);
    const rows = csvOf(await resultsOf(ports, taskId, 'csv'));
    const failures = [-1, 0, 1].map((i) => rows[reached.rows + i]?.failure);
    expect(failures).toEqual(['RENDER_FAILED', 'RENDER_FAILED, SHARD_FAILED', 'SHARD_FAILED']);
  }
  expect(hasHalf).toBe(true);
});

describe('results that are not there', () => {
  it('are refused before a task has begun, and of one that never came to its rows', async () => {
    const taskId = await ended([{ name: 'Ada' }]);
    const templateIds = (await loadTask(ports, taskId)).templates.map((t) => t.templateId);
    const body = { templateIds, data: [{ name: 'A' }], options: { groupBy: 'name' } };
    const { taskId: another } = await startedTask(ports, body);
    const ask = () => getResults(ports, OWNER, another, 'csv');
    await expect(ask()).rejects.toMatchObject({ code: 'INVALID_STATE' });
    await cancelTask(ports, OWNER, another);
    await runTask(ports, another, { work: () => Promise.resolve() });
    await expect(getResults(ports, 'other', taskId, 'csv')).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
    });
  });

  it('say that files are gone, that there was no time, or that it is tried again', async () => {
    const taskId = await ended([{ name: 'Ada' }]);
    const ask = () => getResults(ports, OWNER, taskId, 'csv');
    await expect(ask()).rejects.toMatchObject({ retryAfterSeconds: 1 });
    const run = TrialRunSchema.parse(ports.workflow.starts.at(-1)?.input);
    await runTrial(ports, run, { remainingMs: () => RESULTS_RESERVE_MS - 1 });
    await expect(ask()).rejects.toMatchObject({
      code: 'INVALID_STATE',
      message: expect.stringMatching(/in the time that there is.*page by page/s) as string,
      retryAfterSeconds: expect.any(Number) as number,
    });
    // What stood still may not do so again.
    ports.clock.advance(REPORT_ATTEMPT_MS);
    await expect(ask()).rejects.toMatchObject({ retryAfterSeconds: 1 });

    await runTrial(ports, { ...run, error: { Error: 'States.Timeout', Cause: '' } });
    await expect(ask()).rejects.toMatchObject({ code: 'INTERNAL' });
    ports.clock.advance(REPORT_ATTEMPT_MS);
    await expect(ask()).rejects.toMatchObject({ retryAfterSeconds: 1 });

    for (const key of ports.objects.keys())
      if (key.includes(taskId) && key.includes('rows.jsonl')) ports.objects.remove(key);
    await runTrial(ports, run);
    await expect(ask()).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
    const other = getResults(ports, OWNER, taskId, 'jsonl');
    await expect(other).rejects.toMatchObject({ retryAfterSeconds: 1 });
  });

  it('are not written of a task that changed meanwhile, and go with it', async () => {
    const taskId = await ended([{ name: 'Ada' }, { name: BAD }]);
    const { revision = 0 } = await loadTask(ports, taskId);
    const key = objectKeys.results(taskId, revision, 'csv');
    const retry = () => retryTask(ports, OWNER, taskId, RetryTaskSchema.parse({}));
    const objects = {
      ...ports.objects,
      stream: (...of: Parameters<typeof ports.objects.stream>) => {
        const pieces = ports.objects.stream(...of);
        return (async function* () {
          await retry();
          yield* pieces;
        })();
      },
    };
    const wanted = { taskId, format: 'csv', revision } as const;
    await runResults({ ...ports, objects }, wanted, UNHURRIED);
    expect(await ports.objects.head(key)).toBeUndefined();
    expect(await ports.table.get(tableKeys.resultsFailure(taskId, 'csv'))).toBeUndefined();
    await runResults(ports, wanted, UNHURRIED);
    expect(await ports.objects.head(key)).toBeUndefined();
    await runTask(ports, taskId);
    await resultsOf(ports, taskId, 'csv');
    await deleteTask(ports, OWNER, taskId);
    expect(ports.objects.keys().filter((each) => each.includes(taskId))).toEqual([]);
  });
});

describe('whoever writes results', () => {
  it.each(['xlsx', 'csv', 'jsonl'] as const)(
    'may be killed at any moment, or not be alone, with %s',
    async (format) => {
      const taskId = await ended(DATA);
      const { revision = 0 } = await loadTask(ports, taskId);
      const key = objectKeys.results(taskId, revision, format);
      const wanted = { taskId, format, revision };
      let whole: Uint8Array | undefined;
      for (let at = 1; ; at++) {
        for (const when of ['before', 'behind'] as const) {
          const mortal = mortalPorts(ports, at, when);
          await runResults(mortal.ports, wanted, UNHURRIED).catch((error: unknown) => {
            if (!(error instanceof Killed)) throw error;
          });
          const left = (await ports.objects.head(key)) && (await ports.objects.read(key));
          await Promise.all([1, 2].map(() => runResults(ports, wanted, UNHURRIED)));
          const bytes = await ports.objects.read(key);
          whole ??= bytes;
          for (const each of [left ?? bytes, bytes])
            expect(Buffer.from(each).equals(whole)).toBe(true);
          ports.objects.remove(key);
          if (!mortal.isDead()) {
            expect(at).toBeGreaterThan(5);
            return;
          }
        }
      }
    },
  );
});

it('results of a CSV are a workbook of their own, with texts as texts', async () => {
  const csv = 'name,zip,at.city\nAda,04109,London\n';
  const { dataSourceId } = await ingest(ports, csv, 'people.csv', {}, OWNER);
  const templateIds = [await givenTemplate(ports, 'Dear {name}')];
  const { taskId } = await startedTask(ports, { templateIds, dataSourceId });
  await runTask(ports, taskId);
  const workbook = await excelJs(await resultsOf(ports, taskId, 'xlsx'));
  expect(workbook.worksheets.map(({ name }) => name)).toEqual(['Results']);
  const [sheet] = workbook.worksheets;
  expect(sheet?.getCell('C1').text).toBe('at.city');
  expect([sheet?.getCell('B2').value, sheet?.getCell('C2').value]).toEqual(['04109', 'London']);
});

it('results of more rows than a sheet has go on in another', { timeout: 60_000 }, async () => {
  const row: ResultRow = {
    row: 1,
    values: {},
    typed: () => undefined,
    correction: undefined,
    answers: [],
    status: 'succeeded',
    documents: [],
  };
  const batch = new Array<ResultRow>(MAX_SHEET_ROWS / 16).fill(row);
  async function* rows() {
    for (let i = 0; i < 16; i++) yield batch;
    await Promise.resolve();
  }
  const store = createMemoryPorts();
  const names = { names: ['n'], valuesOf: () => [1] };
  await writeObject(store, 'key', (object) =>
    writeResultsWorkbook(object, rows(), columnsNamed([]), names, undefined),
  );
  const parts = await readParts(Buffer.from(await store.objects.read('key')));
  const last = (sheet: number) =>
    parts
      .get(`xl/worksheets/sheet${sheet}.xml`)
      ?.toString('latin1')
      .match(/.*<row r="(\d+)"/s)?.[1];
  // Each begins with the names of the columns.
  expect([last(1), last(2), last(3)]).toEqual([String(MAX_SHEET_ROWS), '2', undefined]);
  await expect(
    writeObject(store, 'key', (object) =>
      writeResultsWorkbook(
        object,
        rows(),
        columnsNamed(Array.from({ length: MAX_COLUMNS }, (_, i) => `c${i}`)),
        names,
        undefined,
      ),
    ),
  ).rejects.toThrow(/16384 columns/);
});
