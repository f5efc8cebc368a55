/** Deliveries from the event to the server: ids, signatures, attempts, ends. */
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { publishEnd } from '../../../shared/events/publish.ts';
import { tableKeys } from '../../../shared/keys.ts';
import {
  DELIVERY_PAUSES_SECONDS,
  DELIVERY_SECONDS,
  MAX_DELIVERIES,
  MAX_KEPT_ATTEMPTS,
  MAX_PASSING_DELIVERIES,
  WEBHOOK_TIMEOUT_MS,
} from '../../../shared/limits.ts';
import { METRICS } from '../../../shared/names.ts';
import { Problem } from '../../../shared/problems.ts';
import type { WebAnswer } from '../../../shared/ports.ts';
import { deleteTask } from '../../../shared/tasks/deleteTask.ts';
import { deleteEndpoint } from '../../../shared/webhooks/endpoints.ts';
import { sendWebhook } from '../../../shared/webhooks/sendWebhook.ts';
import { webhookSecret } from '../../../shared/webhooks/signing.ts';
import { listDeliveries, replayDelivery } from '../../../shared/webhooks/taskDeliveries.ts';
import { keepTaskWebhook } from '../../../shared/webhooks/taskWebhook.ts';
import { answerOf, createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, loadTask, OWNER, TASK_ID } from '../../support/tasks.ts';
import { end, finish, start } from '../events/support.ts';
import { deliveries, givenEndpoint, HOOK, runAll, runSending, sendings } from './support.ts';

let ports: MemoryPorts;
beforeEach(async () => {
  ports = createMemoryPorts();
  await givenTask(ports);
  // The package that verifies looks at the time itself.
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => void vi.useRealTimers());

/** Verifies a request as its receiver would; what it says. */
function received(secret: string, request: MemoryPorts['web']['requests'][number] | undefined) {
  vi.setSystemTime(ports.clock.now());
  return new Webhook(secret).verify(request?.body ?? '', { ...request?.headers });
}

const list = async () => (await listDeliveries(ports, OWNER, TASK_ID, { limit: 100 })).data;

const failing = (answer: WebAnswer) => {
  ports.web.answer = () => answer;
};

describe('an event', () => {
  it('is sent as Standard Webhooks says, which another implementation verifies', async () => {
    const { secret } = await givenEndpoint(ports);
    await finish(ports);
    await runAll(ports);
    const [request, ...others] = ports.web.requests;
    expect(others).toEqual([]);
    const [written] = ports.table.items().filter(({ sk }) => String(sk).startsWith('EVENT#'));
    expect(received(secret, request)).toEqual({
      type: 'task_completed',
      timestamp: written?.['at'],
      data: written?.['payload'],
    });
    expect(() => received(webhookSecret('another', 'secret'), request)).toThrow('No matching');
    expect(request).toMatchObject({
      method: 'POST',
      url: HOOK,
      timeoutMs: WEBHOOK_TIMEOUT_MS,
      headers: { 'content-type': 'application/json' },
    });
    expect(request?.headers['webhook-id']).toMatch(/^dlv_[0-9A-Z]{26}$/);
  });

  it('goes to every endpoint that wants it, under an id for each', async () => {
    await givenEndpoint(ports, { url: `${HOOK}/ends` });
    await givenEndpoint(ports, { url: `${HOOK}/starts`, events: ['task_started'] });
    await givenEndpoint(ports, { url: `${HOOK}/both`, events: ['task_started', 'task_completed'] });
    await givenEndpoint(ports, { url: `${HOOK}/stranger` }, 'owner-b');
    await start(ports);
    await finish(ports);
    await runAll(ports);
    const sent = ports.web.requests.map(({ url, body = '' }) => {
      const { type } = z.object({ type: z.string() }).parse(JSON.parse(body));
      return [url.slice(HOOK.length), type];
    });
    expect(sent.sort()).toEqual([
      ['/both', 'task_completed'],
      ['/both', 'task_started'],
      ['/ends', 'task_completed'],
      ['/starts', 'task_started'],
    ]);
    const ids = ports.web.requests.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(4);
  });

  it('goes to the task’s own webhook, signed with its own secret', async () => {
    const task = await loadTask(ports, TASK_ID);
    await keepTaskWebhook(ports, task, { url: `${HOOK}/own`, webhookEvents: undefined });
    await ports.table.update(tableKeys.task(TASK_ID), { set: { hasWebhook: true } });
    await finish(ports);
    await runAll(ports);
    const [request] = ports.web.requests;
    expect(request?.url).toBe(`${HOOK}/own`);
    const secret = webhookSecret(await ports.secrets.webhookMaster(), TASK_ID);
    expect(received(secret, request)).toMatchObject({ type: 'task_completed' });
    expect(await list()).toMatchObject([{ endpointId: null, status: 'delivered' }]);
  });

  it('is one delivery, however often it is told', async () => {
    await givenEndpoint(ports);
    const ended = await end(ports);
    if (!ended) throw new Error('The task did not end.');
    await publishEnd(ports, ended);
    const [first] = deliveries(ports);
    // The teller died before it took the event off the task: the next one tells it again.
    const { owed } = ended;
    const [key, event] = Object.entries(owed ?? {})[0] ?? [];
    await ports.table.update(tableKeys.task(TASK_ID), {
      set: { [`owed#${key}`]: { ...event, seq: 1 } },
    });
    await publishEnd(ports, await loadTask(ports, TASK_ID));
    expect(deliveries(ports)).toEqual([first]);
    expect(sendings(ports)).toHaveLength(1);
    await runAll(ports);
    await ports.table.update(tableKeys.task(TASK_ID), {
      set: { [`owed#${key}`]: { ...event, seq: 1 } },
    });
    const before = ports.workflow.starts.length;
    await publishEnd(ports, await loadTask(ports, TASK_ID));
    expect(ports.workflow.starts).toHaveLength(before);
  });

  it('is told again where its execution could not be started; after the end, by the step itself', async () => {
    await givenEndpoint(ports, { events: ['task_started', 'task_completed'] });
    const { workflow } = ports;
    const away = { ...workflow, start: () => Promise.reject(new Error('Step Functions is away')) };
    ports = { ...ports, workflow: away };
    // Work goes on.
    await start(ports);
    expect((await loadTask(ports, TASK_ID)).owed).toBeDefined();
    expect(deliveries(ports)).toHaveLength(1);
    await expect(finish(ports)).rejects.toThrow('away');
    ports = { ...ports, workflow };
    await publishEnd(ports, await loadTask(ports, TASK_ID));
    expect((await loadTask(ports, TASK_ID)).owed).toBeUndefined();
    await runAll(ports);
    expect(ports.web.requests).toHaveLength(2);
    expect(deliveries(ports).map(({ status }) => status)).toEqual(['delivered', 'delivered']);
  });

  it('costs a task nothing to note that nobody listens to', async () => {
    await start(ports);
    await finish(ports);
    expect(deliveries(ports)).toEqual([]);
    expect(ports.workflow.starts).toEqual([]);
  });

  it('is left out above the limit, but for the end', async () => {
    await givenEndpoint(ports, { events: ['task_started', 'task_completed'] });
    const key = tableKeys.deliveryCount(TASK_ID);
    await ports.table.put(key, { count: MAX_PASSING_DELIVERIES });
    await start(ports);
    expect(deliveries(ports)).toEqual([]);
    await finish(ports);
    expect(deliveries(ports)).toMatchObject([{ type: 'task_completed' }]);
    expect(MAX_DELIVERIES).toBeGreaterThan(MAX_PASSING_DELIVERIES);
    expect(ports.log.entries.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });
});

describe('a delivery', () => {
  beforeEach(async () => {
    await givenEndpoint(ports);
    await finish(ports);
  });
  const only = () => {
    const [sending] = sendings(ports);
    if (!sending) throw new Error('Nothing is sent.');
    return sending;
  };

  it('that fails twice is taken the third time: same id, same bytes, signed anew', async () => {
    const answers = [answerOf(500), { failure: 'timeout' } as const];
    ports.web.answer = () => answers.shift() ?? answerOf(202);
    expect(await runSending(ports, only())).toEqual([1, 5]);
    const { requests } = ports.web;
    expect(requests).toHaveLength(3);
    expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
    const times = requests.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 1, 6]);
    expect(new Set(requests.map(({ headers }) => headers['webhook-signature'])).size).toBe(3);
    expect(await list()).toMatchObject([
      {
        status: 'delivered',
        nextAttemptAt: null,
        attempts: [
          { delivered: false, httpStatus: 500, reason: 'status' },
          { delivered: false, httpStatus: null, reason: 'timeout', detail: /in time/ },
          { delivered: true, httpStatus: 202, reason: null, detail: null },
        ],
      },
    ]);
    expect(ports.metrics.counts).toEqual({ [METRICS.webhooksDelivered]: 1 });
  });

  it('is tried with growing pauses for 24 hours, and then given up', async () => {
    failing(answerOf(503));
    const pauses = await runSending(ports, only());
    expect(pauses).toHaveLength(DELIVERY_PAUSES_SECONDS.length);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    const all = pauses.reduce((sum, pause) => sum + pause, 0);
    expect(all).toBeGreaterThan(0.89 * DELIVERY_SECONDS);
    expect(all).toBeLessThanOrEqual(DELIVERY_SECONDS);
    expect(ports.web.requests).toHaveLength(pauses.length + 1);
    expect(await list()).toMatchObject([{ status: 'failed', detail: /24 hours.*Replay/ }]);
    expect(ports.metrics.counts).toEqual({ [METRICS.webhooksFailed]: 1 });
  });

  it('shows when it is tried next', async () => {
    failing(answerOf(500));
    const { pauseSeconds } = await sendWebhook(ports, only());
    const nextAttemptAt = new Date(ports.clock.now() + pauseSeconds * 1000).toISOString();
    expect(await list()).toMatchObject([{ status: 'pending', nextAttemptAt }]);
  });

  it.each([
    ['120', 120],
    ['0', 1],
    ['Thu, 01 Jan 2026 00:02:00 GMT', 120],
    ['Thu, 01 Jan 2020 00:00:00 GMT', 1],
    ['999999', DELIVERY_SECONDS],
    ['soon', 1],
    ['-5', 1],
  ])('waits as long as the server asks by Retry-After: %s', async (header, seconds) => {
    failing(answerOf(429, { 'retry-after': header }));
    const { pauseSeconds } = await sendWebhook(ports, only());
    expect(pauseSeconds).toBe(seconds);
  });

  it.each([
    [answerOf(200), undefined],
    [answerOf(299), undefined],
    [answerOf(301), 'redirect'],
    [answerOf(307, { location: 'http://169.254.169.254/' }), 'redirect'],
    [answerOf(199), 'status'],
    [answerOf(404), 'status'],
    [{ failure: 'not_allowed' } as const, 'not_allowed'],
    [{ failure: 'insecure' } as const, 'insecure'],
  ])('takes %j for %s', async (answer, reason) => {
    failing(answer);
    const { again } = await sendWebhook(ports, only());
    expect(again).toBe(reason !== undefined);
    expect(ports.web.requests).toHaveLength(1);
    expect(await list()).toMatchObject([{ attempts: [{ reason: reason ?? null }] }]);
  });

  it('ends its endpoint when the server answers 410', async () => {
    failing(answerOf(410));
    expect(await runSending(ports, only())).toEqual([]);
    expect(await list()).toMatchObject([{ status: 'failed', detail: /410/ }]);
    const { deliveryId } = only();
    await expect(replayDelivery(ports, OWNER, TASK_ID, deliveryId)).rejects.toMatchObject({
      code: 'INVALID_STATE',
    });
    // Nothing more is noted for it.
    await givenTask(ports, { run: 2, seq: 5 });
    await finish(ports);
    expect(deliveries(ports)).toHaveLength(1);
  });

  it('is over when its endpoint is closed, whether or not an attempt comes to notice', async () => {
    const [{ endpointId = null, status } = {}] = await list();
    expect(status).toBe('pending');
    await deleteEndpoint(ports, OWNER, endpointId ?? '');
    expect(await list()).toMatchObject([
      { status: 'failed', detail: /endpoint was deleted/, nextAttemptAt: null },
    ]);
  });

  it('ends when its endpoint was deleted', async () => {
    failing(answerOf(500));
    await sendWebhook(ports, only());
    const [{ endpointId = null } = {}] = await list();
    await deleteEndpoint(ports, OWNER, endpointId ?? '');
    expect(await sendWebhook(ports, only())).toMatchObject({ again: false });
    expect(ports.web.requests).toHaveLength(1);
    expect(await list()).toMatchObject([{ status: 'failed', detail: /endpoint was deleted/ }]);
  });

  it('ends quietly when it is gone with its task', async () => {
    failing(answerOf(500));
    await sendWebhook(ports, only());
    await deleteTask(ports, OWNER, TASK_ID);
    expect(await sendWebhook(ports, only())).toMatchObject({ again: false });
    expect(ports.web.requests).toHaveLength(1);
    expect(ports.table.items().filter(({ pk }) => pk === `TASK#${TASK_ID}`)).toEqual([]);
  });

  it('leaves nothing behind that is gone while it is sent', async () => {
    ports.web.answer = async () => {
      const { deliveryId } = only();
      await ports.table.delete(tableKeys.delivery(TASK_ID, deliveryId));
      return answerOf(500);
    };
    expect(await sendWebhook(ports, only())).toMatchObject({ again: false });
    expect(deliveries(ports)).toEqual([]);
  });

  it('that ended is not sent again by a repeated step', async () => {
    await runAll(ports);
    expect(await sendWebhook(ports, only())).toMatchObject({ again: false });
    expect(ports.web.requests).toHaveLength(1);
  });

  it('goes on whichever of two runs of one step is heard', async () => {
    await givenEndpoint(ports);
    await finish(ports);
    const [sending] = sendings(ports);
    if (!sending) throw new Error('Nothing was to be sent.');
    failing(answerOf(500));
    const both = await Promise.all([sendWebhook(ports, sending), sendWebhook(ports, sending)]);
    for (const { again, pauseSeconds } of both) {
      expect(again).toBe(true);
      expect(pauseSeconds).toBeGreaterThan(0);
    }
    failing(answerOf(204));
    await sendWebhook(ports, sending);
    const after = await Promise.all([sendWebhook(ports, sending), sendWebhook(ports, sending)]);
    expect(after.map(({ again }) => again)).toEqual([false, false]);
    expect(await list()).toMatchObject([{ status: 'delivered' }]);
  });

  it('can be replayed, under the same id, as often as one likes', async () => {
    failing(answerOf(500));
    await runSending(ports, only());
    ports.web.answer = () => answerOf(200);
    const { deliveryId } = only();
    for (const times of [1, 2, 3]) {
      const replayed = await replayDelivery(ports, OWNER, TASK_ID, deliveryId);
      expect(replayed).toMatchObject({ deliveryId, status: 'pending', nextAttemptAt: null });
      const latest = sendings(ports).at(-1);
      expect(latest).toMatchObject({ deliveryId, sending: 1 + times });
      if (latest) await runSending(ports, latest);
      expect(await list()).toMatchObject([{ status: 'delivered', detail: null }]);
    }
    expect(new Set(ports.web.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('that is replayed while it waits is sent by one of the two', async () => {
    failing(answerOf(500));
    const first = only();
    await sendWebhook(ports, first);
    await replayDelivery(ports, OWNER, TASK_ID, first.deliveryId);
    ports.web.answer = () => answerOf(200);
    expect(await sendWebhook(ports, first)).toMatchObject({ again: false });
    expect(ports.web.requests).toHaveLength(1);
    await runAll(ports);
    expect(ports.web.requests).toHaveLength(2);
    expect(await list()).toMatchObject([{ status: 'delivered' }]);
  });

  it('keeps its last attempts', async () => {
    failing(answerOf(500));
    const { deliveryId } = only();
    await runAll(ports);
    for (let i = 0; i < 3; i++) {
      await replayDelivery(ports, OWNER, TASK_ID, deliveryId);
      const latest = sendings(ports).at(-1);
      if (latest) await runSending(ports, latest);
    }
    expect(ports.web.requests.length).toBeGreaterThan(MAX_KEPT_ATTEMPTS);
    const [delivery] = await list();
    expect(delivery?.attempts).toHaveLength(MAX_KEPT_ATTEMPTS);
    expect(Buffer.byteLength(JSON.stringify(deliveries(ports)))).toBeLessThan(6_000);
  });

  it('is its owner’s alone', async () => {
    const { deliveryId } = only();
    const strange = [
      listDeliveries(ports, 'owner-b', TASK_ID, { limit: 20 }),
      replayDelivery(ports, 'owner-b', TASK_ID, deliveryId),
    ];
    for (const attempt of strange) {
      await expect(attempt).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    }
    const unknown = replayDelivery(ports, OWNER, TASK_ID, deliveryId.replace(/.$/, 'Z'));
    await expect(unknown).rejects.toThrow(Problem);
  });

  it('says nothing of where it goes, nor of what was answered, in logs', async () => {
    ports.web.answer = () => ({
      status: 500,
      headers: { 'x-secret': 'answered' },
      body: Buffer.from('answered'),
      isWhole: true,
    });
    await runSending(ports, only());
    expect(JSON.stringify(ports.log.entries)).not.toMatch(/example\.org|answered|whsec_/);
    expect(JSON.stringify(sendings(ports))).not.toMatch(/example\.org|task_completed/);
  });
});
