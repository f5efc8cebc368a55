import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { ALLOW_LOOPBACK_TARGETS } from '../../../shared/names.ts';
import {
  createTask,
  finishTask,
  linesOf,
  startCliWorld,
  type CliWorld,
} from '../../support/cliWorld.ts';
import { startReceiver, type WebhookReceiver } from '../../support/webhookReceiver.ts';

const EndpointSchema = z.object({ endpointId: z.string(), secret: z.string() });

let world: CliWorld;
let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await startReceiver({
    '/taken': (response) => response.writeHead(204).end(),
    '/broken': (response) => response.writeHead(500).end(),
  });
  world = await startCliWorld({ [ALLOW_LOOPBACK_TARGETS]: '1' });
});
afterAll(async () => {
  await world?.remove();
  await receiver?.close();
});

describe('sheaf webhook add, list, test, remove', () => {
  it('goes through the life of an endpoint', async () => {
    const added = await world.sheaf([
      ...['webhook', 'add', receiver.url('/taken'), '--json'],
      ...['--events', 'task_started, task_completed'],
    ]);
    expect(added.code).toBe(0);
    const { endpointId, secret } = EndpointSchema.parse(linesOf(added.out)[0]);
    const tested = await world.sheaf(['webhook', 'test', endpointId]);
    expect(tested).toMatchObject({ code: 0 });
    expect(tested.out).toMatch(/delivered {2}HTTP 204 in \d+ ms/);
    const { headers, body } = receiver.received('/taken')[0] ?? {};
    expect(new Webhook(secret).verify(body ?? '', headers as Record<string, string>)).toMatchObject(
      {
        type: 'webhook_test',
      },
    );
    const { out } = await world.sheaf(['webhook', 'list']);
    expect(out).toContain('active  delivered  task_started, task_completed');
    expect(out).not.toContain(secret);
    const removed = await world.sheaf(['webhook', 'remove', '--yes', endpointId]);
    expect(removed).toMatchObject({ code: 0 });
    expect(await world.json('webhook', 'list')).toEqual([]);
  });

  it('tells of a test that is not taken, and of events that there are not', async () => {
    const added = await world.sheaf(['webhook', 'add', receiver.url('/broken'), '--json']);
    const { endpointId } = EndpointSchema.parse(linesOf(added.out)[0]);
    const tested = await world.sheaf(['webhook', 'test', endpointId]);
    expect(tested).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('500') as string,
    });
    const events = ['--events', 'task_progress'];
    const wrong = await world.sheaf(['webhook', 'add', receiver.url('/taken'), ...events]);
    expect(wrong).toMatchObject({
      code: 2,
      err: expect.stringMatching(/Must be one of task_.*task_completed/) as string,
    });
    await world.sheaf(['webhook', 'remove', '--yes', endpointId]);
  });
});

describe('sheaf webhook listen', () => {
  it('receives, verifies and shows events, and removes its endpoint behind it', async () => {
    let taskId = '';
    let isRefused: Promise<Response> | undefined;
    const listening = world.sheaf(
      ['webhook', 'listen', '--events', 'task_started,task_completed'],
      {
        onText(all, kill) {
          const [, url] = /Listening at (\S+);/.exec(all) ?? [];
          if (url === undefined) return;
          isRefused ??= fetch(url, { method: 'POST', body: '{}' });
          if (taskId === '') {
            taskId = 'made';
            void createTask(world.client, [{ name: 'Ada', city: 'Bonn' }]).then((id) => {
              taskId = id;
              return finishTask(world.client, id);
            });
          }
          if (all.includes('task_completed')) kill('SIGINT');
        },
      },
    );
    const { code, out, err } = await listening;
    expect({ code, err }).toMatchObject({ code: 0 });
    const shown = out.trim().split('\n');
    expect(shown.map((line) => line.slice('2026-11-26 08:00:00Z  '.length)).sort()).toEqual([
      `task_completed  ${taskId}`,
      `task_started  ${taskId}`,
    ]);
    expect((await isRefused)?.status).toBe(401);
    expect(err).toContain('A message was refused: it is not signed.');
    expect(await world.json('webhook', 'list')).toEqual([]);
  }, 60_000);

  it.each([
    [['--secret-file', 'secret.txt', '--url', 'https://example.org'], /leave out --url/],
    [['--secret-file', 'wrong.txt'], /holds no secret/],
    [['--port', '99999'], /--port/],
  ])('%j is refused in a sentence', async (args, message) => {
    await world.write('wrong.txt', 'secret');
    const refused = await world.sheaf(['webhook', 'listen', ...args]);
    expect(refused).toMatchObject({ code: 2, err: expect.stringMatching(message) as string });
  });

  it('says whom a port belongs to, and how the local cloud reaches this machine', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const used = await world.sheaf(['webhook', 'listen', '--port', String(port)]);
    other.close();
    expect(used).toMatchObject({ code: 1, err: expect.stringContaining('is in use') as string });
  });
});
