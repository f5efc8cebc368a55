/** A service that calls back the local cloud, which is killed while its shards wait by task tokens. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { createClient } from '../../../client/client.ts';
import { CALL_SHARD_ROWS } from '../../../shared/limits.ts';
import { startTestCloud, type TestCloud } from '../../support/localCloud.ts';

/** Two shards, so that the children of a map wait. */
const ROWS = CALL_SHARD_ROWS + 5;
const BodySchema = z.object({ n: z.number(), url: z.string() });

let cloud: TestCloud;
const sent: z.infer<typeof BodySchema>[] = [];
const service = createServer((request, response) => {
  void text(request).then((body) => {
    sent.push(BodySchema.parse(JSON.parse(body)));
    response.writeHead(202).end();
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  cloud = await startTestCloud({
    SHEAF_ALLOW_LOOPBACK_TARGETS: '1',
    SHEAF_SERVICE_HOSTS: 'localhost',
  });
}, 120_000);
afterAll(async () => {
  await cloud.remove();
  service.closeAllConnections();
  service.close();
});

/** Calls the cloud back that runs now: it is at other ports than the one before. */
const callBack = async ({ n, url }: z.infer<typeof BodySchema>): Promise<number> => {
  const answer = await fetch(`${cloud.apiUrl}${url.slice(url.indexOf('/callbacks/'))}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ said: `answer ${n}` }),
  });
  return answer.status;
};

async function created(rows: number): Promise<string> {
  const { port } = service.address() as AddressInfo;
  const { taskId } = await createClient(cloud).createTask({
    body: {
      data: Array.from({ length: rows }, (_, i) => ({ n: i + 1 })),
      steps: [
        {
          name: 'ask',
          mode: 'callback',
          timeoutSeconds: 3_600,
          request: {
            url: `http://localhost:${port}/ask`,
            body: { n: '{n}', url: '{callbackUrl}' },
          },
          response: { values: { said: '/said' } },
          rateLimit: { perSecond: 1_000, burst: 200, concurrent: 200 },
        },
      ],
      autoStart: true,
    },
  });
  return taskId;
}

const ends = (taskId: string) =>
  expect
    .poll(async () => (await createClient(cloud).getTask({ taskId })).status, {
      timeout: 60_000,
      interval: 250,
    })
    .toBe('completed');

it.each([
  ['the only shard', 5],
  ['shards of a map', ROWS],
])(
  'goes on by callbacks that come after a kill: %s',
  async (_, rows) => {
    sent.length = 0;
    const taskId = await created(rows);
    await expect.poll(() => sent.length, { timeout: 60_000 }).toBe(rows);
    // Until all have gone to wait: nothing tells that from outside, and an earlier kill is no harm either.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    cloud = await cloud.restart('SIGKILL');
    expect((await createClient(cloud).getTask({ taskId })).status).toBe('running');
    const left = [...sent];
    const worker = async () => {
      for (let next = left.pop(); next; next = left.pop()) expect(await callBack(next)).toBe(202);
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    await ends(taskId);
    expect(await createClient(cloud).getProgress({ taskId })).toMatchObject({
      succeeded: rows,
      failed: 0,
    });
    expect(sent).toHaveLength(rows);
  },
  150_000,
);

it('is paused while it waits, at once', async () => {
  sent.length = 0;
  const taskId = await created(3);
  await expect.poll(() => sent.length, { timeout: 30_000 }).toBe(3);
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const client = createClient(cloud);
  await client.pauseTask({ taskId });
  await expect
    .poll(async () => (await client.getTask({ taskId })).status, { timeout: 15_000 })
    .toBe('paused');
  for (const one of sent) expect(await callBack(one)).toBe(202);
  await client.resumeTask({ taskId });
  await ends(taskId);
  expect(sent).toHaveLength(3);
}, 90_000);
