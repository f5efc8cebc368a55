/** Retries of tasks: the newest of every document, whatever happened on the way. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import PizZip from 'pizzip';
import * as z from 'zod';
import { runResults } from '../../shared/results/runResults.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { completeDataSource, createDataSource } from '../../shared/dataSources/dataSources.ts';
import { ingestSource } from '../../shared/dataSources/ingestSource.ts';
import { newCreation } from '../../shared/creation.ts';
import { objectKeys } from '../../shared/keys.ts';
import { LEASE_MS } from '../../shared/limits.ts';
import type { Row } from '../../shared/schemas/common.ts';
import { RetryTaskSchema } from '../../shared/schemas/taskApi.ts';
import type { ShardRef } from '../../shared/schemas/workflow.ts';
import { recordShardFailure } from '../../shared/shards/recordShardFailure.ts';
import { renderShard } from '../../shared/shards/renderShard.ts';
import { failTask } from '../../shared/tasks/finishTask.ts';
import { readLog } from '../../shared/events/eventLog.ts';
import { getDocument, getFailuresCsv } from '../../shared/tasks/downloads.ts';
import { listDocuments, listFailures } from '../../shared/tasks/readReports.ts';
import { getRow } from '../../shared/tasks/readRow.ts';
import { getTask } from '../../shared/tasks/readTasks.ts';
import { cancelTask, pauseTask, resumeTask } from '../../shared/tasks/controlTask.ts';
import { retryTask } from '../../shared/tasks/retryTask.ts';
import { readArchive } from '../support/archives.ts';
import { createMemoryPorts } from '../support/memoryPorts.ts';
import { Killed, mortalPorts } from '../support/mortalPorts.ts';
import {
  archiveBytes,
  givenTemplate,
  runTask,
  slowed,
  startedTask,
  UNHURRIED,
} from '../support/runTask.ts';
import { loadTask, OWNER } from '../support/tasks.ts';

const ports = createMemoryPorts();

/** A data source that is ready. */
async function givenDataSource(csv: string): Promise<string> {
  const source = { name: 'people', fileName: 'people.csv' };
  const { dataSourceId } = await createDataSource(
    ports,
    OWNER,
    source,
    newCreation('dataSource', ports),
  );
  await ports.objects.put(objectKeys.sourceUpload(dataSourceId), Buffer.from(csv));
  await completeDataSource(ports, OWNER, dataSourceId, {});
  await ingestSource(ports, { dataSourceId, read: 1 });
  return dataSourceId;
}

/** They read a column each, and one both, and write it so that a test can read it. */
const templateIds: string[] = [];
beforeAll(async () => {
  templateIds.push(await givenTemplate(ports, 'A<{a}> <{both}>'));
  templateIds.push(await givenTemplate(ports, 'B<{b}> <{both}>'));
});

/** No document can be made of it. */
const BAD = 'bad \u0001';

const COLUMNS = ['a', 'b'] as const;
const LABELS = ['letter', 'letter-2'];

const started = (data: Row[], templates: number, options: object = {}) =>
  startedTask(ports, {
    templateIds: templateIds.slice(0, templates),
    data,
    fileName: '{row}_{template}',
    options: { concurrency: 3, ...options },
  });

const retried = (taskId: string, body: object = {}) =>
  retryTask(ports, OWNER, taskId, RetryTaskSchema.parse(body));

const ResultSchema = z.object({
  row: z.int(),
  values: z.record(z.string(), z.unknown()),
  documents: z.array(z.object({ template: z.string(), status: z.string() })),
});

/** What the table of results tells. */
async function resultsOf(taskId: string) {
  const { revision = 0 } = await loadTask(ports, taskId);
  await runResults(ports, { taskId, format: 'jsonl', revision }, UNHURRIED);
  const key = objectKeys.results(taskId, revision, 'jsonl');
  const lines = Buffer.from(await ports.objects.read(key))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => ResultSchema.parse(JSON.parse(line)));
}

/** What is told of documents: page by page. */
async function everyPage<T>(
  list: (query: {
    limit: number;
    cursor?: string;
  }) => Promise<{ data: T[]; nextCursor: string | null }>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const page: { data: T[]; nextCursor: string | null } = await list({
      limit: 7,
      ...(cursor !== null && { cursor }),
    });
    all.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}

/** The text that a document was filled with. */
function filledWith(document: Uint8Array): string {
  const xml = new PizZip(document).file('word/document.xml')?.asText() ?? '';
  return /[AB]&lt;(.*?)&gt;/.exec(xml)?.[1] ?? '';
}

/** Everything that a task tells at its end, read independently of how it was made. */
async function told(taskId: string) {
  const entries = await readArchive(await archiveBytes(ports, taskId));
  const report = (name: string) => {
    const entry = entries.find((each) => each.name === name);
    return entry ? parse<Record<string, string>>(entry.bytes, { bom: true, columns: true }) : [];
  };
  const documents = entries.filter(({ name }) => name.endsWith('.docx'));
  const { status, succeeded, failed, skipped, pending } = await getTask(ports, OWNER, taskId);
  const results = await resultsOf(taskId);
  const csv = await ports.objects
    .head((await getFailuresCsv(ports, OWNER, taskId), objectKeys.failures(taskId)))
    .then(async () => Buffer.from(await ports.objects.read(objectKeys.failures(taskId))));
  return {
    counts: { succeeded, failed, skipped, pending },
    status,
    documents: documents.map(({ name, bytes }) => ({ name, text: filledWith(bytes) })),
    manifest: report('_manifest.csv').map(({ row, template, status: s }) => ({ row, template, s })),
    failures: report('_failures.csv').map(({ row, template }) => ({ row, template })),
    failuresCsv: parse<Record<string, string>>(csv, { bom: true, columns: true }).map(
      ({ row, template }) => ({ row, template }),
    ),
    listed: (await everyPage((query) => listDocuments(ports, OWNER, taskId, query))).map(
      ({ row, template, status: s }) => ({ row: String(row), template, s }),
    ),
    results: results.flatMap(({ row, documents: its }) =>
      its.map(({ template, status: s }) => ({ row: String(row), template, s })),
    ),
    values: results.map(({ values }) => values),
    listedFailures: (await everyPage((query) => listFailures(ports, OWNER, taskId, query))).map(
      ({ row, template }) => ({ row: String(row), template }),
    ),
  };
}

/** A task as it ought to be: its rows, and of each document what became of it and what it says. */
interface Model {
  readonly rows: Row[];
  readonly documents: { status: 'succeeded' | 'failed' | 'skipped'; text: string }[][];
}

/** Tries the documents of a row. */
function attempt({ rows, documents }: Model, i: number) {
  const row = rows[i] ?? {};
  const isBlank = Object.values(row).every((value) => value === '' || value === null);
  for (const [part, before] of (documents[i] ?? []).entries()) {
    const value = row[COLUMNS[part] ?? ''];
    const text = typeof value === 'string' ? value : '';
    const isBad = text === BAD || row['both'] === BAD;
    const status = isBlank ? 'skipped' : isBad ? 'failed' : 'succeeded';
    // What was made stays when it cannot be made anew.
    if (status !== 'succeeded' && before.status === 'succeeded') continue;
    before.status = status;
    before.text = text;
  }
}

function modelOf(rows: Row[], parts: number): Model {
  const documents = rows.map(() =>
    Array.from({ length: parts }, () => ({ status: 'failed' as const, text: '' })),
  );
  const model = { rows: rows.map((row) => ({ ...row })), documents };
  for (const i of rows.keys()) attempt(model, i);
  return model;
}

/** What `told` must give. */
function expectedOf({ documents, rows }: Model) {
  const all = documents.flatMap((row, i) =>
    row.map(({ status, text }, part) => ({ row: String(i + 1), part, status, text })),
  );
  const named = (wanted: string) => all.filter(({ status }) => status === wanted);
  const place = ({ row, part }: { row: string; part: number }) => ({
    row,
    template: LABELS[part] ?? '',
  });
  const lines = all.map((each) => ({ ...place(each), s: each.status }));
  const failures = named('failed').map(place);
  const [succeeded, failed, skipped] = [
    named('succeeded').length,
    failures.length,
    named('skipped').length,
  ];
  return {
    counts: { succeeded, failed, skipped, pending: 0 },
    status: failed === 0 ? 'completed' : succeeded > 0 ? 'partially_completed' : 'failed',
    documents: named('succeeded').map((each) => ({
      name: `${each.row}_${LABELS[each.part]}.docx`,
      text: each.text,
    })),
    manifest: lines,
    failures,
    failuresCsv: failures,
    listed: lines,
    results: lines,
    values: rows,
    listedFailures: failures,
  };
}

const anyValue = (from: string) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.nat(99).map((n) => `${from}${n}`) },
    { weight: 1, arbitrary: fc.constant(BAD) },
  );
const anyRow: fc.Arbitrary<Row> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({ a: anyValue('a'), b: anyValue('b'), both: fc.constant('') }),
  },
  { weight: 1, arbitrary: fc.constant({ a: '', b: '', both: '' }) },
);

/** A call for a retry: numbers of rows, and values for some of the rows. */
const anyRetry = fc.record({
  rows: fc.option(fc.array(fc.nat(400), { minLength: 1, maxLength: 8 }), { nil: undefined }),
  corrections: fc.array(
    fc.tuple(
      fc.nat(400),
      fc.oneof(
        fc.record({ a: anyValue('ca') }),
        fc.record({ b: anyValue('cb') }),
        fc.record({ a: anyValue('ca'), b: anyValue('cb'), both: fc.constant('') }),
        fc.constant({ a: '', b: '', both: '' }),
      ),
    ),
    { maxLength: 5 },
  ),
  /** Calls after which workers, and the step that joins the archive, are killed. */
  kills: fc.array(fc.integer({ min: 1, max: 25 }), { maxLength: 4 }),
  breaksAfter: fc.option(fc.nat(3), { nil: undefined }),
  planMs: fc.constantFrom(1, 10, 300),
  workMs: fc.constantFrom(0, 90, 1_500),
});

/** Runs the present run of a task, however often its workers are killed, and once broken off. */
async function run(
  taskId: string,
  {
    kills,
    breaksAfter,
    planMs,
    workMs,
  }: Omit<typeof anyRetry extends fc.Arbitrary<infer T> ? T : never, 'rows' | 'corrections'>,
) {
  const limits = { remainingMs: () => 120_000 };
  const deaths = [...kills];
  let begun = 0;
  let total = 0;
  const work = async (shard: ShardRef) => {
    if (begun++ === breaksAfter) throw new Killed();
    const at = deaths.shift();
    if (at !== undefined) {
      const mortal = mortalPorts(ports, at, at % 2 === 0 ? 'before' : 'behind');
      await renderShard(slowed(mortal.ports, workMs), shard, limits).catch(() => undefined);
      ports.clock.advance(LEASE_MS);
    }
    await renderShard(slowed(ports, workMs), shard, limits);
    const task = await loadTask(ports, taskId);
    total = task.totalDocuments;
    expect(task.succeeded + task.failed + task.skipped).toBeLessThanOrEqual(total);
  };
  const broke = await runTask(ports, taskId, { planPorts: slowed(ports, planMs), work }).then(
    () => false,
    (error: unknown) => {
      if (error instanceof Killed) return true;
      throw error;
    },
  );
  if (!broke) return;
  const { run: present } = await loadTask(ports, taskId);
  await failTask(ports, { taskId, run: present, error: { Error: 'States.Runtime', Cause: '' } });
  const { counts, total: all } = await countsOf(taskId);
  expect(counts.succeeded + counts.failed + counts.skipped).toBeLessThanOrEqual(all);
  // Retries that are not merged yet, too.
  const documents = (await resultsOf(taskId)).flatMap((each) => each.documents);
  const made = documents.filter(({ status }) => status === 'succeeded').length;
  expect([documents.length, made]).toEqual([all, counts.succeeded]);
  await retried(taskId);
  await runTask(ports, taskId, { planPorts: slowed(ports, planMs) });
}

async function countsOf(taskId: string) {
  const { succeeded, failed, skipped, totalDocuments } = await loadTask(ports, taskId);
  return { counts: { succeeded, failed, skipped }, total: totalDocuments };
}

describe('any retries of any task', { timeout: 240_000 }, () => {
  it('leave the newest of every document, in order, and tell of each what became of it', async () => {
    const scenario = fc.record({
      rows: fc.oneof(
        fc.array(anyRow, { minLength: 1, maxLength: 12 }),
        fc.array(anyRow, { minLength: 40, maxLength: 60 }),
        fc.array(anyRow, { minLength: 230, maxLength: 240 }),
      ),
      templates: fc.integer({ min: 1, max: 2 }),
      retries: fc.array(anyRetry, { minLength: 1, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ rows, templates, retries }) => {
        const { taskId } = await started(rows, templates);
        await runTask(ports, taskId, { planPorts: slowed(ports, 10) });
        const model = modelOf(rows, templates);
        for (const retry of retries) {
          const named = retry.rows?.map((n) => (n % rows.length) + 1);
          const corrected = new Map(
            retry.corrections.map(([n, values]) => [n % rows.length, values] as const),
          );
          const hasFailed = model.documents.flat().some(({ status }) => status === 'failed');
          if (!named && corrected.size === 0 && !hasFailed) continue;
          await retried(taskId, {
            ...(named && { rows: named.join(',') }),
            corrections: [...corrected].map(([i, values]) => ({ row: i + 1, values })),
          });
          await run(taskId, retry);
          for (const [i, values] of corrected) model.rows[i] = { ...model.rows[i], ...values };
          const chosen = new Set([
            ...(named?.map((row) => row - 1) ??
              [...model.documents.keys()].filter((i) =>
                model.documents[i]?.some(({ status }) => status === 'failed'),
              )),
            ...corrected.keys(),
          ]);
          for (const i of chosen) attempt(model, i);
          expect(await told(taskId)).toEqual(expectedOf(model));
        }
        const last = rows.length;
        const view = await getRow(ports, OWNER, taskId, last);
        expect(view.values).toEqual(model.rows[last - 1]);
        expect(view.documents.map(({ status }) => status)).toEqual(
          model.documents[last - 1]?.map(({ status }) => status),
        );
      }),
      { numRuns: 25 },
    );
  });
});

const good = (n: number): Row => ({ a: `a${n}`, b: `b${n}`, both: '' });
const ROWS = Array.from({ length: 20 }, (_, i) => ({ ...good(i + 1), ...(i === 6 && { a: BAD }) }));

describe('a retry', () => {
  it('of what failed makes only that, and completes the task', async () => {
    const { taskId } = await started(ROWS, 1);
    await runTask(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({ failed: 1, run: 1 });
    await retried(taskId, { corrections: [{ row: 7, values: { a: 'right' } }] });
    const shards: ShardRef[] = [];
    await runTask(ports, taskId, {
      work: async (shard) => {
        shards.push(shard);
        await renderShard(ports, shard, UNHURRIED);
      },
    });
    expect(shards).toMatchObject([{ layer: 2, firstRow: 1, rowCount: 1 }]);
    const task = await getTask(ports, OWNER, taskId);
    expect(task).toMatchObject({ status: 'completed', succeeded: 20, failed: 0, run: 2 });
    const { documents, failuresCsv } = await told(taskId);
    expect(documents[6]).toEqual({ name: '7_letter.docx', text: 'right' });
    expect(failuresCsv).toEqual([]);
  });

  it('of rows in so many shards that merging them takes long goes on in further rounds', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => good(i + 1));
    const { taskId } = await started(rows, 1);
    await runTask(ports, taskId, { planPorts: slowed(ports, 10) });
    await retried(taskId, { rows: '1,150,300' });
    const { rounds } = await runTask(ports, taskId, { assemblePorts: slowed(ports, 400_000) });
    expect(rounds).toBeGreaterThan(2);
    const { counts, documents } = await told(taskId);
    expect(counts.succeeded).toBe(300);
    expect(documents.map(({ text }) => text)).toEqual(rows.map(({ a }) => a));
  });

  it('that fails keeps the older document, and says so in the log', async () => {
    const { taskId } = await started(ROWS, 1);
    await runTask(ports, taskId);
    await retried(taskId, { corrections: [{ row: 3, values: { a: BAD } }] });
    await runTask(ports, taskId);
    const { documents, failures } = await told(taskId);
    expect(documents[2]).toEqual({ name: '3_letter.docx', text: 'a3' });
    expect(failures).toEqual([{ row: '7', template: 'letter' }]);
    const { data } = await readLog(ports, OWNER, taskId, { limit: 100 });
    const kept = data.find(({ type }) => type === 'documents_kept');
    expect(kept?.message).toContain('row 3');
  });

  it('goes on when it was paused, with what it lacks', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({ ...good(i), a: BAD }));
    const { taskId } = await started(rows, 1);
    await runTask(ports, taskId);
    const corrections = rows.map((_, i) => ({ row: i + 1, values: { a: `c${i + 1}` } }));
    await retried(taskId, { corrections });
    let made = 0;
    await runTask(ports, taskId, {
      planPorts: slowed(ports, 30),
      work: async (shard) => {
        if (made++ === 1) await pauseTask(ports, OWNER, taskId);
        await renderShard(ports, shard, UNHURRIED);
      },
    });
    const paused = await getTask(ports, OWNER, taskId);
    expect(paused.status).toBe('paused');
    expect(paused.pending).toBeGreaterThan(0);
    expect(paused.succeeded + paused.failed + paused.skipped + paused.pending).toBe(60);
    const row = (await getRow(ports, OWNER, taskId, 1)).documents[0];
    expect(row).toMatchObject({ status: 'succeeded' });
    await resumeTask(ports, OWNER, taskId);
    await runTask(ports, taskId, { planPorts: slowed(ports, 30) });
    const { documents } = await told(taskId);
    expect(documents.map(({ text }) => text)).toEqual(rows.map((_, i) => `c${i + 1}`));
  });

  it('makes anew what was given up, of the task and of a retry', async () => {
    const { taskId } = await started(ROWS, 1);
    const giveUp = (shard: ShardRef) =>
      recordShardFailure(ports, { shard, error: { Error: 'Lambda.Unknown', Cause: '' } });
    await runTask(ports, taskId, { work: giveUp });
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({ status: 'failed', failed: 20 });
    await retried(taskId);
    await runTask(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({ succeeded: 19, failed: 1 });
    await retried(taskId, { rows: '6-7' });
    await runTask(ports, taskId, { work: giveUp });
    const given = await told(taskId);
    expect(given.counts).toEqual({ succeeded: 19, failed: 1, skipped: 0, pending: 0 });
    const { data } = await listFailures(ports, OWNER, taskId, { limit: 5 });
    expect(data).toMatchObject([{ row: 7, code: 'SHARD_FAILED' }]);
    expect(data[0]?.detail).toContain('Rows from 6 to 7');
    await retried(taskId, { corrections: [{ row: 7, values: { a: 'right' } }] });
    await runTask(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({ status: 'completed' });
  });

  it('of a task that stopped at a failed row goes on behind it', async () => {
    const { taskId } = await started(ROWS, 2, { onError: 'stop' });
    await runTask(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({ status: 'failed', failed: 1 });
    // As it is it stops there again.
    await retried(taskId);
    await runTask(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({ status: 'failed', failed: 1 });
    await retried(taskId, { corrections: [{ row: 7, values: { a: 'right' } }] });
    await runTask(ports, taskId);
    const { status, documents } = await told(taskId);
    expect(status).toBe('completed');
    expect(documents[12]).toEqual({ name: '7_letter.docx', text: 'right' });
    expect(documents).toHaveLength(40);
  });

  it('with another template makes the named rows with it, under their names', async () => {
    const { taskId } = await started(ROWS, 1);
    await runTask(ports, taskId);
    const other = await givenTemplate(ports, 'A<again {a}>');
    await retried(taskId, { rows: '2,4-5', templateIds: [other] });
    await runTask(ports, taskId);
    const { documents } = await told(taskId);
    expect(documents.slice(0, 6).map(({ text }) => text)).toEqual([
      'a1',
      'again a2',
      'a3',
      'again a4',
      'again a5',
      'a6',
    ]);
    expect(documents[1]?.name).toBe('2_letter.docx');
    const document = await getDocument(ports, OWNER, taskId, 2);
    expect(document.fileName).toBe('2_letter.docx');
  });

  it('with other data makes failed rows, and those that were never tried, with it', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({
      ...good(i + 1),
      ...(i === 9 && { a: BAD }),
    }));
    const { taskId } = await started(rows, 2, { onError: 'stop' });
    await runTask(ports, taskId, { planPorts: slowed(ports, 10) });
    const before = await getTask(ports, OWNER, taskId);
    expect(before.pending).toBeGreaterThan(0);
    const csv = ['B,a,both', ...rows.map((_, i) => `longer ${i + 1} b,new ${i + 1},`)].join('\n');
    const dataSourceId = await givenDataSource(csv);
    await retried(taskId, { dataSourceId });
    await runTask(ports, taskId, { planPorts: slowed(ports, 10) });
    const { status, documents, counts } = await told(taskId);
    expect([status, counts.succeeded]).toEqual(['completed', 600]);
    expect(documents[18]).toEqual({ name: '10_letter.docx', text: 'new 10' });
    expect(documents.at(-2)).toEqual({ name: '300_letter.docx', text: 'new 300' });
    expect((await getTask(ports, OWNER, taskId)).warnings).toEqual([
      expect.stringContaining('{b} from "B"'),
    ]);
  });
});

describe('a retry of a retry', { timeout: 60_000 }, () => {
  /** A task of which nothing could be made, in the middle of a retry with corrections. */
  async function halfRetried() {
    const rows = Array.from({ length: 60 }, (_, i) => ({ ...good(i + 1), a: BAD }));
    const { taskId } = await started(rows, 1);
    await runTask(ports, taskId, { planPorts: slowed(ports, 30) });
    const corrections = rows.map((_, i) => ({ row: i + 1, values: { a: `c${i + 1}` } }));
    await retried(taskId, { corrections });
    let begun = 0;
    await runTask(ports, taskId, {
      planPorts: slowed(ports, 30),
      work: async (shard) => {
        if (begun++ === 1) await pauseTask(ports, OWNER, taskId);
        await renderShard(ports, shard, UNHURRIED);
      },
    });
    const { status, succeeded, failed, skipped, pending } = await getTask(ports, OWNER, taskId);
    expect([status, succeeded + failed + skipped + pending]).toEqual(['paused', 60]);
    expect(Math.min(succeeded, pending)).toBeGreaterThan(0);
    return { taskId, made: succeeded };
  }

  it('with other data leaves to nobody what the older lacks', async () => {
    const { taskId, made } = await halfRetried();
    const csv = ['a,b,both', ...Array.from({ length: 60 }, (_, i) => `n${i + 1},,`)].join('\n');
    await retried(taskId, { rows: '1', dataSourceId: await givenDataSource(csv) });
    await runTask(ports, taskId, { planPorts: slowed(ports, 30) });
    const { counts, documents } = await told(taskId);
    expect(counts).toEqual({ succeeded: 60, failed: 0, skipped: 0, pending: 0 });
    expect(documents.map(({ text }) => text)).toEqual(
      documents.map((_, i) => (i > 0 && i < made ? `c${i + 1}` : `n${i + 1}`)),
    );
  });

  it('corrects what the older has not tried, and tries it once', async () => {
    const { taskId, made } = await halfRetried();
    await retried(taskId, { rows: '60', corrections: [{ row: 60, values: { a: 'last' } }] });
    const shards: ShardRef[] = [];
    await runTask(ports, taskId, {
      planPorts: slowed(ports, 30),
      work: async (shard) => {
        shards.push(shard);
        await renderShard(ports, shard, UNHURRIED);
      },
    });
    expect(shards.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(60 - made);
    const { counts, documents } = await told(taskId);
    expect(counts.succeeded).toBe(60);
    expect(documents.at(-1)?.text).toBe('last');
  });

  it('that is cancelled keeps what was made, and tells the older outcome of the rest', async () => {
    const { taskId, made } = await halfRetried();
    await cancelTask(ports, OWNER, taskId);
    await runTask(ports, taskId);
    const { status, counts, documents, failures } = await told(taskId);
    expect(status).toBe('cancelled');
    expect(counts).toEqual({ succeeded: made, failed: 60 - made, skipped: 0, pending: 0 });
    expect(documents).toHaveLength(made);
    expect(failures).toHaveLength(60 - made);
  });
});

describe('a process that is killed', { timeout: 120_000 }, () => {
  it.each(['before', 'behind'] as const)(
    '%s any call of a retry leaves one that can be sent again',
    async (when) => {
      for (let at = 1; ; at++) {
        const { taskId } = await started(ROWS, 1);
        await runTask(ports, taskId);
        const body = RetryTaskSchema.parse({ corrections: [{ row: 7, values: { a: 'right' } }] });
        const mortal = mortalPorts(ports, at, when);
        await retryTask(mortal.ports, OWNER, taskId, body).catch(() => undefined);
        const again = await retryTask(ports, OWNER, taskId, body);
        expect(again).toMatchObject({ status: 'running', run: 2 });
        await runTask(ports, taskId);
        expect(await getTask(ports, OWNER, taskId)).toMatchObject({ status: 'completed' });
        if (!mortal.isDead()) break;
      }
    },
  );

  it('at any call of the plan, or of the joining, leaves a task that goes on', async () => {
    for (let at = 1; at < 60; at += 1) {
      const { taskId } = await started(ROWS, 1);
      await runTask(ports, taskId);
      await retried(taskId, { rows: '2', corrections: [{ row: 7, values: { a: 'right' } }] });
      const mortal = mortalPorts(ports, at, at % 2 === 0 ? 'before' : 'behind');
      await runTask(mortal.ports, taskId).catch(() => undefined);
      ports.clock.advance(LEASE_MS);
      // A step that broke is repeated by the workflow.
      const { status } = await loadTask(ports, taskId);
      if (status !== 'completed') await runTask(ports, taskId);
      const { counts, documents } = await told(taskId);
      expect(counts).toEqual({ succeeded: 20, failed: 0, skipped: 0, pending: 0 });
      expect(documents[6]?.text).toBe('right');
      if (!mortal.isDead()) break;
    }
  });
});
