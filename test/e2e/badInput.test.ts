/** What a careless or hostile client sends: each gets its problem, and nothing else changes. */
import { describe, expect, inject, it } from 'vitest';
import type { CallInput } from '../../client/call.ts';
import { ApiError } from '../../client/errors.ts';
import { followTask } from '../../client/followTask.ts';
import type { Contract } from '../../shared/api/contract.ts';
import { servicePaths } from '../../shared/api/paths.ts';
import { MAX_BODY_BYTES } from '../../shared/limits.ts';
import { api, client, docx } from './api.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const LETTER = docx('Dear {name}');

/** The problem that an upload or a call of the client ends in. */
async function problemOf(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error('Nothing was refused.', { cause: error });
  return error;
}

describe('templates', () => {
  it.each([
    ['no ZIP', bytes('hello')],
    [
      'a legacy or encrypted file',
      Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
    ],
    ['unclosed and crossing tags', docx('{#a}{#b}{/a}{/b} {unclosed')],
  ])('that are %s are refused with TEMPLATE_INVALID', async (_, file) => {
    const problem = await problemOf(client().uploadTemplate('bad.docx', file));
    expect(problem).toMatchObject({ status: 422, code: 'TEMPLATE_INVALID' });
    expect(problem.message).not.toBe('');
  });

  it('without tags are taken, with a warning', async () => {
    const template = await client().uploadTemplate('plain.docx', docx('No tags here.'));
    expect(template).toMatchObject({ status: 'ready', tags: [] });
    expect(template.warnings).toHaveLength(1);
  });

  it('cannot be completed before they are uploaded', async () => {
    const { templateId } = await client().createTemplate({
      body: { name: 'x', fileName: 'x.docx' },
    });
    const answer = await api('completeTemplate', { params: { templateId }, body: {} });
    expect(answer).toMatchObject({ status: 409, body: { code: 'INVALID_STATE' } });
  });
});

describe('data sources', () => {
  it.each([
    ['empty', 'a.csv', ''],
    ['only a header', 'a.csv', 'name,town\n'],
    ['a name twice', 'a.csv', 'name,name\n1,2\n'],
    ['an empty name', 'a.csv', 'name,\n1,2\n'],
    ['a ragged row', 'a.csv', 'a,b\n1,2\n1,2,3\n'],
    ['a broken quote', 'a.csv', 'a,b\n1,"2\n3,4\n'],
    ['a non-object', 'a.json', '[{"a":1},2]'],
    ['no array', 'a.json', '{"a":1}'],
    ['broken JSON Lines', 'a.jsonl', '{"a":1}\n{"a":\n'],
  ])('that are %s are invalid and say why', async (_, fileName, text) => {
    const source = await client().uploadDataSource(fileName, bytes(text));
    expect(source.status).toBe('invalid');
    expect(source.problems?.length).toBeGreaterThan(0);
    const template = await client().uploadTemplate('letter.docx', LETTER);
    const task = await problemOf(
      client().createTask({
        body: {
          templateIds: [template.templateId],
          dataSourceId: source.dataSourceId,
        },
      }),
    );
    expect(task).toMatchObject({ status: 422, code: 'DATA_INVALID' });
  });

  it('with invalid UTF-8 say where', async () => {
    const file = Buffer.concat([Buffer.from('name\nAda\n'), Buffer.from([0xff, 0xfe, 0x0a])]);
    const source = await client().uploadDataSource('a.csv', new Uint8Array(file));
    expect(source).toMatchObject({ status: 'invalid' });
    expect(JSON.stringify(source.problems)).toContain('UTF-8');
  });
});

describe('tasks', () => {
  it('need rows, a template that exists, and one way to give rows', async () => {
    const { templateId } = await client().uploadTemplate('letter.docx', LETTER);
    const nobody = 'tpl_01J00000000000000000000000';
    const refused = async (body: CallInput<Contract['createTask']>['body']) => {
      const { status, code } = await problemOf(client().createTask({ body }));
      return { status, code };
    };
    expect(await refused({ templateIds: [templateId], data: [] })).toEqual({
      status: 400,
      code: 'VALIDATION_ERROR',
    });
    expect(await refused({ templateIds: [nobody], data: [{ a: 1 }] })).toEqual({
      status: 404,
      code: 'TEMPLATE_NOT_FOUND',
    });
    expect(
      await refused({ templateIds: [templateId], dataSourceId: 'ds_01J00000000000000000000000' }),
    ).toEqual({ status: 404, code: 'DATA_SOURCE_NOT_FOUND' });
    expect(await refused({ templateIds: [templateId] })).toMatchObject({ status: 400 });
    const misspelt = { templateIds: [templateId], data: [{}], colour: 'red' };
    expect(await refused(misspelt)).toMatchObject({ status: 400 });
  });

  it('start once, however often and however fast they are told to', async () => {
    const { templateId } = await client().uploadTemplate('letter.docx', LETTER);
    const task = await client().createTask({
      body: {
        templateIds: [templateId],
        data: Array.from({ length: 50 }, (_, i) => ({ name: `P${i}` })),
      },
    });
    const starts = await Promise.all(
      Array.from({ length: 5 }, () => client().startTask({ taskId: task.taskId })),
    );
    expect(starts.every((view) => view.startedAt === starts[0]?.startedAt)).toBe(true);
    const final = await followTask(client(), task.taskId, task.websocketUrl, {
      progress: () => undefined,
    });
    expect(final).toMatchObject({ status: 'completed', succeeded: 50 });
    const again = await problemOf(client().startTask({ taskId: task.taskId }));
    expect(again).toMatchObject({ status: 409, code: 'INVALID_STATE' });
  });

  it('can be cancelled before they start and while they run, and keep what was made', async () => {
    const { templateId } = await client().uploadTemplate('letter.docx', LETTER);
    const pending = await client().createTask({
      body: { templateIds: [templateId], data: [{ name: 'A' }] },
    });
    expect(await client().cancelTask({ taskId: pending.taskId })).toMatchObject({
      status: 'cancelled',
    });
    expect(await client().cancelTask({ taskId: pending.taskId })).toMatchObject({
      status: 'cancelled',
    });

    const task = await client().createTask({
      body: {
        templateIds: [templateId],
        data: Array.from({ length: 20_000 }, (_, i) => ({ name: `Person ${i}` })),
        options: { concurrency: 2 },
        autoStart: true,
      },
    });
    const cancelled = await client().cancelTask({ taskId: task.taskId });
    expect(['cancelling', 'cancelled']).toContain(cancelled.status);
    const final = await followTask(client(), task.taskId, task.websocketUrl, {
      progress: () => undefined,
    });
    expect(final.status).toBe('cancelled');
    const view = await client().getTask({ taskId: task.taskId });
    expect(view.succeeded + view.failed + view.skipped + view.pending).toBe(view.totalDocuments);
    if (view.succeeded > 0) {
      const link = await client().downloadArchive({ taskId: task.taskId });
      expect((await fetch(link.url)).status).toBe(200);
    }
  });
});

describe('requests', () => {
  it('without a key, with a bad one and to nowhere are refused', async () => {
    const plain = await api('listTasks', { headers: { authorization: '' } });
    expect(plain.status).toBe(401);
    const bad = await api('listTasks', { headers: { authorization: 'Bearer wrong-key-00' } });
    expect(bad.status).toBe(403);
    const nowhere = await fetch(`${client().apiUrl}/nowhere`, {
      headers: { authorization: `Bearer ${inject('apiKey')}` },
    });
    expect(nowhere.status).toBe(404);
    expect(await nowhere.json()).toMatchObject({ code: 'NOT_FOUND' });
    expect(nowhere.headers.get('content-type')).toContain('application/problem+json');
  });

  it('with malformed JSON, a wrong content type or a large body are refused', async () => {
    expect(await api('createTemplate', { body: '{"name":' })).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_ERROR' },
    });
    expect(
      await api('createTemplate', { body: '<a/>', headers: { 'content-type': 'text/plain' } }),
    ).toMatchObject({ status: 400 });
    expect(
      await api('createTask', { body: JSON.stringify({ data: ['x'.repeat(MAX_BODY_BYTES)] }) }),
    ).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } });
  });

  it('of the largest body are taken, however many quotes are in it', async () => {
    const { templateId } = await client().uploadTemplate('letter.docx', LETTER);
    const row = '{"name":"\\"\\""},';
    const begin = `{"templateIds":["${templateId}"],"data":[`;
    const rows = row.repeat(Math.floor((MAX_BODY_BYTES - begin.length - 2) / row.length));
    const body = `${begin}${rows.slice(0, -1)}]}`;
    expect(body.length).toBeGreaterThan(MAX_BODY_BYTES - 100);
    expect(await api('createTask', { body })).toMatchObject({ status: 201 });
    // Above what Lambda takes, the gateway speaks for itself.
    const larger = JSON.stringify({ data: ['"'.repeat(3_300_000)] });
    const refused = await api('createTask', { body: larger });
    expect([413, 500, 502]).toContain(refused.status);
    expect(refused.body['message']).toEqual(expect.any(String));
  });

  it('for health may be HEAD, and need no key', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await fetch(`${client().apiUrl}${servicePaths.health}`, { method });
      expect([method, answer.status]).toEqual([method, 200]);
    }
  });
});
