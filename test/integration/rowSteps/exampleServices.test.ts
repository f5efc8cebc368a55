/** The services of the example are as hard to please as real ones, and count what they are asked. */
import { inflateSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import {
  startServices,
  type RunningServices,
  type ServicesOptions,
} from '../../../examples/rowSteps/services.ts';
import { RowStepSchema } from '../../../shared/schemas/rowSteps.ts';
import { compileSteps } from '../../../shared/rowSteps/compileSteps.ts';

const KEY = 'key-of-a-test';
let services: RunningServices | undefined;
afterEach(() => services?.stop());

async function given(options: Partial<ServicesOptions> = {}) {
  services = await startServices({ key: KEY, ...options });
  const { url, figures } = services;
  const post = (
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'x-api-key': KEY, ...headers },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  return { post, figures };
}

const RUN = '/v1/workflows/run';
const inputs = { title: 'Tides', topic: 'The moon and the sea', audience: 'sailors' };
const runIn = (mode: string) => ({ inputs, response_mode: mode, user: 'somebody' });

/** What a step of the kind takes from an answer. */
async function taken(kind: 'dify' | 'http', values: Record<string, string>, answer: Response) {
  const step = RowStepSchema.parse({
    ...{ name: 'a', kind, request: { url: 'https://api.example.com/x' }, response: { values } },
  });
  const [compiled] = compileSteps([step], () => undefined, []);
  return compiled?.take({
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: new Uint8Array(await answer.arrayBuffer()),
  });
}

it.each(['blocking', 'streaming'])('runs a workflow as Dify does, %s', async (mode) => {
  const { post } = await given();
  const answer = await post(RUN, runIn(mode));
  expect(answer.headers.get('content-type')).toContain(
    mode === 'blocking' ? 'application/json' : 'text/event-stream',
  );
  expect(await taken('dify', { text: '/text', words: '/words' }, answer)).toMatchObject({
    ok: true,
    values: { text: expect.stringContaining('The moon and the sea') as string, words: 10 },
  });
  const long = { ...runIn(mode), inputs: { ...inputs, topic: 'x'.repeat(3_000) } };
  const failed = await post(RUN, long);
  expect(failed.status).toBe(200);
  expect(await taken('dify', { text: '/text' }, failed)).toMatchObject({
    wrong: 'The workflow ended as "failed"',
  });
});

it('refuses as each service does', async () => {
  const { post } = await given();
  const stranger = await post(RUN, runIn('blocking'), { authorization: 'Bearer of nobody' });
  expect([stranger.status, await stranger.json()]).toMatchObject([401, { code: 'unauthorized' }]);
  const empty = await post(RUN, { ...runIn('blocking'), inputs: {} });
  expect([empty.status, await empty.json()]).toMatchObject([400, { code: 'invalid_param' }]);
  const chat = await post('/v1/chat/completions', {});
  expect([chat.status, await chat.json()]).toMatchObject([
    400,
    { error: { type: 'invalid_request_error' } },
  ]);
  expect((await post('/nowhere', {})).status).toBe(404);
  expect(services?.figures()).toMatchObject({ asked: 4, paid: 0 });
});

it('completes a chat', async () => {
  const { post } = await given();
  const messages = [{ role: 'user', content: 'Tides' }];
  const answer = await post('/v1/chat/completions', { model: 'a', messages });
  expect(await taken('http', { said: '/choices/0/message/content' }, answer)).toMatchObject({
    values: { said: expect.stringContaining('Tides') as string },
  });
});

it('paints a PNG whose colours follow from the prompt', async () => {
  const { post } = await given();
  const paint = async (prompt: string) =>
    Buffer.from(await (await post('/images', { prompt, width: 40, height: 20 })).arrayBuffer());
  const [first, again, other] = [await paint('a'), await paint('a'), await paint('b')];
  expect(first.equals(again)).toBe(true);
  expect(first.equals(other)).toBe(false);
  expect(first.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  expect([first.readUInt32BE(16), first.readUInt32BE(20)]).toEqual([40, 20]);
  const length = first.readUInt32BE(33);
  expect(inflateSync(first.subarray(41, 41 + length))).toHaveLength(20 * (1 + 3 * 40));
});

it('keeps what it made under a key, and notices whoever pays twice', async () => {
  const { post, figures } = await given({ workMs: [50, 50] });
  const ask = (key: string, prompt: string) =>
    post('/images', { prompt }, { 'idempotency-key': key });
  const both = await Promise.all([ask('1', 'a'), ask('1', 'a')]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect(figures()).toMatchObject({ asked: 2, paid: 1, paidTwice: 0, repeated: 1 });
  expect((await ask('1', 'b')).status).toBe(422);
  await ask('2', 'a');
  expect(figures()).toMatchObject({ asked: 4, paid: 2, paidTwice: 1 });
});

it('takes so many calls a second, and not one more', async () => {
  const { post, figures } = await given({ perSecond: 5 });
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => post('/images', { prompt: `${i}` })),
  );
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(3);
  expect(refused[0]?.headers.get('retry-after')).toBe('1');
  expect(figures()).toMatchObject({ paid: 5, throttled: 3, mostInASecond: 5 });
});

it('breaks and falls silent by its seed alone, and has worked for what it never answers', async () => {
  const broken = await given({ brokenShare: 0.5 });
  const statuses = async (post: typeof broken.post) => {
    const all: number[] = [];
    for (let i = 0; i < 12; i++) all.push((await post('/images', { prompt: `${i}` })).status);
    return all;
  };
  const first = await statuses(broken.post);
  expect(new Set(first)).toEqual(new Set([200, 503]));
  await services?.stop();
  expect(await statuses((await given({ brokenShare: 0.5 })).post)).toEqual(first);
  await services?.stop();

  const { post, figures } = await given({ silentShare: 1 });
  const unanswered = post('/images', { prompt: 'a' }, {}, AbortSignal.timeout(300));
  await expect(unanswered).rejects.toThrow();
  expect(figures()).toMatchObject({ asked: 1, paid: 1, silent: 1 });
});
