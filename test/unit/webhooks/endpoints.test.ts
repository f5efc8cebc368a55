import { describe, expect, it } from 'vitest';
import { MAX_ENDPOINTS } from '../../../shared/limits.ts';
import { Problem } from '../../../shared/problems.ts';
import { CreateTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { CreateEndpointSchema } from '../../../shared/schemas/webhookApi.ts';
import { WEBHOOK_EVENT_TYPES } from '../../../shared/schemas/webhookEvents.ts';
import { deleteEndpoint, listEndpoints, testEndpoint } from '../../../shared/webhooks/endpoints.ts';
import { answerOf, createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { createTypedClient } from '../../support/apiClient.ts';
import { givenTemplate } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';
import { REFUSED_URLS } from '../egress/cases.ts';
import { deliveries, givenEndpoint, HOOK, runAll } from './support.ts';

const STRANGER = 'owner-b';

const refusal = async (promise: Promise<unknown>): Promise<Problem> => {
  const error = await promise.then(
    () => expect.fail('Nothing was refused.'),
    (reason: unknown) => reason,
  );
  if (error instanceof Problem) return error;
  throw error;
};

describe('an endpoint', () => {
  it('gets the ends of tasks, unless others are chosen, and a secret that is told once', async () => {
    const ports = createMemoryPorts();
    const usual = await givenEndpoint(ports, { description: 'Ledger' });
    expect(usual).toMatchObject({
      url: HOOK,
      events: ['task_cancelled', 'task_completed', 'task_failed'],
      description: 'Ledger',
      status: 'active',
      lastTest: null,
    });
    expect(usual.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const other = await givenEndpoint(ports, { events: ['task_started'] });
    expect(other.secret).not.toBe(usual.secret);

    const { data } = await listEndpoints(ports, OWNER, { limit: 20 });
    expect(data.map(({ endpointId }) => endpointId).sort()).toEqual(
      [usual.endpointId, other.endpointId].sort(),
    );
    // Neither is a secret stored, nor told again.
    const stored = JSON.stringify([data, ports.table.items()]);
    for (const { secret } of [usual, other]) expect(stored).not.toContain(secret.slice(6));
  });

  it.each(REFUSED_URLS)('is not made at %s', async (url, reason) => {
    const ports = createMemoryPorts();
    const problem = await refusal(givenEndpoint(ports, { url }));
    expect(problem).toMatchObject({ code: 'VALIDATION_ERROR', errors: [{ pointer: '/url' }] });
    expect(problem.message).toMatch(reason);
    expect(ports.table.items()).toEqual([]);
  });

  it('takes events that last, and names them where others are asked for', () => {
    expect(WEBHOOK_EVENT_TYPES).toEqual(
      expect.arrayContaining(['task_started', 'task_completed', 'task_failed', 'task_cancelled']),
    );
    for (const type of ['task_progress', 'document_failed', 'shard_failed', 'nonsense']) {
      const { error } = CreateEndpointSchema.safeParse({ url: HOOK, events: [type] });
      expect(error?.issues[0]?.message).toContain(WEBHOOK_EVENT_TYPES.join(', '));
    }
    const doubled = { url: HOOK, events: ['task_failed', 'task_failed'] };
    expect(CreateEndpointSchema.parse(doubled).events).toEqual(['task_failed']);
  });

  it('is one of so many at most, however many are made at the same time', async () => {
    const ports = createMemoryPorts();
    const tries = Array.from({ length: 2 * MAX_ENDPOINTS }, () =>
      givenEndpoint(ports).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', message: /Delete one first/ });
          return false;
        },
      ),
    );
    const made = (await Promise.all(tries)).filter(Boolean).length;
    const { data } = await listEndpoints(ports, OWNER, { limit: 100 });
    expect(data).toHaveLength(made);
    expect(made).toBeLessThanOrEqual(MAX_ENDPOINTS);
    for (let i = made; i < MAX_ENDPOINTS; i++) await givenEndpoint(ports);
    expect((await refusal(givenEndpoint(ports))).code).toBe('LIMIT_EXCEEDED');
    // Another owner has its own.
    await givenEndpoint(ports, {}, STRANGER);
    const [last] = (await listEndpoints(ports, OWNER, { limit: 1 })).data;
    await deleteEndpoint(ports, OWNER, last?.endpointId ?? '');
    await givenEndpoint(ports);
  });

  it('is its owner’s alone', async () => {
    const ports = createMemoryPorts();
    const { endpointId } = await givenEndpoint(ports);
    expect((await listEndpoints(ports, STRANGER, { limit: 20 })).data).toEqual([]);
    const attempts = [
      deleteEndpoint(ports, STRANGER, endpointId),
      testEndpoint(ports, STRANGER, endpointId),
    ];
    for (const attempt of attempts) expect((await refusal(attempt)).code).toBe('NOT_FOUND');
    await deleteEndpoint(ports, OWNER, endpointId);
    expect((await refusal(deleteEndpoint(ports, OWNER, endpointId))).code).toBe('NOT_FOUND');
  });

  it('is not made when no secret can be told', async () => {
    const ports = createMemoryPorts();
    const secrets = { webhookMaster: () => Promise.reject(new Error('away')) };
    await expect(givenEndpoint({ ...ports, secrets })).rejects.toThrow('away');
    expect(ports.table.items()).toEqual([]);
  });
});

describe('the test of an endpoint', () => {
  it('is sent once, and its outcome is shown', async () => {
    for (const status of [200, 500]) {
      const ports = createMemoryPorts();
      ports.web.answer = () => answerOf(status);
      const { endpointId } = await givenEndpoint(ports);
      const { deliveryId } = await testEndpoint(ports, OWNER, endpointId);
      await runAll(ports);
      expect(ports.web.requests).toHaveLength(1);
      const [request] = ports.web.requests;
      expect(request?.headers).toMatchObject({ 'webhook-id': deliveryId });
      expect(JSON.parse(request?.body ?? '')).toMatchObject({
        type: 'webhook_test',
        data: { endpointId },
      });
      const [endpoint] = (await listEndpoints(ports, OWNER, { limit: 1 })).data;
      expect(endpoint?.lastTest).toMatchObject({
        delivered: status === 200,
        httpStatus: status,
        reason: status === 200 ? null : 'status',
      });
      expect(deliveries(ports)).toMatchObject([
        { status: status === 200 ? 'delivered' : 'failed' },
      ]);
    }
  });

  it('is refused once the server has answered 410', async () => {
    const ports = createMemoryPorts();
    ports.web.answer = () => answerOf(410);
    const { endpointId } = await givenEndpoint(ports);
    await testEndpoint(ports, OWNER, endpointId);
    await runAll(ports);
    const [endpoint] = (await listEndpoints(ports, OWNER, { limit: 1 })).data;
    expect(endpoint).toMatchObject({ status: 'gone', lastTest: { reason: 'gone' } });
    expect(await refusal(testEndpoint(ports, OWNER, endpointId))).toMatchObject({
      code: 'INVALID_STATE',
    });
  });
});

describe('the webhook of a task', () => {
  const create = async (ports: MemoryPorts, body: object) => {
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const client = createTypedClient(ports, OWNER);
    return client.createTask({
      body: { templateIds: [templateId], data: [{ name: 'Ada' }], ...body },
    });
  };

  it('has a secret of its own, which the answer of its creation alone tells', async () => {
    const ports = createMemoryPorts();
    const first = await create(ports, { webhookUrl: HOOK });
    const second = await create(ports, { webhookUrl: HOOK, webhookEvents: ['task_started'] });
    expect(first.webhookSecret).toMatch(/^whsec_/);
    expect(second.webhookSecret).not.toBe(first.webhookSecret);
    expect(await create(ports, {})).not.toHaveProperty('webhookSecret');
    expect(JSON.stringify(ports.table.items())).not.toContain(first.webhookSecret?.slice(6));
    // It goes with the task, and is none of the owner's endpoints.
    expect((await listEndpoints(ports, OWNER, { limit: 20 })).data).toEqual([]);
    const kept = ports.table.items().filter(({ sk }) => sk === 'WEBHOOK');
    expect(kept).toMatchObject([
      { events: ['task_cancelled', 'task_completed', 'task_failed'] },
      { events: ['task_started'] },
    ]);
    // Nothing of a task but its own item has a time of expiry.
    for (const item of kept) expect(item).not.toHaveProperty('expiresAt');
  });

  it.each([
    ['http://example.org/', 'webhookUrl'],
    ['https://10.0.0.1/', 'webhookUrl'],
    [`https://example.org/${'a'.repeat(3_000)}`, 'webhookUrl'],
  ])('is not made at %s, and neither is the task', async (webhookUrl, pointer) => {
    const ports = createMemoryPorts();
    await expect(create(ports, { webhookUrl })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      errors: [{ pointer: `/${pointer}` }],
    });
    expect(ports.table.items().filter(({ pk }) => String(pk).startsWith('TASK#'))).toEqual([]);
  });

  it('needs a URL to choose events for', () => {
    const body = { templateIds: ['tpl_01J00000000000000000000000'], data: [{}] };
    const { error } = CreateTaskSchema.safeParse({ ...body, webhookEvents: ['task_started'] });
    expect(error?.issues).toMatchObject([{ path: ['webhookUrl'], message: /Give the URL/ }]);
  });
});
