import { describe, expect, it } from 'vitest';
import { ApiError, ConnectionFailed, UnexpectedAnswer } from '../../../client/errors.ts';
import {
  ANSWER_TIMEOUT_MS,
  MAX_TRIES,
  RETRY_FOR_MS,
  UNDECIDED_MS,
} from '../../../client/timing.ts';
import { Problem, problemBody } from '../../../shared/problems.ts';
import { withRetries } from '../../../client/retry.ts';
import {
  API_URL,
  jumpingClock,
  json,
  scriptedClient,
  type Turn,
} from '../../support/clientWorld.ts';

const TASK_ID = 'task_01JDA4V5P0W8QZ6Y3M2T7R9KXC';
const TEMPLATE_ID = 'tpl_01JDA4V5P0W8QZ6Y3M2T7R9KXC';
const COUNT = json(200, { data: { activeTasks: 3 } });
const offline = () => new TypeError('fetch failed');
const gateway = (status: number, headers = {}) => json(status, { message: 'By itself' }, headers);
const problem = (code: ConstructorParameters<typeof Problem>[0]) => {
  const { status, ...body } = problemBody(new Problem(code, 'What is wrong.'), '/x');
  return json(status, { ...body, status }, { 'apigw-requestid': 'req-1' });
};
const createTask = { body: { templateIds: [TEMPLATE_ID], data: [{ a: 1 }] } };

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('Nothing was refused.'),
    (error: unknown) => error,
  );
}

describe('a call', () => {
  it('is what the route says', async () => {
    const { client, requests } = scriptedClient([
      json(200, { data: [], nextCursor: null, throughRow: 3, rowCount: 3 }),
    ]);
    const page = await client.listDocuments({ taskId: TASK_ID, status: 'failed', limit: 5 });
    expect(page).toEqual({ data: [], nextCursor: null, throughRow: 3, rowCount: 3 });
    expect(requests).toMatchObject([
      { url: `${API_URL}/batch/tasks/${TASK_ID}/documents?limit=5&status=failed`, method: 'GET' },
    ]);
    expect(requests[0]?.headers.get('authorization')).toBe('Bearer key-0000');
    expect(requests[0]?.headers.get('content-type')).toBeNull();
  });

  it('sends a body as JSON, an empty one where it may be left out', async () => {
    const source = { dataSourceId: 'ds_01JDA4V5P0W8QZ6Y3M2T7R9KXC', name: 'a', fileName: 'a.csv' };
    const view = { ...source, status: 'ingesting', createdAt: '2026-01-01T00:00:00Z', new: 1 };
    const { client, requests } = scriptedClient([json(202, { data: view })]);
    const { dataSourceId } = source;
    const answer = await client.completeDataSource({ dataSourceId });
    await client.completeDataSource({ dataSourceId, body: { format: 'csv' } });
    expect(requests.map(({ body }) => body)).toEqual([{}, { format: 'csv' }]);
    // A field of a newer service is left out, not an error.
    expect(answer).not.toHaveProperty('new');
  });

  it('gives links as data, documents as they are, and no key where none is needed', async () => {
    const link = { url: 'https://x', expiresAt: '2026-01-01T00:00:00Z', fileName: 'a', bytes: 1 };
    const { client, requests } = scriptedClient([
      json(200, { data: link }),
      json(200, { openapi: '3.1.1' }),
    ]);
    expect(await client.downloadArchive({ taskId: TASK_ID })).toEqual(link);
    expect(requests[0]?.headers.get('accept')).toBe('application/json');
    expect(await client.getOpenApi()).toEqual({ openapi: '3.1.1' });
    expect(requests[1]?.headers.get('authorization')).toBeNull();
  });

  it('goes through all pages of a list', async () => {
    const failure = (row: number) => ({
      row,
      template: 'letter',
      code: 'TIMEOUT',
      tag: null,
      column: null,
      detail: 'x',
    });
    const { client, requests } = scriptedClient([
      json(200, { data: [failure(1), failure(2)], nextCursor: 'a&b' }),
      json(200, { data: [failure(7)], nextCursor: null }),
    ]);
    const rows: number[] = [];
    for await (const { row } of client.each('listFailures', { taskId: TASK_ID })) rows.push(row);
    expect(rows).toEqual([1, 2, 7]);
    expect(requests[1]?.url).toContain('?cursor=a%26b');
  });
});

describe('a refusal', () => {
  it('is a typed error with everything that was said', async () => {
    const body = {
      ...problemBody(new Problem('VALIDATION_ERROR', 'Wrong.'), '/x'),
      errors: [{ code: 'FILE_EMPTY', pointer: '/a', detail: 'Wrong.' }],
    };
    const { client } = scriptedClient([json(400, body, { 'apigw-requestid': 'req-1' })]);
    const error = await errorOf(client.countActiveTasks());
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 400,
      code: 'VALIDATION_ERROR',
      message: 'Wrong.',
      retryable: false,
      requestId: 'req-1',
      errors: [{ code: 'FILE_EMPTY', pointer: '/a', detail: 'Wrong.' }],
    });
  });

  it('may come from the gateway, from a proxy, or with a code of the future', async () => {
    const said = async (turn: Turn) => errorOf(scriptedClient([turn]).client.countActiveTasks());
    expect(await said(gateway(403))).toMatchObject({
      status: 403,
      code: undefined,
      message: 'By itself',
      retryable: false,
    });
    expect(await said(new Response('<html>', { status: 404 }))).toMatchObject({
      status: 404,
      message: 'HTTP 404',
    });
    expect(await said(json(418, { detail: 'New.', code: 'NEW_CODE' }))).toMatchObject({
      status: 418,
      code: undefined,
      message: 'New.',
    });
    for (const answer of [new Response('<html>'), json(200, { data: { activeTasks: 'x' } })]) {
      expect(await said(answer)).toBeInstanceOf(UnexpectedAnswer);
    }
  });
});

describe('trying again', () => {
  it.each<[string, Turn]>([
    ['429 of the gateway', gateway(429)],
    ['a limit', problem('LIMIT_EXCEEDED')],
    ['503', gateway(503)],
    ['500 of the gateway', gateway(500)],
    ['a fault of the service', problem('INTERNAL')],
    ['a broken connection', offline()],
  ])('helps a call that may be repeated after %s', async (_, turn) => {
    const { client, clock, requests } = scriptedClient([turn, turn, COUNT]);
    expect(await client.countActiveTasks()).toEqual({ activeTasks: 3 });
    expect(requests).toHaveLength(3);
    // Half of the bound by this chance: of 250 ms, then of 500.
    expect(clock.slept).toEqual([125, 250]);
  });

  it.each<[string, Turn]>([
    ['wrong requests', problem('VALIDATION_ERROR')],
    ['a state that the caller has to see', problem('INVALID_STATE')],
    ['403 of the gateway', gateway(403)],
  ])('is not for %s', async (_, turn) => {
    const { client, requests } = scriptedClient([turn]);
    await errorOf(client.startTask({ taskId: TASK_ID }));
    expect(requests).toHaveLength(1);
  });

  it.each<[string, Turn]>([
    ['a broken connection', offline()],
    ['500 of the gateway', gateway(500)],
    ['a fault of the service', problem('INTERNAL')],
  ])('creates once for one call after %s, by a key of its own', async (_, turn) => {
    const { client, requests } = scriptedClient([turn, turn, gateway(404)]);
    for (const times of [1, 2]) {
      const error = await errorOf(client.createTask(createTask));
      expect([times, error]).toMatchObject([times, { status: 404 }]);
    }
    const keys = requests.map(({ headers }) => headers.get('idempotency-key'));
    expect(keys).toEqual([keys[0], keys[0], keys[0], keys[3]]);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[3]).not.toBe(keys[0]);
  });

  it('waits for a try of its own that is still being carried out', async () => {
    const { status, ...body } = problemBody(new Problem('IDEMPOTENCY_CONFLICT', 'x'), '/x');
    const conflict = json(status, { ...body, status }, { 'retry-after': '1' });
    const { client, clock, requests } = scriptedClient([offline(), conflict, gateway(404)]);
    await errorOf(client.createTask(createTask, { idempotencyKey: 'order-7' }));
    expect(requests.map(({ headers }) => headers.get('idempotency-key'))).toEqual([
      'order-7',
      'order-7',
      'order-7',
    ]);
    expect(clock.slept).toEqual([125, 1_250]);
  });

  it('sends no key where nothing is created', async () => {
    const { client, requests } = scriptedClient([gateway(404)]);
    await errorOf(client.startTask({ taskId: TASK_ID }, { idempotencyKey: 'x' }));
    expect(requests[0]?.headers.get('idempotency-key')).toBeNull();
  });

  it('repeats what must not happen twice only where it was refused at the door', async () => {
    const tries = async (error: Error, tookMs = 0) => {
      const clock = jumpingClock();
      let count = 0;
      const work = withRetries({ clock, random: () => 0.5 }, { repeatable: false }, async () => {
        if (++count > 1) throw new ApiError(404, 'x');
        await clock.sleep(tookMs);
        throw error;
      });
      await errorOf(work);
      return count;
    };
    expect(await tries(new ApiError(429, 'x'))).toBe(2);
    expect(await tries(new ApiError(503, 'x'), UNDECIDED_MS - 1)).toBe(2);
    // A function that ran out of time.
    expect(await tries(new ApiError(503, 'x'), UNDECIDED_MS)).toBe(1);
    expect(await tries(new ApiError(500, 'x'))).toBe(1);
    expect(await tries(new ConnectionFailed('x'))).toBe(1);
  });

  it('ends after so many tries, with waits that grow', async () => {
    const { client, clock, requests } = scriptedClient([gateway(503)]);
    expect(await errorOf(client.countActiveTasks())).toMatchObject({ status: 503 });
    expect(requests).toHaveLength(MAX_TRIES);
    expect(clock.slept).toEqual([125, 250, 500, 1000, 2000]);
  });

  it('ends with a typed error where no answer ever came', async () => {
    const { client } = scriptedClient([offline()]);
    const error = await errorOf(client.countActiveTasks());
    expect(error).toBeInstanceOf(ConnectionFailed);
    expect(error).toMatchObject({ message: 'GET /batch/active-count: no answer came.' });
  });

  it('waits as long as it was told, in seconds or until a date', async () => {
    const date = new Date(Date.UTC(2026, 0, 1) + 5_000).toUTCString();
    for (const [value, wait] of [
      ['2', 2_125],
      [date, 5_125],
      ['soon', 125],
    ] as const) {
      const turn = gateway(429, { 'retry-after': value });
      const { client, clock } = scriptedClient([turn, COUNT]);
      await client.countActiveTasks();
      expect([value, clock.slept]).toEqual([value, [wait]]);
    }
  });

  it('leaves waits beyond its time to the caller', async () => {
    const turn = gateway(429, { 'retry-after': String(RETRY_FOR_MS / 1000) });
    const { client, requests } = scriptedClient([turn]);
    const error = await errorOf(client.countActiveTasks());
    expect(error).toMatchObject({ retryAfterMs: RETRY_FOR_MS, retryable: true });
    expect(requests).toHaveLength(1);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const reason = new Error('Interrupted.');
    const { client, requests } = scriptedClient([
      () => {
        controller.abort(reason);
        return gateway(503);
      },
    ]);
    const { signal } = controller;
    expect(await errorOf(client.countActiveTasks({}, { signal }))).toBe(reason);
    expect(requests).toHaveLength(1);
  });

  it('does not wait for an answer for ever', () => {
    // More than the gateway takes, so that it is not given up while the gateway still waits.
    expect(ANSWER_TIMEOUT_MS).toBeGreaterThan(30_000);
  });
});

describe('an upload', () => {
  const target = {
    method: 'PUT',
    url: 'https://bucket.invalid/x',
    headers: { 'content-type': 'text/csv' },
    expiresAt: '2026-01-01T00:00:00Z',
  };
  const source = (status: string) => ({
    dataSourceId: 'ds_01JDA4V5P0W8QZ6Y3M2T7R9KXC',
    name: 'a',
    fileName: 'a.csv',
    status,
    createdAt: '2026-01-01T00:00:00Z',
  });
  const created = json(201, { data: { ...source('awaiting_upload'), upload: target } });
  const reading = json(202, { data: source('ingesting') });

  it('is sent, again if need be, and waited for', async () => {
    const { client, clock, requests } = scriptedClient([
      created,
      offline(),
      new Response('<Error/>', { status: 503 }),
      new Response(''),
      reading,
      json(200, { data: source('ingesting') }),
      json(200, { data: source('ready') }),
    ]);
    const bytes = new TextEncoder().encode('a\n1\n');
    const options = { name: 'Rows', reading: { format: 'csv' as const } };
    const found = await client.uploadDataSource('a.csv', bytes, options);
    expect(found.status).toBe('ready');
    const puts = requests.filter(({ method }) => method === 'PUT');
    expect(puts).toHaveLength(3);
    expect(puts[0]).toMatchObject({ url: target.url, body: bytes });
    expect(puts[0]?.headers.get('authorization')).toBeNull();
    expect(requests[0]?.body).toEqual({ name: 'Rows', fileName: 'a.csv' });
    expect(requests[4]?.body).toEqual({ format: 'csv' });
    expect(clock.slept).toEqual([125, 250, 100, 150]);
  });

  it('that the bucket refuses ends in its status', async () => {
    const { client } = scriptedClient([created, new Response('<Error/>', { status: 403 })]);
    const error = await errorOf(client.uploadDataSource('a.csv', new Uint8Array(1)));
    expect(error).toMatchObject({ status: 403, message: 'The upload was refused with HTTP 403.' });
  });
});
