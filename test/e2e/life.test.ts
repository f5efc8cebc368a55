/** What lasts beyond a call: times that were set, keys that make a call once, what may not be asked for. */
import { expect, it } from 'vitest';
import { followTask } from '../../client/followTask.ts';
import { api, client, docx } from './api.ts';

const atEnd = (taskId: string) =>
  followTask(client(), taskId, undefined, { progress: () => undefined });

async function letter(): Promise<string> {
  return (await client().uploadTemplate('letter.docx', docx('Dear {name}'))).templateId;
}

it('starts a task at its time, which may be put off and taken back', async () => {
  const templateIds = [await letter()];
  const body = { templateIds, data: [{ name: 'Ada' }] };
  const later = (ms: number) => new Date(Date.now() + ms).toISOString();
  const { taskId, status } = await client().createTask({
    body: { ...body, startAt: later(3_600_000) },
  });
  expect(status).toBe('scheduled');
  const taken = await client().changeTask({ taskId, body: { startAt: null } });
  expect(taken.status).toBe('pending');
  const soon = await client().changeTask({ taskId, body: { startAt: later(2_000) } });
  expect(soon.status).toBe('scheduled');
  expect(await atEnd(taskId)).toMatchObject({ status: 'completed', succeeded: 1 });

  for (const startAt of [later(-3_600_000), later(366 * 24 * 3_600_000)]) {
    const refused = await api('createTask', { body: { ...body, startAt } });
    expect([refused.status, refused.body['code']]).toEqual([400, 'VALIDATION_ERROR']);
  }
});

it('creates once for a key, however often it is sent', async () => {
  const body = { templateIds: [await letter()], data: [{ name: 'Ada' }] };
  const headers = { 'idempotency-key': `key-${Date.now()}-${Math.random()}` };
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => api('createTask', { body, headers })),
  );
  const made = answers.filter(({ status }) => status === 201);
  const conflicts = answers.filter(({ status }) => status === 409);
  expect(made.length).toBeGreaterThan(0);
  expect(made.length + conflicts.length).toBe(answers.length);
  for (const { headers: sent, body: problem } of conflicts) {
    expect(problem['code']).toBe('IDEMPOTENCY_CONFLICT');
    expect(Number(sent.get('retry-after'))).toBeGreaterThan(0);
  }
  const again = await api('createTask', { body, headers });
  const ids = [...made, again].map((answer) => JSON.stringify(answer.body['data']).slice(0, 60));
  expect(new Set(ids).size).toBe(1);
  const other = await api('createTask', { body: { ...body, name: 'Another' }, headers });
  expect([other.status, other.body['code']]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  const long = { 'idempotency-key': 'k'.repeat(300) };
  const refused = await api('createTask', { body, headers: long });
  expect([refused.status, refused.body['code']]).toEqual([400, 'VALIDATION_ERROR']);
});

it.each([
  'http://example.org/hook',
  'https://127.0.0.1/hook',
  'https://169.254.169.254/latest/meta-data',
  'https://[::ffff:10.0.0.1]/hook',
  'https://0x7f000001/hook',
  `https://example.org/${'a'.repeat(3_000)}`,
])('sends nothing to %s', async (url) => {
  const refused = await api('createWebhookEndpoint', { body: { url } });
  expect([refused.status, refused.body['code']]).toEqual([400, 'VALIDATION_ERROR']);
  expect(JSON.stringify(refused.body)).toMatch(/https|address|characters/);
});
