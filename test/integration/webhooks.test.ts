/** Webhooks of the whole application: its workflow, its functions and its secret, over real sockets. */
import { readFileSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../cli/target/client.ts';
import { followTask } from '../../client/followTask.ts';
import type { SheafClient } from '../../client/client.ts';
import { openSecretValues } from '../../local/secretsManager/secretValues.ts';
import { ALLOW_LOOPBACK_TARGETS } from '../../shared/names.ts';
import type { DeliveryView } from '../../shared/schemas/webhookApi.ts';
import { docx } from '../support/docx.ts';
import { startTestCloud, type TestCloud } from '../support/localCloud.ts';
import { secretsInMemory } from '../support/secretsFiles.ts';
import { startReceiver, type WebhookReceiver } from '../support/webhookReceiver.ts';

const LOOPBACK = { [ALLOW_LOOPBACK_TARGETS]: '1' };
const VALUE = 'Ada Lovelace';

let cloud: TestCloud;
let receiver: WebhookReceiver;
let client: SheafClient;
let templateId: string;

beforeAll(async () => {
  receiver = await startReceiver({
    '/taken': (response) => response.writeHead(204).end(),
    '/third': (response, count) => response.writeHead(count < 3 ? 500 : 200).end(),
    '/gone': (response) => response.writeHead(410).end(),
    '/hangs': () => undefined,
    '/redirects': (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
    '/elsewhere': (response) => response.writeHead(200).end(),
    '/later': (response, count) => response.writeHead(count < 2 ? 503 : 200).end(),
  });
  cloud = await startTestCloud(LOOPBACK);
  client = createClient(cloud);
  ({ templateId } = await client.uploadTemplate('letter.docx', docx('Dear {name}')));
}, 240_000);
afterAll(async () => {
  await cloud?.remove();
  await receiver?.close();
});

/** Makes one document; the task that did. */
async function runTask(webhook: object = {}) {
  const task = await client.createTask({
    body: { templateIds: [templateId], data: [{ name: VALUE }], autoStart: true, ...webhook },
  });
  await followTask(client, task.taskId, undefined, { progress: () => undefined });
  return task;
}

/** Looks until a delivery is as it should be. */
async function deliveryWhen(
  taskId: string,
  endpointId: string | null,
  isThere: (delivery: DeliveryView) => boolean,
): Promise<DeliveryView> {
  for (;;) {
    const { data } = await client.listDeliveries({ taskId });
    const found = data.find((delivery) => delivery.endpointId === endpointId);
    if (found && isThere(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const ended = ({ status }: DeliveryView) => status !== 'pending';
const tried = ({ attempts }: DeliveryView) => attempts.length > 0;

describe('a webhook', { timeout: 180_000 }, () => {
  it('of a task is sent at its start and its end, and verified by another implementation', async () => {
    const { taskId, webhookSecret = '' } = await runTask({
      webhookUrl: receiver.url('/taken'),
      webhookEvents: ['task_started', 'task_completed'],
    });
    await deliveryWhen(taskId, null, ended);
    await expect
      .poll(() => receiver.received('/taken').length, { timeout: 30_000 })
      .toBeGreaterThanOrEqual(2);
    const webhook = new Webhook(webhookSecret);
    const sent = receiver.received('/taken').map(({ body, headers }) => {
      const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': mark } = headers;
      return webhook.verify(body, {
        'webhook-id': String(id),
        'webhook-timestamp': String(time),
        'webhook-signature': String(mark),
      });
    });
    expect(sent).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          type: 'task_started',
          data: expect.objectContaining({ taskId, totalDocuments: 1 }) as unknown,
        }),
        expect.objectContaining({
          type: 'task_completed',
          data: expect.objectContaining({ taskId, status: 'completed' }) as unknown,
        }),
      ]),
    );
    expect(JSON.stringify(receiver.received('/taken'))).not.toContain(VALUE);
  });

  it('is sent until it is taken; is ended by 410; waits for nobody; follows nothing', async () => {
    const endpoints = await Promise.all(
      ['/third', '/gone', '/hangs', '/redirects'].map(async (path) => {
        const body = { url: receiver.url(path) };
        return [path, await client.createWebhookEndpoint({ body })] as const;
      }),
    );
    const { taskId } = await runTask();
    const outcome = async (path: string, isThere: (delivery: DeliveryView) => boolean) => {
      const [, endpoint] = endpoints.find(([name]) => name === path) ?? [];
      return deliveryWhen(taskId, endpoint?.endpointId ?? '', isThere);
    };

    // Pauses of 1 and 5 s lie between the three attempts.
    expect(await outcome('/third', ended)).toMatchObject({
      status: 'delivered',
      attempts: [{ httpStatus: 500 }, { httpStatus: 500 }, { httpStatus: 200 }],
    });
    const ids = receiver.received('/third').map(({ headers }) => headers['webhook-id']);
    expect([ids.length, new Set(ids).size]).toEqual([3, 1]);

    expect(await outcome('/gone', ended)).toMatchObject({
      status: 'failed',
      attempts: [{ httpStatus: 410, reason: 'gone' }],
    });
    const { data } = await client.listWebhookEndpoints();
    expect(data.find(({ url }) => url.endsWith('/gone'))).toMatchObject({ status: 'gone' });

    const [hung] = (await outcome('/hangs', tried)).attempts;
    expect(hung).toMatchObject({ httpStatus: null, reason: 'timeout' });
    const redirected = await outcome('/redirects', tried);
    expect(redirected.status).toBe('pending');
    expect(redirected.attempts[0]).toMatchObject({ httpStatus: 302, reason: 'redirect' });
    expect(receiver.received('/elsewhere')).toEqual([]);
    for (const [, { endpointId }] of endpoints) await client.deleteWebhookEndpoint({ endpointId });
  });

  it('is sent after a kill in the middle of a pause, with the same secret', async () => {
    const body = { url: receiver.url('/later') };
    const { endpointId, secret } = await client.createWebhookEndpoint({ body });
    const { taskId } = await runTask();
    await deliveryWhen(taskId, endpointId, tried);
    cloud = await cloud.restart('SIGKILL', LOOPBACK);
    client = createClient(cloud);
    const delivery = await deliveryWhen(taskId, endpointId, ended);
    expect(delivery).toMatchObject({ status: 'delivered' });
    const sent = receiver.received('/later');
    for (const { body: text, headers } of sent) {
      new Webhook(secret).verify(text, headers as Record<string, string>);
    }
    const before = sent.length;
    await client.replayDelivery({ taskId, deliveryId: delivery.deliveryId });
    await deliveryWhen(taskId, endpointId, ended);
    const after = receiver.received('/later');
    expect(after.length).toBe(before + 1);
    expect(new Set(after.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await client.deleteWebhookEndpoint({ endpointId });
  });

  it('keeps its master secret sealed for its user alone, and nothing of any webhook in logs', async () => {
    const [values, key] = ['secrets.json', 'secrets.key'].map((name) => {
      const file = join(cloud.dataDir, name);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      return readFileSync(file, 'utf8');
    });
    const [, arn = ''] = /"(arn:[^"]+)"/.exec(values ?? '') ?? [];
    const secret = openSecretValues([], secretsInMemory(values, key)).find(arn)?.value ?? '';
    expect(secret).toHaveLength(64);
    expect(values).not.toContain(secret);
    const folder = join(cloud.dataDir, 'logs');
    const logs = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
    );
    expect(logs.join('')).toContain('A webhook was delivered.');
    for (const word of [secret, 'whsec_', VALUE, receiver.url('')]) {
      expect(logs.join('')).not.toContain(word);
    }
  });

  it('goes to this machine only where that was allowed', async () => {
    cloud = await cloud.restart('SIGTERM', {});
    client = createClient(cloud);
    for (const url of [receiver.url('/taken'), 'https://127.0.0.1:8443/', 'https://localhost/']) {
      await expect(client.createWebhookEndpoint({ body: { url } })).rejects.toMatchObject({
        status: 400,
        code: 'VALIDATION_ERROR',
      });
    }
  });
});
