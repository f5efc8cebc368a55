/** Row steps of whole tasks: what services answer becomes columns and files, and nothing is asked twice. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ObjectStore, WebAnswer, WebRequest } from '../../../shared/ports.ts';
import { RowSchema, type Row } from '../../../shared/schemas/common.ts';
import { CreateTaskSchema, RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { newCreation } from '../../../shared/creation.ts';
import { CreateConnectionSchema } from '../../../shared/schemas/serviceConnectionApi.ts';
import {
  createConnection,
  deleteConnection,
} from '../../../shared/serviceConnections/connections.ts';
import { objectKeys } from '../../../shared/keys.ts';
import { runResults } from '../../../shared/results/runResults.ts';
import { readJson } from '../../../shared/readJson.ts';
import { trialStore } from '../../../shared/trials/trialStore.ts';
import { createTask } from '../../../shared/tasks/createTask.ts';
import { resumeTask } from '../../../shared/tasks/controlTask.ts';
import { getTask } from '../../../shared/tasks/readTasks.ts';
import { listFailures } from '../../../shared/tasks/readReports.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { createFasterClock } from '../../support/fasterClock.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { archiveBytes, givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { readArchive } from '../../support/archives.ts';
import { writeWorkbook } from '../../support/writeWorkbook.ts';
import { excelJs, ingest } from '../../unit/checks/report/support.ts';
import { loadTask, OWNER } from '../../support/tasks.ts';

const clock = createFasterClock(10);
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const URL_OF = 'https://api.example.com';

const json = (body: unknown, status = 200, headers = {}): WebAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(body)),
  isWhole: true,
});

/** A service that summarizes and one that paints; counts what it is asked under which key. */
function world(answer?: (request: WebRequest, body: Row) => WebAnswer | undefined) {
  const ports = createMemoryPorts({ clock });
  const asked = new Map<string, number>();
  ports.web.answer = (request) => {
    const key = request.headers['idempotency-key'] ?? 'none';
    asked.set(key, (asked.get(key) ?? 0) + 1);
    const body = RowSchema.parse(JSON.parse(request.body ?? '{}'));
    const other = answer?.(request, body);
    if (other) return other;
    if (request.url.endsWith('/paint')) {
      return { status: 200, headers: { 'content-type': 'image/png' }, body: PNG, isWhole: true };
    }
    return json({ data: { text: `About ${JSON.stringify(body.topic).slice(1, -1)}`, words: 12 } });
  };
  return { ports, asked };
}

const FAST = { perSecond: 1_000, concurrent: 100 };
const summarize = {
  name: 'summary',
  request: { url: `${URL_OF}/summarize`, body: { topic: '{topic}', n: '{n}' } },
  response: { values: { text: '/data/text', words: '/data/words' } },
  rateLimit: FAST,
};
const paint = {
  name: 'picture',
  request: { url: `${URL_OF}/paint`, body: { prompt: 'Paint {summary.text}' } },
  response: { file: { from: 'body', name: 'pictures/{topic}.png' } },
  rateLimit: FAST,
};
const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, i): Row => ({ topic: `topic ${i + 1}`, n: i + 1 }));

const entriesOf = async (ports: ReturnType<typeof world>['ports'], taskId: string) =>
  new Map(
    (await readArchive(await archiveBytes(ports, taskId))).map(({ name, bytes }) => [name, bytes]),
  );

type World = ReturnType<typeof world>;
const rowOf = (json: string): Row => RowSchema.parse(JSON.parse(json));

async function given(
  { ports }: World,
  rows: number,
  steps: object[],
  {
    templates = ['{topic}: {summary.text} ({summary.words})'],
    ...body
  }: { templates?: string[] } & Record<string, unknown> = {},
) {
  const templateIds = await Promise.all(templates.map((text) => givenTemplate(ports, text)));
  const { taskId } = await startedTask(ports, {
    ...(templateIds.length > 0 && { templateIds }),
    data: rowsOf(rows),
    steps: steps as never,
    ...body,
  });
  return taskId;
}

/** A connection to the service. */
async function givenConnection({ ports }: World, more: object): Promise<string> {
  const body = { name: 'Summaries', baseUrl: `${URL_OF}/v1`, ...more };
  const { connectionId } = await createConnection(
    ports,
    OWNER,
    CreateConnectionSchema.parse(body),
    newCreation('connection', ports),
  );
  return connectionId;
}

const throughConnection = (connectionId: string) => ({
  ...{ name: 'summary', connectionId, response: summarize.response },
  request: { ...summarize.request, url: 'summarize' },
});

const FindingsSchema = z.array(z.looseObject({ code: z.string(), tag: z.string().optional() }));
const checkFindingsOf = (json: unknown) =>
  FindingsSchema.parse(json).map(({ code, tag }) => [code, tag]);

const timesAsked = ({ asked }: World) => [...asked.values()].reduce((a, b) => a + b, 0);
const failuresOf = async ({ ports }: World, taskId: string) =>
  (await listFailures(ports, OWNER, taskId, { limit: 100 })).data;

describe('a task with row steps', () => {
  it('fills documents from answers, and has their files in the archive', async () => {
    const its = world();
    const taskId = await given(its, 5, [summarize, paint]);
    await runTask(its.ports, taskId);
    expect(await loadTask(its.ports, taskId)).toMatchObject({
      status: 'completed',
      totalDocuments: 10,
      succeeded: 10,
      failed: 0,
      rowsToCall: 5,
      calledRows: 5,
    });
    const entries = await entriesOf(its.ports, taskId);
    expect([...entries.keys()].filter((name) => name.endsWith('.png'))).toEqual(
      [1, 2, 3, 4, 5].map((row) => `pictures/topic ${row} (${row}).png`),
    );
    expect(entries.get('pictures/topic 3 (3).png')).toEqual(PNG);
    expect([...entries.keys()].filter((name) => name.endsWith('.docx'))).toHaveLength(5);
    expect([its.asked.size, timesAsked(its)]).toEqual([10, 10]);
    const prompts = its.ports.web.requests.flatMap(({ url, body = '' }) =>
      url.endsWith('/paint') ? [rowOf(body).prompt] : [],
    );
    expect(new Set(prompts)).toEqual(
      new Set([1, 2, 3, 4, 5].map((row) => `Paint About topic ${row}`)),
    );
    // A tag that is all of a text sends its value as it is.
    const sent = its.ports.web.requests.map(({ body = '' }) => rowOf(body).n);
    expect(sent).toContain(3);
  });

  it('names documents by what its steps gave', async () => {
    const its = world();
    const taskId = await given(its, 2, [summarize], { fileName: '{summary.words}-{summary.text}' });
    await runTask(its.ports, taskId);
    const names = [...(await entriesOf(its.ports, taskId)).keys()];
    expect(names).toContain('12-About topic 2 (2).docx');
  });

  it('without templates gives a file a row, or its answers', async () => {
    const its = world();
    const files = await given(its, 3, [summarize, paint], { templates: [] });
    await runTask(its.ports, files);
    expect(await loadTask(its.ports, files)).toMatchObject({ totalDocuments: 3, succeeded: 3 });
    const answers = await given(its, 2, [summarize], { templates: [], fileName: '{topic}' });
    await runTask(its.ports, answers);
    expect(await loadTask(its.ports, answers)).toMatchObject({ totalDocuments: 2, succeeded: 2 });
    const entries = await entriesOf(its.ports, answers);
    expect(JSON.parse(String(entries.get('topic 2 (2).json')))).toEqual({
      summary: { text: 'About topic 2', words: 12 },
    });
  });

  it('has the columns of its steps and the names of their files in its results', async () => {
    const its = world((_, { topic }) => (topic === 'topic 2' ? json({}, 422) : undefined));
    const taskId = await given(its, 3, [summarize, paint], { templates: [] });
    await runTask(its.ports, taskId);
    const { revision = 0 } = await loadTask(its.ports, taskId);
    const read = async (format: 'csv' | 'jsonl') => {
      await runResults(its.ports, { taskId, format, revision }, { remainingMs: () => 900_000 });
      return String(
        Buffer.from(await its.ports.objects.read(objectKeys.results(taskId, revision, format))),
      );
    };
    const [head, first, second] = (await read('csv')).replace(/^\ufeff/, '').split('\r\n');
    expect(head).toBe('topic,n,summary.text,summary.words,status,failure,detail,document');
    expect(first).toBe('topic 1,1,About topic 1,12,succeeded,,,pictures/topic 1 (1).png');
    expect(second).toMatch(/^topic 2,2,,,failed,STEP_FAILED,/);
    const third = rowOf((await read('jsonl')).split('\n')[2] ?? '');
    expect(third).toMatchObject({ row: 3, status: 'succeeded' });
    expect(JSON.stringify(third)).toContain('"summary.words":12');
  });

  it('has them also where its workbook turns out to be another behind its last row', async () => {
    const its = world();
    // More than are read together.
    const numbers = Array.from({ length: 300 }, (_, i) => i + 1);
    const rows = [['topic', 'n'], ...numbers.map((n) => [`topic ${n}`, n])];
    const file = await writeWorkbook([{ rows }]);
    const { dataSourceId } = await ingest(its.ports, file, 'topics.xlsx', {}, OWNER);
    const taskId = await given(its, 0, [summarize], { data: undefined, dataSourceId });
    await runTask(its.ports, taskId);
    const { revision = 0 } = await loadTask(its.ports, taskId);
    const upload = objectKeys.sourceUpload(dataSourceId);
    let looks = 0;
    const objects: ObjectStore = {
      ...its.ports.objects,
      head: async (key) => {
        const found = await its.ports.objects.head(key);
        return found && key === upload && ++looks > 1 ? { ...found, etag: 'another' } : found;
      },
    };
    const wanted = { taskId, format: 'xlsx', revision } as const;
    await runResults({ ...its.ports, objects }, wanted, { remainingMs: () => 900_000 });
    const key = objectKeys.results(taskId, revision, 'xlsx');
    const workbook = await excelJs(await its.ports.objects.read(key));
    expect(workbook.worksheets.map(({ name }) => name)).toEqual(['Results', 'Note']);
    const texts = numbers.map((n) => workbook.worksheets[0]?.getCell(`C${n + 1}`).text);
    expect(texts).toEqual(numbers.map((n) => `About topic ${n}`));
  });

  it('is checked before it is called: what services are yet to answer is no fault of the rows', async () => {
    const its = world();
    const { ports } = its;
    const connectionId = await givenConnection(its, {
      pricePerCallUsd: 0.01,
      rateLimit: { perSecond: 20 },
    });
    const steps = [throughConnection(connectionId), paint];
    const templates = [
      '{summary.text} {#summary.words}{topic} of {summary.words}{/summary.words}',
      '{summary.missing} {nothing}',
    ];
    const taskId = await given(its, 4, steps, {
      templates,
      fileName: '{summary.text}',
      options: { check: 'strict', missingValue: 'error' },
    });
    await runTask(ports, taskId).catch(() => undefined);
    const summary = (await trialStore.find(ports, taskId))?.summary;
    expect(summary?.calls).toEqual({ calls: 8, seconds: 0.2, costUsd: 0.04 });
    expect(summary).toMatchObject({ rows: 4, documents: 12 });
    const found = checkFindingsOf(await readJson(ports, objectKeys.checkFindings(taskId)));
    expect(found).toEqual([
      ['TAG_UNFILLED', 'nothing'],
      ['TAG_UNFILLED', 'summary.missing'],
    ]);
  });

  it('goes on after rows that a service refuses, and calls only those again', async () => {
    let isMended = false;
    const its = world((_, { topic }) =>
      topic === 'topic 2' && !isMended
        ? json({ error: { message: 'No <b>such</b> topic' } }, 422)
        : undefined,
    );
    const taskId = await given(its, 4, [summarize, paint]);
    await runTask(its.ports, taskId);
    expect(await loadTask(its.ports, taskId)).toMatchObject({
      status: 'partially_completed',
      succeeded: 6,
      failed: 2,
    });
    const failures = await failuresOf(its, taskId);
    expect(failures.map(({ row, template, code }) => [row, template, code])).toEqual([
      [2, 'letter', 'STEP_FAILED'],
      [2, 'picture', 'STEP_FAILED'],
    ]);
    expect(failures[0]?.detail).toBe(
      'The row step "summary" failed with status 422: The service refused the request. The service says: No <b>such</b> topic',
    );
    const before = timesAsked(its);
    expect(before).toBe(4 + 3);

    isMended = true;
    await retryTask(its.ports, OWNER, taskId, RetryTaskSchema.parse({}));
    await runTask(its.ports, taskId);
    expect(await loadTask(its.ports, taskId)).toMatchObject({ status: 'completed', succeeded: 8 });
    expect(timesAsked(its) - before).toBe(2);
    expect((await entriesOf(its.ports, taskId)).size).toBe(8 + 1);
  });

  it('asks again what a correction changes, and nothing else', async () => {
    const its = world();
    const taskId = await given(its, 3, [summarize, paint]);
    await runTask(its.ports, taskId);
    const before = timesAsked(its);
    const body = { rows: '1-3', corrections: [{ row: 2, values: { n: 20 } }] };
    await retryTask(its.ports, OWNER, taskId, RetryTaskSchema.parse(body));
    await runTask(its.ports, taskId);
    expect(await loadTask(its.ports, taskId)).toMatchObject({ status: 'completed', succeeded: 6 });
    // The second step is asked the same as before: what it painted stays.
    expect(timesAsked(its) - before).toBe(1);
  });

  it('tries what may pass, under one key', async () => {
    const failed = new Set<string>();
    const its = world((request) => {
      const key = request.headers['idempotency-key'] ?? '';
      if (failed.has(key)) return undefined;
      failed.add(key);
      return json({}, 503);
    });
    const taskId = await given(its, 3, [summarize]);
    await runTask(its.ports, taskId);
    expect(await loadTask(its.ports, taskId)).toMatchObject({ status: 'completed', succeeded: 3 });
    expect([...its.asked.values()]).toEqual([2, 2, 2]);
  });

  it('fails the rows whose answers are not as the step says', async () => {
    const its = world((request) =>
      request.url.endsWith('/paint')
        ? {
            status: 200,
            headers: { 'content-type': 'text/html' },
            body: Buffer.from('<html>'),
            isWhole: true,
          }
        : undefined,
    );
    const taskId = await given(its, 2, [{ ...summarize, response: { values: { text: '/no' } } }]);
    await runTask(its.ports, taskId);
    expect((await failuresOf(its, taskId))[0]?.detail).toContain('has nothing at "/no"');
    const painted = await given(its, 2, [summarize, paint], { templates: [] });
    await runTask(its.ports, painted);
    expect((await failuresOf(its, painted)).map(({ detail }) => detail)[0]).toContain('is no png');
    expect(await loadTask(its.ports, painted)).toMatchObject({ status: 'failed', failed: 2 });
  });

  it('skips blank rows and those that are left out, and asks nothing for them', async () => {
    const its = world();
    const taskId = await given(its, 0, [summarize], {
      data: [{ topic: 'a', n: 1 }, {}, { topic: 'c', n: 3 }],
      options: { rows: '1-2' },
    });
    await runTask(its.ports, taskId);
    expect(await loadTask(its.ports, taskId)).toMatchObject({ succeeded: 1, skipped: 2 });
    expect(timesAsked(its)).toBe(1);
  });

  it('pauses by itself when nothing is answered, says why, and goes on when it is resumed', async () => {
    let isDown = true;
    const its = world(() => (isDown ? json({}, 401) : undefined));
    const taskId = await given(its, 60, [{ ...summarize, retries: 0 }]);
    await runTask(its.ports, taskId);
    const task = await getTask(its.ports, OWNER, taskId);
    expect(task).toMatchObject({ status: 'paused', failed: 0 });
    expect((await loadTask(its.ports, taskId)).pausedBecause).toContain(
      'The service does not accept the key of the connection',
    );
    isDown = false;
    await resumeTask(its.ports, OWNER, taskId);
    await runTask(its.ports, taskId);
    expect(await loadTask(its.ports, taskId)).toMatchObject({ status: 'completed', succeeded: 60 });
  });

  it('pauses when more rows fail than it allows', async () => {
    const its = world((_, { n }) => (Number(n) % 2 === 0 ? json({}, 422) : undefined));
    const taskId = await given(its, 300, [{ ...summarize, rateLimit: { perSecond: 50 } }], {
      options: { maxFailures: 5 },
    });
    await runTask(its.ports, taskId);
    const task = await loadTask(its.ports, taskId);
    expect(task.status).toBe('paused');
    expect(task.pausedBecause).toMatch(/^Paused: the row steps of \d+ rows have failed/);
    expect(timesAsked(its)).toBeLessThan(300);
  });

  it('sends the secrets of its connection, which stand nowhere else', async () => {
    const its = world();
    const { ports } = its;
    const marker = 'marker-of-a-secret-key';
    const connectionId = await givenConnection(its, {
      headers: { 'x-app': 'sheaf' },
      secretHeaders: { Authorization: `Bearer ${marker}` },
      rateLimit: FAST,
      pricePerCallUsd: 0.002,
    });
    const taskId = await given(its, 3, [throughConnection(connectionId)]);
    await runTask(ports, taskId);
    expect(await loadTask(ports, taskId)).toMatchObject({
      status: 'completed',
      succeeded: 3,
      spentMicroUsd: 6_000,
    });
    expect(ports.web.requests).toHaveLength(3);
    for (const { url, headers } of ports.web.requests) {
      expect(url).toBe(`${URL_OF}/v1/summarize`);
      expect(headers).toMatchObject({ authorization: `Bearer ${marker}`, 'x-app': 'sheaf' });
    }
    expect(JSON.stringify(ports.table.items())).not.toContain(marker);
    expect(JSON.stringify([ports.log.entries, ports.workflow.starts])).not.toContain(marker);
    for (const key of ports.objects.keys()) {
      expect(Buffer.from(await ports.objects.read(key)).includes(marker)).toBe(false);
    }

    await deleteConnection(ports, OWNER, connectionId);
    const later = CreateTaskSchema.parse({
      data: rowsOf(1),
      steps: [throughConnection(connectionId)],
    });
    const created = createTask(ports, OWNER, later, newCreation('task', ports));
    await expect(created).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  it('fails the rows of a connection that was deleted, and asks nobody', async () => {
    const its = world();
    const connectionId = await givenConnection(its, {});
    const taskId = await given(its, 2, [throughConnection(connectionId)]);
    await deleteConnection(its.ports, OWNER, connectionId);
    await runTask(its.ports, taskId);
    expect((await failuresOf(its, taskId))[0]?.detail).toContain('was deleted');
    expect(timesAsked(its)).toBe(0);
  });

  it('pauses when its calls have cost what it may spend', async () => {
    const its = world();
    const connectionId = await givenConnection(its, {
      pricePerCallUsd: 0.1,
      rateLimit: { perSecond: 20 },
    });
    const taskId = await given(its, 100, [throughConnection(connectionId)], {
      options: { budgetUsd: 2 },
    });
    await runTask(its.ports, taskId);
    const { status, pausedBecause, spentMicroUsd = 0 } = await loadTask(its.ports, taskId);
    expect(status).toBe('paused');
    expect(pausedBecause).toMatch(/^Paused: the calls have cost \$\d\.\d\d, which is the budget/);
    expect(spentMicroUsd).toBeLessThan(8_000_000);
  });

  it.each([
    ['a step named like a column', { name: 'n', request: { url: `${URL_OF}/x` } }, '/steps/0/name'],
    [
      'a tag of a later step',
      { request: { url: `${URL_OF}/x`, body: '{picture.x}' } },
      '/steps/0/request',
    ],
    [
      'a connection that there is not',
      { connectionId: 'conn_01J00000000000000000000000', rateLimit: undefined },
      '/steps/0/connectionId',
    ],
  ])('is refused for %s', async (_what, change, pointer) => {
    const { ports } = world();
    const body = CreateTaskSchema.parse({
      data: rowsOf(1),
      steps: [{ ...summarize, ...change }, paint],
    });
    const created = createTask(ports, OWNER, body, newCreation('task', ports));
    await expect(created).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      errors: expect.arrayContaining([expect.objectContaining({ pointer })]) as unknown,
    });
  });
});
