/** The life of a task, over HTTP: paused, changed, resumed, and deleted with everything of it. */
import { expect, it } from 'vitest';
import { followTask } from '../../client/followTask.ts';
import { api, client, docx } from './api.ts';

/** Enough that the task is still at work when it is told to pause. */
const ROWS = 100_000;
/** Until a pause takes hold: 2 s on a machine that has nothing else to do. */
const PAUSE_TIMEOUT_MS = 20_000;

it('pauses a task, goes on with it, and leaves nothing when it is deleted', async () => {
  const { templateId } = await client().uploadTemplate('letter.docx', docx('Dear {name}'));
  const csv = ['name', ...Array.from({ length: ROWS }, (_, i) => `Person ${i}`)].join('\n');
  const bytes = new TextEncoder().encode(csv);
  const { dataSourceId } = await client().uploadDataSource('people.csv', bytes);
  // One shard after the other: however fast the machine is, there is some of it left to be paused.
  const options = { concurrency: 1 };
  const body = { templateIds: [templateId], dataSourceId, options, autoStart: true };
  const { taskId } = await client().createTask({ body });
  const params = { taskId };
  const task = () => client().getTask(params);
  await expect
    .poll(async () => (await task()).succeeded, { timeout: PAUSE_TIMEOUT_MS, interval: 20 })
    .toBeGreaterThan(0);

  expect(['pausing', 'paused']).toContain((await client().pauseTask(params)).status);
  await expect
    .poll(async () => (await task()).status, { timeout: PAUSE_TIMEOUT_MS })
    .toBe('paused');
  const paused = await client().pauseTask(params);
  expect(paused).toMatchObject({ status: 'paused', run: 1, expiresAt: null });
  expect(paused.succeeded).toBeGreaterThan(0);
  expect(paused.pending).toBeGreaterThan(0);
  expect(paused.succeeded + paused.failed + paused.skipped + paused.pending).toBe(ROWS);
  const [first] = (await client().listDocuments({ ...params, limit: 1 })).data;
  expect(first).toMatchObject({ row: 1, status: 'succeeded' });

  const unknown = await api('changeTask', { params, body: { nam: 'x' } });
  expect([unknown.status, unknown.body['code']]).toEqual([400, 'VALIDATION_ERROR']);
  const change = { name: 'Letters', options: { concurrency: 2, priority: 90 } };
  expect(await client().changeTask({ ...params, body: change })).toMatchObject({
    name: 'Letters',
    options: { concurrency: 2, priority: 90 },
  });

  expect(await client().resumeTask(params)).toMatchObject({ status: 'running', run: 2 });
  expect((await api('deleteTask', { params })).status).toBe(409);
  const end = await followTask(client(), taskId, undefined, { progress: () => undefined });
  expect(end).toMatchObject({ status: 'completed', succeeded: ROWS, failed: 0 });
  const log = await client().readLog(params);
  const types = log.data.map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(['pause_requested', 'task_paused', 'task_resumed']));
  const { url } = await client().downloadArchive(params);

  expect((await api('deleteTask', { params })).status).toBe(204);
  for (const operation of ['getTask', 'deleteTask', 'resumeTask'] as const) {
    const gone = await api(operation, { params });
    expect([gone.status, gone.body['code']]).toEqual([404, 'TASK_NOT_FOUND']);
  }
  expect((await fetch(url)).status).toBe(404);
  expect((await api('deleteTemplate', { params: { templateId } })).status).toBe(204);
  expect((await api('deleteDataSource', { params: { dataSourceId } })).status).toBe(204);
});
