/** Every route over its real use case: what it answers is what it says that it answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { routes } from '../../functions/api/routes/index.ts';
import { bodySchema } from '../../shared/api/envelope.ts';
import { fillPath } from '../../shared/api/paths.ts';
import type { Answer } from '../../shared/api/route.ts';
import { findCallback } from '../../shared/callbacks/callbackBodies.ts';
import { callbackToken } from '../../shared/callbacks/callbackUrl.ts';
import { executionNames, objectKeys } from '../../shared/keys.ts';
import { MAX_BODY_BYTES } from '../../shared/limits.ts';
import { API_BASE_PATH } from '../../shared/names.ts';
import { DownloadSchema } from '../../shared/schemas/taskApi.ts';
import { TrialRunSchema } from '../../shared/schemas/workflow.ts';
import { failTask } from '../../shared/tasks/finishTask.ts';
import { runTrial } from '../../shared/trials/runTrial.ts';
import type { ApiAnswer, ApiRequest } from '../support/apiClient.ts';
import { createApiWorld, type ApiWorld } from '../support/apiWorld.ts';
import { docx } from '../support/docx.ts';
import { assembleAndFinish, renderAll } from '../support/runTask.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld();
});

/** The body that an answer says it has, with nothing more in it. */
function strictBody(answer: Answer): z.ZodType {
  const strict = (schema: z.ZodType) => (schema instanceof z.ZodObject ? schema.strict() : schema);
  const inside = answer.kind === 'data' || answer.kind === 'page';
  const body = bodySchema(inside ? { ...answer, schema: strict(answer.schema) } : answer);
  return answer.kind === 'document' ? body : strict(body);
}

const answered = new Set<string>();

/** Calls a route by its name and holds the answer against what the route says. */
async function call(
  operationId: string,
  request: Partial<ApiRequest> & { params?: Record<string, string | number> } = {},
): Promise<ApiAnswer> {
  const route = routes.find((candidate) => candidate.operationId === operationId);
  if (!route) throw new Error(`There is no route ${operationId}.`);
  const { params = {}, ...rest } = request;
  const path = fillPath(route.path, { ...world.ids, ...params });
  const answer = await world.send({ method: route.method, path, ...rest });
  const link = answer.status === 302;
  const data = route.answers.find((candidate) => candidate.kind === 'data');
  const empty = route.answers.some((candidate) => candidate.kind === 'empty');
  const status = link ? 302 : empty ? 204 : (data?.status ?? 200);
  expect([answer.status, answer.text]).toEqual([status, answer.text]);
  if (link) expect(route.answers.map(({ kind }) => kind)).toContain('link');
  else if (empty) expect(answer.text).toBe('');
  else z.union(route.answers.map(strictBody)).parse(answer.json());
  answered.add(operationId);
  return answer;
}

const field = (answer: ApiAnswer, name: string) =>
  z.object({ data: z.looseObject({}) }).parse(answer.json()).data[name];
const listed = (answer: ApiAnswer) =>
  z
    .object({ data: z.array(z.looseObject({})), nextCursor: z.string().nullable() })
    .parse(answer.json());

describe('templates', () => {
  it('come by an upload and a check', async () => {
    const created = await call('createTemplate', { json: { name: ' A ', fileName: 'a.docx' } });
    const templateId = String(field(created, 'templateId'));
    expect(created.json()).toMatchObject({
      data: { name: 'A', status: 'awaiting_upload', upload: { method: 'PUT' } },
    });
    await world.ports.objects.put(objectKeys.templateUpload(templateId), docx('{x}'));
    const ready = await call('completeTemplate', { params: { templateId } });
    expect(ready.json()).toMatchObject({ data: { status: 'ready', tags: [{ name: 'x' }] } });
    const found = await call('getTemplate', { params: { templateId } });
    expect(found.text).toBe(ready.text);
    const sheet = await call('downloadDataSheet', { params: { templateId } });
    expect(sheet).toMatchObject({ status: 302, text: '' });
    const [newest] = listed(await call('listTemplates')).data;
    expect(newest).toMatchObject({ templateId });
    expect((await call('deleteTemplate', { params: { templateId } })).status).toBe(204);
    for (const method of ['GET', 'DELETE']) {
      const gone = await world.send({ method, path: `/templates/${templateId}` });
      expect(gone.problem()).toMatchObject({ code: 'TEMPLATE_NOT_FOUND', status: 404 });
    }
  });

  it('that cannot work are refused with every fault', async () => {
    const created = await call('createTemplate', { json: { name: 'A', fileName: 'a.docx' } });
    const templateId = String(field(created, 'templateId'));
    const path = `/templates/${templateId}/complete`;
    const early = await world.send({ method: 'POST', path });
    expect(early.problem()).toMatchObject({ code: 'INVALID_STATE', status: 409 });
    await world.ports.objects.put(objectKeys.templateUpload(templateId), docx('{#a}', '{b'));
    const refused = await world.send({ method: 'POST', path });
    expect(refused.problem()).toMatchObject({ code: 'TEMPLATE_INVALID', status: 422 });
    expect(refused.problem().errors?.length).toBeGreaterThan(1);
  });
});

describe('data sources', () => {
  it('come by an upload that is read', async () => {
    const created = await call('createDataSource', { json: { name: 'D', fileName: 'd.csv' } });
    const dataSourceId = String(field(created, 'dataSourceId'));
    await world.ports.objects.put(objectKeys.sourceUpload(dataSourceId), Buffer.from('a;b\n1;2'));
    const reading = await call('completeDataSource', {
      params: { dataSourceId },
      json: { delimiter: ';' },
    });
    expect(field(reading, 'status')).toBe('ingesting');
    expect(world.ports.workflow.starts).toContainEqual({
      workflow: 'ingest',
      executionName: executionNames.ingest({ dataSourceId, read: 1 }),
      input: { dataSourceId, read: 1 },
    });
    const early = await world.send({ path: `/data-sources/${dataSourceId}/rows` });
    expect(early.problem()).toMatchObject({ code: 'INVALID_STATE' });
  });

  it('show what was read', async () => {
    const found = await call('getDataSource');
    expect(found.json()).toMatchObject({
      data: { status: 'ready', columns: ['name', 'city'], rowCount: 3 },
    });
    const preview = listed(await call('previewRows', { query: 'limit=2' }));
    expect(preview).toMatchObject({
      data: [{ row: 1, values: { name: 'Ada', city: 'London' } }, { row: 2 }],
      nextCursor: null,
    });
    const named = listed(await call('previewRows', { query: 'rows=3,1' }));
    expect(named).toMatchObject({ data: [{ row: 1 }, { row: 3 }] });
    const path = `/data-sources/${world.ids.dataSourceId}/rows`;
    expect((await world.send({ method: 'GET', path, query: 'rows=9' })).problem()).toMatchObject({
      code: 'VALIDATION_ERROR',
      errors: [{ pointer: '/rows' }],
    });
    expect(listed(await call('listDataSources')).data).toHaveLength(2);
  });

  it('that are deleted are not there any more', async () => {
    const created = await call('createDataSource', { json: { name: 'D', fileName: 'd.csv' } });
    const params = { dataSourceId: String(field(created, 'dataSourceId')) };
    expect((await call('deleteDataSource', { params })).status).toBe(204);
    for (const method of ['GET', 'DELETE']) {
      const gone = await world.send({ method, path: `/data-sources/${params.dataSourceId}` });
      expect(gone.problem()).toMatchObject({ code: 'DATA_SOURCE_NOT_FOUND', status: 404 });
    }
  });
});

describe('checks', () => {
  it('are begun, looked at, and have a report once they are done', async () => {
    const json = { templateIds: [world.ids.templateId], data: [{ name: 'Ada', city: 'London' }] };
    const created = await call('createCheck', { json });
    expect(created.status).toBe(202);
    const checkId = String(field(created, 'checkId'));
    const params = { checkId };
    expect((await call('getCheck', { params })).json()).toMatchObject({
      data: { checkId, status: 'checking', summary: null, findings: [], error: null },
    });
    const path = `/batch/checks/${checkId}/report`;
    expect((await world.send({ method: 'GET', path })).problem()).toMatchObject({
      code: 'INVALID_STATE',
    });
    await runTrial(world.ports, { of: checkId, reportOnly: false });
    expect((await call('getCheck', { params })).json()).toMatchObject({
      data: { status: 'done', summary: { rows: 1, documents: 1, errors: 0 } },
    });
    const report = await call('downloadCheckReport', { params });
    expect(report.status).toBe(302);
  });

  it('of others, and those that never were, are not found', async () => {
    const path = `/batch/checks/check_${'0'.repeat(26)}`;
    for (const each of [path, `${path}/report`, '/batch/checks/nonsense']) {
      expect((await world.send({ method: 'GET', path: each })).problem()).toMatchObject({
        code: 'NOT_FOUND',
        status: 404,
      });
    }
  });
});

describe('samples', () => {
  it('are begun, looked at, and have links once they are done', async () => {
    const data = [
      { name: 'Ada', city: 'London' },
      { name: 'Grace', city: '' },
    ];
    const json = { templateIds: [world.ids.templateId], data, rows: '2' };
    const created = await call('createSamples', { json });
    expect(created.status).toBe(202);
    const sampleId = String(field(created, 'sampleId'));
    const params = { sampleId };
    expect((await call('getSamples', { params })).json()).toMatchObject({
      data: { sampleId, status: 'making', hash: null, documents: [], zipUrl: null, error: null },
    });
    await runTrial(world.ports, { of: sampleId, reportOnly: false });
    const done = (await call('getSamples', { params })).json();
    expect(done).toMatchObject({
      data: { status: 'done', documents: [{ row: 1 }, { row: 2, status: 'succeeded' }] },
    });
    expect(JSON.stringify(done)).toContain('samples.zip');
  });

  it('of others, and those that never were, are not found', async () => {
    for (const path of [`/batch/samples/sample_${'0'.repeat(26)}`, '/batch/samples/nonsense']) {
      expect((await world.send({ method: 'GET', path })).problem()).toMatchObject({
        code: 'NOT_FOUND',
        status: 404,
      });
    }
  });
});

describe('tasks', () => {
  const rows = (count: number) => ({
    templateIds: [world.ids.templateId],
    data: Array.from({ length: count }, () => ({ name: 'Grace', city: 'New York' })),
  });

  it('take over documents of an earlier one that has ended', async () => {
    const baseTaskId = String(field(await call('createTask', { json: rows(1) }), 'taskId'));
    const upon = { json: { ...rows(1), baseTaskId } };
    const refused = () => world.send({ method: 'POST', path: '/batch/tasks', ...upon });
    expect((await refused()).problem()).toMatchObject({
      code: 'INVALID_STATE',
      status: 409,
      errors: [{ pointer: '/baseTaskId' }],
    });
    await call('cancelTask', { params: { taskId: baseTaskId } });
    const created = await call('createTask', upon);
    expect(created.json()).toMatchObject({ data: { baseTaskId, reused: 0 } });
    await call('deleteTask', { params: { taskId: String(field(created, 'taskId')) } });
    await call('deleteTask', { params: { taskId: baseTaskId } });
    expect((await refused()).problem()).toMatchObject({
      code: 'TASK_NOT_FOUND',
      status: 404,
      errors: [{ pointer: '/baseTaskId' }],
    });
  });

  it('are created, started and cancelled, each as often as one likes', async () => {
    const created = await call('createTask', { json: rows(2) });
    const taskId = String(field(created, 'taskId'));
    expect(created.json()).toMatchObject({ data: { status: 'pending', totalDocuments: 2 } });
    expect(String(field(created, 'websocketUrl'))).toContain('ticket=');
    for (const times of [1, 2]) {
      const started = await call('startTask', { params: { taskId } });
      expect([times, field(started, 'status')]).toEqual([times, 'running']);
    }
    expect(field(await call('countActiveTasks'), 'activeTasks')).toBe(1);
    expect((await call('getUsage')).json()).toEqual({
      data: {
        tasksRunning: 1,
        tasksQueued: 0,
        taskLimit: 3,
        documents: { budget: null, reserved: 2, used: 2 },
      },
    });
    for (const times of [1, 2]) {
      const cancelled = await call('cancelTask', { params: { taskId } });
      expect([times, field(cancelled, 'status')]).toEqual([times, 'cancelling']);
    }
    expect(field(await call('getTask', { params: { taskId } }), 'status')).toBe('cancelling');
  });

  it('are paused and resumed, each as often as one likes', async () => {
    const created = await call('createTask', { json: { ...rows(2), autoStart: true } });
    const taskId = String(field(created, 'taskId'));
    world.ports.clock.advance(10);
    for (const times of [1, 2]) {
      const paused = await call('pauseTask', { params: { taskId } });
      expect([times, field(paused, 'status')]).toEqual([times, 'pausing']);
    }
    await renderAll(world.ports, taskId);
    await assembleAndFinish(world.ports, taskId);
    for (const times of [1, 2]) {
      const paused = await call('pauseTask', { params: { taskId } });
      expect([times, field(paused, 'status')]).toEqual([times, 'paused']);
    }
    const progress = await call('getProgress', { params: { taskId } });
    expect(field(progress, 'message')).toBe('Paused after 0 of 2 documents.');
    for (const times of [1, 2]) {
      const resumed = await call('resumeTask', { params: { taskId } });
      expect([times, field(resumed, 'status')]).toEqual([times, 'running']);
    }
    const log = listed(await call('readLog', { params: { taskId } }));
    expect(log.data.map((event) => event['type'])).toEqual([
      'start_requested',
      'pause_requested',
      'task_started',
      'task_paused',
    ]);
    await call('cancelTask', { params: { taskId } });
  });

  it('are changed by what the body names', async () => {
    const created = await call('createTask', { json: { ...rows(1), metadata: { a: '1' } } });
    const params = { taskId: String(field(created, 'taskId')) };
    const json = { name: 'Another', options: { concurrency: 77 } };
    const changed = await call('changeTask', { params, json });
    expect(changed.json()).toMatchObject({
      data: {
        name: 'Another',
        metadata: { a: '1' },
        options: { concurrency: 77, onError: 'continue' },
      },
    });
    const path = `/batch/tasks/${params.taskId}`;
    const refused = await world.send({ method: 'PATCH', path, json: { nam: 'x' } });
    expect(refused.problem()).toMatchObject({ code: 'VALIDATION_ERROR', status: 400 });
    expect(refused.text).toContain('nam');
    await call('deleteTask', { params });
  });

  it('are deleted once they have ended, and are not there any more', async () => {
    const created = await call('createTask', { json: { ...rows(1), autoStart: true } });
    const taskId = String(field(created, 'taskId'));
    const path = `/batch/tasks/${taskId}`;
    const refused = await world.send({ method: 'DELETE', path });
    expect(refused.problem()).toMatchObject({
      code: 'INVALID_STATE',
      detail: 'The task is running and cannot be deleted. Possible now: pause, cancel.',
    });
    await call('cancelTask', { params: { taskId } });
    await assembleAndFinish(world.ports, taskId);
    expect((await call('deleteTask', { params: { taskId } })).status).toBe(204);
    for (const method of ['GET', 'DELETE']) {
      const gone = await world.send({ method, path });
      expect(gone.problem()).toMatchObject({ code: 'TASK_NOT_FOUND', status: 404 });
    }
  });

  it('go on after they failed, as often as one likes, and only then', async () => {
    const created = await call('createTask', { json: rows(1) });
    const taskId = String(field(created, 'taskId'));
    const early = await world.send({ method: 'POST', path: `/batch/tasks/${taskId}/retry` });
    expect(early.problem()).toMatchObject({ code: 'INVALID_STATE', status: 409 });
    await call('startTask', { params: { taskId } });
    const error = { Error: 'States.Runtime', Cause: '' };
    await failTask(world.ports, { taskId, run: 1, error });
    expect(field(await call('getTask', { params: { taskId } }), 'status')).toBe('failed');
    for (const times of [1, 2]) {
      const retried = await call('retryTask', { params: { taskId } });
      expect([times, field(retried, 'status'), field(retried, 'error')]).toEqual([
        times,
        'running',
        null,
      ]);
    }
    await call('cancelTask', { params: { taskId } });
    const log = listed(await call('readLog', { params: { taskId } }));
    const types = log.data.map((event) => event['type']);
    // What came after them is told by the run that nobody works on here.
    expect(types.slice(0, 2)).toEqual(['start_requested', 'task_failed']);
    expect(log.data.map((event) => event['seq'])).toEqual(
      log.data.map((event) => event['seq']).toSorted((a, b) => Number(a) - Number(b)),
    );
  });

  it('refuse what their state does not allow', async () => {
    const created = await call('createTask', { json: rows(1) });
    const taskId = String(field(created, 'taskId'));
    for (const path of ['download/zip', 'download/results', 'failures?format=csv']) {
      const [route = '', query = ''] = path.split('?');
      const early = await world.send({ path: `/batch/tasks/${taskId}/${route}`, query });
      expect(early.problem()).toMatchObject({ code: 'INVALID_STATE', status: 409 });
    }
    const path = `/batch/tasks/${world.ids.taskId}/start`;
    const late = await world.send({ method: 'POST', path });
    expect(late.problem()).toMatchObject({ code: 'INVALID_STATE', status: 409 });
    expect(late.problem().detail).toContain('partially_completed');
  });

  it('need rows, one way or the other', async () => {
    const { templateId, dataSourceId } = world.ids;
    for (const [pointer, body] of [
      ['/dataSourceId', {}],
      ['/dataSourceId', { dataSourceId, data: [{}] }],
      ['/data', { data: [] }],
      ['/data/1', { data: [{}, 'Ada'] }],
    ] as const) {
      const json = { templateIds: [templateId], ...body };
      const refused = await world.send({ method: 'POST', path: '/batch/tasks', json });
      expect(refused.problem()).toMatchObject({ code: 'VALIDATION_ERROR', errors: [{ pointer }] });
      expect(refused.text).not.toContain('Ada');
    }
  });

  it('take any names but half characters, which no storage keeps', async () => {
    const metadata = { constructor: 'a', '': 'b' };
    const created = await call('createTask', { json: { ...rows(1), metadata } });
    expect(field(created, 'metadata')).toEqual(metadata);
    for (const [pointer, body] of [
      ['/name', { name: 'Letters \ud800' }],
      ['/fileName', { fileName: '\udc00-{row}' }],
      ['/metadata/a', { metadata: { a: '\ud800' } }],
    ] as const) {
      const json = { ...rows(1), ...body };
      const refused = await world.send({ method: 'POST', path: '/batch/tasks', json });
      expect(refused.problem()).toMatchObject({ code: 'VALIDATION_ERROR', errors: [{ pointer }] });
    }
  });

  it('are listed newest first, by state, a page at a time', async () => {
    const ended = await call('listTasks', { query: 'status=partially_completed' });
    expect(listed(ended)).toMatchObject({ data: [{ taskId: world.ids.taskId }], nextCursor: null });
    const seen: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string =
        cursor === '' ? 'limit=1' : `limit=1&cursor=${encodeURIComponent(cursor)}`;
      const page = listed(await call('listTasks', { query }));
      seen.push(...page.data.map(({ taskId }) => taskId));
      cursor = page.nextCursor;
    }
    expect(seen).toHaveLength(6);
    expect([...seen].sort().reverse()).toEqual(seen);
  });
});

describe('results', () => {
  it('of a task are its numbers, documents and failures', async () => {
    expect((await call('getProgress')).json()).toMatchObject({
      data: { status: 'partially_completed', total: 3, succeeded: 2, failed: 1, progress: 100 },
    });
    expect(listed(await call('listDocuments')).data).toMatchObject([
      { row: 1, name: 'letter-1.docx', status: 'succeeded' },
      { row: 2, status: 'succeeded' },
      { row: 3, name: null, status: 'failed' },
    ]);
    expect(listed(await call('listDocuments', { query: 'status=failed' })).data).toHaveLength(1);
    expect((await call('listDocuments', { query: 'name=TTER-2' })).json()).toMatchObject({
      data: [{ row: 2, name: 'letter-2.docx' }],
      nextCursor: null,
      throughRow: 3,
    });
    const one = listed(await call('listDocuments', { query: 'name=letter&limit=1' }));
    const cursor = encodeURIComponent(one.nextCursor ?? '');
    const two = await call('listDocuments', { query: `name=letter&limit=1&cursor=${cursor}` });
    expect(listed(two).data).toMatchObject([{ row: 2 }]);
    const path = `/batch/tasks/${world.ids.taskId}/documents`;
    const other = await world.send({ path, query: `name=lette&limit=1&cursor=${cursor}` });
    expect(other.problem()).toMatchObject({ status: 400, errors: [{ pointer: '/cursor' }] });
    expect(other.text).not.toContain('lette');
    expect((await call('getRow', { params: { row: 3 } })).json()).toMatchObject({
      data: { row: 3, documents: [{ status: 'failed', failure: { code: 'MISSING_VALUE' } }] },
    });
    expect(listed(await call('listFailures')).data).toMatchObject([
      { row: 3, code: 'MISSING_VALUE', tag: 'name', column: 'name' },
    ]);
  });

  it.each([
    ['downloadArchive', {}, 'archive.zip'],
    ['downloadDocument', { params: { row: 2 } }, 'documents/2-0'],
    ['listFailures', { query: 'format=csv' }, 'reports/failures.csv'],
  ])('%s links to what is in the bucket', async (operationId, request, key) => {
    const redirect = await call(operationId, request);
    expect(redirect).toMatchObject({ status: 302, text: '' });
    const location = redirect.headers['location'] ?? '';
    expect(new URL(location).pathname).toContain(`tasks/${world.ids.taskId}/${key}`);

    const headers = { accept: 'application/json' };
    const answer = await call(operationId, { ...request, headers });
    const { data } = z.object({ data: DownloadSchema }).parse(answer.json());
    const stored = await world.ports.objects.head(`tasks/${world.ids.taskId}/${key}`);
    expect(data.bytes).toBe(stored?.bytes);
  });

  it.each(['xlsx', 'csv', 'jsonl'] as const)(
    'as a table are written when they are asked for, as %s',
    async (format) => {
      const { taskId } = world.ids;
      const path = `/batch/tasks/${taskId}/download/results`;
      // Excel's own is what is meant where nothing is said.
      const query = format === 'xlsx' ? '' : `format=${format}`;
      const early = await world.send({ path, query });
      expect(early.problem()).toMatchObject({ code: 'INVALID_STATE', status: 409 });
      expect(early.headers['retry-after']).toBe('1');
      const start = world.ports.workflow.starts.at(-1);
      expect(start).toMatchObject({
        workflow: 'trial',
        input: { of: taskId, reportOnly: false, results: { format } },
      });
      await runTrial(world.ports, TrialRunSchema.parse(start?.input));
      const redirect = await call('downloadResults', { query });
      const { pathname } = new URL(redirect.headers['location'] ?? '');
      expect(pathname).toMatch(new RegExp(`tasks/${taskId}/results/\\d+\\.${format}$`));
      const headers = { accept: 'application/json' };
      const answer = await call('downloadResults', { query, headers });
      const { data } = z.object({ data: DownloadSchema }).parse(answer.json());
      expect(data.fileName).toMatch(new RegExp(`-results\\.${format}$`));
      expect(data.bytes).toBe((await world.ports.objects.head(pathname.slice(1)))?.bytes);
    },
  );

  it('of a row that failed, or that there is not, are NOT_FOUND', async () => {
    for (const row of [3, 4, 2_000_000_000]) {
      const path = `/batch/tasks/${world.ids.taskId}/documents/${row}`;
      expect((await world.send({ path })).problem()).toMatchObject({ code: 'NOT_FOUND' });
    }
    const path = `/batch/tasks/${world.ids.taskId}/documents/1`;
    const query = 'templateId=tpl_01JDA4V5P0W8QZ6Y3M2T7R9KXC';
    expect((await world.send({ path, query })).problem().code).toBe('TEMPLATE_NOT_FOUND');
  });
});

describe('connections', () => {
  it('are made, shown without what is secret, and deleted', async () => {
    const json = {
      name: ' Dify ',
      baseUrl: 'https://api.dify.ai/v1',
      headers: { Accept: 'application/json' },
      secretHeaders: { Authorization: 'Bearer app-4711' },
      rateLimit: { perSecond: 2, burst: 4, concurrent: 8 },
      pricePerCallUsd: 0.01,
    };
    const created = await call('createConnection', { json });
    const connectionId = String(field(created, 'connectionId'));
    expect(created.json()).toMatchObject({
      data: {
        ...json,
        name: 'Dify',
        headers: { accept: 'application/json' },
        secretHeaders: ['authorization'],
      },
    });
    const found = await call('getConnection', { params: { connectionId } });
    expect(found.text).toBe(created.text);
    const all = await call('listConnections');
    expect(listed(all).data[0]).toMatchObject({ connectionId });
    for (const answer of [created, found, all]) expect(answer.text).not.toContain('app-4711');
    await call('deleteConnection', { params: { connectionId } });
    for (const method of ['GET', 'DELETE']) {
      const gone = await world.send({ method, path: `/connections/${connectionId}` });
      expect(gone.problem()).toMatchObject({ code: 'NOT_FOUND', status: 404 });
      expect(gone.problem().detail).toContain(connectionId);
    }
  });

  it('are refused with every fault, and no value', async () => {
    const refused = await world.send({
      method: 'POST',
      path: '/connections',
      json: {
        name: 'Dify',
        baseUrl: 'https://app-4711@169.254.169.254/',
        headers: { authorization: 'app-4711' },
        secretHeaders: { 'X-Key': 'app-4711\r\nHost: evil', 'Bearer app-4711': 'x' },
      },
    });
    expect(refused.problem()).toMatchObject({
      code: 'VALIDATION_ERROR',
      errors: [
        { pointer: '/baseUrl' },
        { pointer: '/headers/authorization' },
        { pointer: '/secretHeaders/X-Key' },
        { pointer: '/secretHeaders' },
      ],
    });
    expect(refused.text).not.toContain('app-4711');
  });
});

describe('webhooks', () => {
  it('are sent to endpoints that are made, tested and deleted', async () => {
    const json = { url: 'https://example.org/a', events: ['task_started'], description: ' A ' };
    const created = await call('createWebhookEndpoint', { json });
    const endpointId = String(field(created, 'endpointId'));
    expect(created.json()).toMatchObject({
      data: { url: json.url, events: json.events, description: 'A', status: 'active' },
    });
    expect(String(field(created, 'secret'))).toMatch(/^whsec_/);
    const [newest] = listed(await call('listWebhookEndpoints')).data;
    expect(newest).toMatchObject({ endpointId });
    expect(newest).not.toHaveProperty('secret');
    const tested = await call('testWebhookEndpoint', { params: { endpointId } });
    expect(world.ports.workflow.starts).toContainEqual({
      workflow: 'delivery',
      executionName: executionNames.delivery(String(field(tested, 'deliveryId')), 1),
      input: { of: endpointId, deliveryId: field(tested, 'deliveryId'), sending: 1 },
    });
    await call('deleteWebhookEndpoint', { params: { endpointId } });
    const path = `/webhook-endpoints/${endpointId}`;
    const again = await world.send({ method: 'DELETE', path });
    expect(again.problem()).toMatchObject({ code: 'NOT_FOUND', status: 404 });
    expect(again.problem().detail).toContain(endpointId);
  });

  it.each([
    ['http://example.org/', /https/],
    ['https://169.254.169.254/', /link-local/],
    [`https://example.org/${'a'.repeat(3_000)}`, /3020 characters/],
  ])('are not sent to %s', async (url, detail) => {
    for (const [path, pointer, body] of [
      ['/webhook-endpoints', '/url', { url }],
      [
        '/batch/tasks',
        '/webhookUrl',
        { templateIds: [world.ids.templateId], data: [{ name: 'Ada' }], webhookUrl: url },
      ],
    ] as const) {
      const refused = await world.send({ method: 'POST', path, json: body });
      expect(refused.problem()).toMatchObject({ code: 'VALIDATION_ERROR', errors: [{ pointer }] });
      expect(refused.problem().detail).toMatch(detail);
    }
  });

  it('are told which events there are', async () => {
    const json = { url: 'https://example.org/a', events: ['task_progress'] };
    const refused = await world.send({ method: 'POST', path: '/webhook-endpoints', json });
    expect(refused.problem()).toMatchObject({ errors: [{ pointer: '/events/0' }] });
    expect(refused.problem().detail).toMatch(/task_cancelled, task_completed, task_failed/);
  });

  it('of a task are listed, and sent anew', async () => {
    const { deliveryId, endpointId } = world.ids;
    const found = listed(await call('listDeliveries'));
    expect(found).toMatchObject({
      data: [{ deliveryId, endpointId, type: 'task_completed', status: 'pending', attempts: [] }],
      nextCursor: null,
    });
    const replayed = await call('replayDelivery');
    expect(replayed.json()).toMatchObject({ data: { deliveryId, status: 'pending' } });
    expect(world.ports.workflow.starts).toContainEqual({
      workflow: 'delivery',
      executionName: executionNames.delivery(deliveryId, 2),
      input: { of: world.ids.taskId, deliveryId, sending: 2 },
    });
  });

  it('of a task have a secret that its creation tells', async () => {
    const json = { templateIds: [world.ids.templateId], data: [{ name: 'Grace', city: 'NY' }] };
    const hook = { webhookUrl: 'https://example.org/b', webhookEvents: ['task_started'] };
    const created = await call('createTask', { json: { ...json, ...hook } });
    expect(String(field(created, 'webhookSecret'))).toMatch(/^whsec_/);
    const taskId = String(field(created, 'taskId'));
    const task = await call('getTask', { params: { taskId } });
    expect(task.text).not.toContain('whsec_');
  });
});

describe('files that somebody removed from the bucket', () => {
  it.each([
    ['downloadArchive', {}, /archive\.zip$/],
    ['listDocuments', {}, /segments\//],
    ['downloadDocument', { params: { row: 1 } }, /segments\//],
    ['listFailures', {}, /segments\//],
    ['listFailures', { query: 'format=csv' }, /reports\//],
    ['previewRows', {}, /rows\.jsonl$/],
  ])(
    'are told of by %s: no dead link, and no fault of ours',
    async (operationId, request, gone) => {
      const own = await createApiWorld();
      for (const key of own.ports.objects.keys()) if (gone.test(key)) own.ports.objects.remove(key);
      const route = routes.find((candidate) => candidate.operationId === operationId);
      if (!route) throw new Error(`There is no route ${operationId}.`);
      const { params = {}, ...rest } = request as {
        params?: Record<string, number>;
        query?: string;
      };
      const path = fillPath(route.path, { ...own.ids, ...params });
      const problem = (await own.send({ path, ...rest })).problem();
      expect(problem).toMatchObject({ code: 'DOWNLOAD_FAILED', status: 500, retryable: false });
      expect(problem.detail).not.toMatch(/segments|rows\.jsonl|archive\.zip/);
      expect(route.problems).toContain('DOWNLOAD_FAILED');
    },
  );
});

describe('services that call back', () => {
  it('may send anything, need no key, and are told the same each time', async () => {
    const { ports, ids } = world;
    const master = await ports.secrets.webhookMaster();
    const place = { taskId: ids.taskId, row: 1, step: 'ask', request: 'a'.repeat(32), after: 0 };
    const params = { callback: callbackToken(master, place) };
    const sent = { params, ownerId: undefined };
    const headers = { 'content-type': 'text/plain' };
    const taken = await call('takeCallback', { ...sent, body: 'Not JSON: {', headers });
    expect(taken.json()).toEqual({ data: { status: 'taken' } });
    expect((await call('takeCallback', { ...sent, body: 'another' })).text).toBe(taken.text);
    await call('takeCallback', sent);
    const kept = await findCallback(ports, place);
    expect([kept?.headers, Buffer.from(kept?.body ?? []).toString()]).toEqual([
      headers,
      'Not JSON: {',
    ]);
  });

  it('are refused what is too large, and what nobody waits for', async () => {
    const { taskId } = world.ids;
    const path = `/callbacks/${taskId}.1.ask.${'a'.repeat(32)}.0.${'A'.repeat(43)}`;
    const send = async (body: string) =>
      (await world.send({ method: 'POST', path, body, ownerId: undefined })).problem().code;
    expect(await send('{}')).toBe('NOT_FOUND');
    expect(await send('a'.repeat(MAX_BODY_BYTES + 1))).toBe('PAYLOAD_TOO_LARGE');
  });
});

describe('the service', () => {
  it('hands out tickets, its health and its description', async () => {
    const ticket = await call('createTicket');
    expect(String(field(ticket, 'websocketUrl'))).toMatch(/^wss:.*\?ticket=[\w-]{40,}$/);
    expect(field(await call('getHealth', { ownerId: undefined }), 'status')).toBe('ok');
    const description = await call('getOpenApi', { ownerId: undefined });
    expect(description.json()).toMatchObject({
      openapi: '3.1.1',
      servers: [{ url: API_BASE_PATH }],
    });
  });
});

afterAll(() => {
  // Every route is called by some test above: a new one without a test stops here.
  expect([...answered].sort()).toEqual(routes.map(({ operationId }) => operationId).sort());
});
