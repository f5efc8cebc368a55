/** Every route that creates, with an Idempotency-Key: once, whatever happens to its process. */
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { contract, type OperationId } from '../../../shared/api/contract.ts';
import { isRepeatable, type RouteDescription } from '../../../shared/api/route.ts';
import { fillPath } from '../../../shared/api/paths.ts';
import { ID_PREFIXES } from '../../../shared/ids.ts';
import { IDEMPOTENCY_LEASE_MS, IDEMPOTENCY_SECONDS } from '../../../shared/limits.ts';
import type { Item, Ports } from '../../../shared/ports.ts';
import { createApiClient, type ApiAnswer } from '../../support/apiClient.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { mortalPorts } from '../../support/mortalPorts.ts';
import { givenTemplate } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';

const KEY = '8e03978e-40d5-43e8-bc93-6894a57f9324';
/** A value of a row, or of a secret header, which nothing that is kept of an answer may hold. */
const SECRET = 'Lovelace-4711';

interface World {
  readonly ports: MemoryPorts;
  readonly templateId: string;
}

/** A body for each route that creates; another for the same route. */
const BODIES: Partial<Record<OperationId, (world: World) => [body: object, other: object]>> = {
  createTemplate: () => [
    { name: 'Letter', fileName: 'letter.docx' },
    { name: 'Other', fileName: 'letter.docx' },
  ],
  createDataSource: () => [
    { name: 'People', fileName: 'people.csv' },
    { name: 'People', fileName: 'people.json' },
  ],
  createCheck: ({ templateId }) => [
    { templateIds: [templateId], data: [{ nam: SECRET, city: 'x' }] },
    { templateIds: [templateId], data: [{ nam: 'Other', city: 'x' }] },
  ],
  createSamples: ({ templateId }) => [
    { templateIds: [templateId], data: [{ nam: SECRET, city: 'x' }], rows: '1' },
    { templateIds: [templateId], data: [{ nam: 'Other', city: 'x' }], rows: '1' },
  ],
  createTask: ({ templateId }) => {
    const webhook = { webhookUrl: 'https://example.org/hooks' };
    const task = { templateIds: [templateId], autoStart: true, metadata: { a: 'b' }, ...webhook };
    // A column that no tag reads and a tag that no column fills: there are warnings to keep.
    return [
      { ...task, data: [{ nam: SECRET, city: 'x' }] },
      { ...task, data: [{ nam: 'Other', city: 'x' }] },
    ];
  },
  createWebhookEndpoint: () => [
    { url: 'https://example.org/hooks', description: 'Ledger' },
    { url: 'https://example.org/hooks', description: 'Other' },
  ],
  createConnection: () => {
    const service = { name: 'Dify', baseUrl: 'https://api.dify.ai/v1' };
    return [
      { ...service, secretHeaders: { authorization: SECRET } },
      { ...service, secretHeaders: { authorization: `${SECRET}2` } },
    ];
  },
};

/** What is told anew and the same: it is derived from the id, and stored nowhere. */
const DERIVED = ['secret', 'webhookSecret'];

const routes = Object.entries(contract) as [OperationId, RouteDescription][];
const creating = routes.filter(([, { creates }]) => creates);

async function createWorld(): Promise<World> {
  const ports = createMemoryPorts();
  return { ports, templateId: await givenTemplate(ports, 'Dear {name} of {city}') };
}

const send = (
  ports: Ports,
  operationId: OperationId,
  json: object,
  key: string | null,
  ownerId = OWNER,
) =>
  createApiClient(ports)({
    method: 'POST',
    path: fillPath(contract[operationId].path),
    ownerId,
    headers: key === null ? {} : { 'idempotency-key': key },
    json,
  });

const dataOf = (answer: ApiAnswer) =>
  z.object({ data: z.record(z.string(), z.json()) }).parse(answer.json()).data;

/** What is the same in every answer. */
const keptOf = (operationId: OperationId, answer: ApiAnswer) => {
  const { creates }: RouteDescription = contract[operationId];
  const fields = Object.entries(dataOf(answer));
  return Object.fromEntries(fields.filter(([name]) => !creates?.fresh.includes(name)));
};

/** Keys of what was created since. */
const made = ({ ports }: World, before: ReadonlySet<string>) =>
  ports.table
    .items()
    .filter(
      ({ pk, sk }) =>
        /^(META$|ENDPOINT#|SERVICE#conn_)/.test(String(sk)) && !/^(IDEM|TICKET)#/.test(String(pk)),
    )
    .map(nameOf)
    .filter((name) => !before.has(name));
const nameOf = ({ pk, sk }: Item) => `${String(pk)}/${String(sk)}`;
const present = ({ ports }: World) => new Set(ports.table.items().map(nameOf));

it('is told by the contract of every POST that may not be repeated as it is', () => {
  const others = routes.filter(([, route]) => route.method === 'POST' && !isRepeatable(route));
  expect(others.map(([name]) => name)).toEqual(creating.map(([name]) => name));
  expect(Object.keys(BODIES).sort()).toEqual(creating.map(([name]) => name).sort());
});

describe.each(creating)('%s with a key', (operationId, { creates, answers: [answered] }) => {
  const CREATED = answered?.kind === 'data' ? answered.status : 201;
  /** What it makes is begun, and names things of its owner. */
  const isOrder = ['createTask', 'createCheck', 'createSamples'].includes(operationId);
  let world: World;
  let body: object;
  let other: object;
  let before: ReadonlySet<string>;
  beforeEach(async () => {
    world = await createWorld();
    [body = {}, other = {}] = BODIES[operationId]?.(world) ?? [];
    before = present(world);
  });
  const again = (json = body, key: string | null = KEY) =>
    send(world.ports, operationId, json, key);

  it('creates once and answers the same, but for what ends soon', async () => {
    const first = await again();
    expect(first.status).toBe(CREATED);
    world.ports.clock.advance((IDEMPOTENCY_SECONDS - 1) * 1000);
    const second = await again();
    expect(second.status).toBe(CREATED);
    expect(keptOf(operationId, second)).toEqual(keptOf(operationId, first));
    expect(made(world, before)).toHaveLength(1);
    for (const name of creates?.fresh ?? []) {
      expect(dataOf(second)[name]).toBeDefined();
      const isSame = dataOf(second)[name] === dataOf(first)[name];
      expect([name, isSame]).toEqual([name, DERIVED.includes(name)]);
    }
  });

  it('takes the key in quotes, and fields in another order, as the same', async () => {
    const first = await again();
    const reversed = Object.fromEntries(Object.entries(body).reverse());
    const second = await again(reversed, `"${KEY}"`);
    expect(keptOf(operationId, second)).toEqual(keptOf(operationId, first));
  });

  it('creates again after a day, though the old claim is not removed yet', async () => {
    await again();
    world.ports.clock.advance((IDEMPOTENCY_SECONDS + 1) * 1000);
    const created = made(world, before);
    expect((await again()).status).toBe(CREATED);
    expect(made(world, before)).not.toEqual(created);
  });

  it('refuses another body, and lets other owners and other keys be', async () => {
    await again();
    const refused = await again(other);
    expect(refused.problem()).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
    expect((await again(other, `${KEY}-2`)).status).toBe(CREATED);
    expect((await again(body, null)).status).toBe(CREATED);
    // Another owner's key is another key; what the body names of this owner is not there for him.
    const { status } = await send(world.ports, operationId, other, KEY, 'owner-b');
    expect(status).toBe(isOrder ? 404 : CREATED);
    expect(made(world, before)).toHaveLength(status === CREATED ? 4 : 3);
  });

  it('keeps no value of a row, no ticket and no key', async () => {
    const answer = await again();
    const claims = world.ports.table.items().filter(({ pk }) => String(pk).startsWith('IDEM#'));
    expect(claims).toHaveLength(1);
    const text = JSON.stringify(claims);
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(KEY);
    for (const name of creates?.fresh ?? []) {
      expect(text).not.toContain(JSON.stringify(dataOf(answer)[name]));
    }
  });

  it('carries out one of two that come at once, and tells the other when to come again', async () => {
    const answers = await Promise.all([again(), again()]);
    const [first, second] = answers.sort((a, b) => a.status - b.status);
    expect(first?.status).toBe(CREATED);
    expect(second?.problem()).toMatchObject({
      status: 409,
      code: 'IDEMPOTENCY_CONFLICT',
      retryable: true,
    });
    expect(second?.headers['retry-after']).toBe('1');
    expect(made(world, before)).toHaveLength(1);
    expect(keptOf(operationId, await again())).toEqual(keptOf(operationId, first));
  });

  it.each(['before', 'behind'] as const)(
    'creates once when its process is killed %s any of its calls',
    async (when) => {
      let deaths = 0;
      for (let at = 1; ; at++) {
        world = await createWorld();
        [body = {}] = BODIES[operationId]?.(world) ?? [];
        before = present(world);
        const victim = mortalPorts(world.ports, at, when);
        const first = await send(victim.ports, operationId, body, KEY);
        if (!victim.isDead()) break;
        deaths++;
        if (first.status !== CREATED) expect(first.status).toBe(500);

        // Whoever asks too early is told when to come; at the latest, after the lease.
        let answer = await again();
        if (answer.status === 409) {
          expect(answer.problem().code).toBe('IDEMPOTENCY_CONFLICT');
          world.ports.clock.advance(IDEMPOTENCY_LEASE_MS - 1);
          answer = await again();
          const wait = Number(answer.headers['retry-after'] ?? 0);
          expect([at, answer.status, wait >= 1]).toEqual([at, 409, true]);
          world.ports.clock.advance(wait * 1000);
          answer = await again();
        }
        expect([at, answer.status]).toEqual([at, CREATED]);
        expect(made(world, before)).toHaveLength(1);
        const id = z.string().parse(dataOf(answer)[`${creates?.kind}Id`]);
        expect(made(world, before)[0]).toContain(id);
        expect(id.startsWith(ID_PREFIXES[creates!.kind])).toBe(true);
        expect(keptOf(operationId, await again())).toEqual(keptOf(operationId, answer));
        // What was to be started is started, under one name.
        const names = new Set(world.ports.workflow.starts.map((start) => start.executionName));
        expect(names.size).toBe(isOrder ? 1 : 0);
      }
      expect(deaths).toBeGreaterThan(2);
    },
  );
});

describe('a request with a key that is refused', () => {
  it('leaves the key as if it had never been sent', async () => {
    const world = await createWorld();
    const task = { templateIds: [world.templateId], data: [] };
    const refused = await send(world.ports, 'createTask', task, KEY);
    expect(refused.problem()).toMatchObject({ status: 400 });
    expect([...present(world)].filter((pk) => pk.startsWith('IDEM#'))).toEqual([]);
    const right = { ...task, data: [{ name: 'a' }] };
    expect((await send(world.ports, 'createTask', right, KEY)).status).toBe(201);
  });

  it('is told what is wrong with the key', async () => {
    const world = await createWorld();
    const body = { name: 'A', fileName: 'a.docx' };
    for (const key of ['', 'k'.repeat(300), 'schlüssel']) {
      const refused = await send(world.ports, 'createTemplate', body, key);
      expect([key, refused.problem()]).toMatchObject([
        key,
        { code: 'VALIDATION_ERROR', errors: [{ pointer: '/Idempotency-Key' }] },
      ]);
    }
  });
});

describe('a process that is late', () => {
  it('makes no second thing, and does not overwrite what another has answered', async () => {
    const world = await createWorld();
    const before = present(world);
    const body = { name: 'A', fileName: 'a.docx' };
    let resume = () => {};
    const paused = new Promise<void>((resolve) => (resume = resolve));
    const { table } = world.ports;
    const late: Ports = {
      ...world.ports,
      table: {
        ...table,
        put: async (key, item, condition) => {
          if (key.pk.startsWith('TPL#')) await paused;
          return table.put(key, item, condition);
        },
      },
    };
    const first = send(late, 'createTemplate', body, KEY);
    await new Promise((resolve) => setImmediate(resolve));
    world.ports.clock.advance(IDEMPOTENCY_LEASE_MS);
    const second = await send(world.ports, 'createTemplate', body, KEY);
    resume();
    const answers = [await first, second, await send(world.ports, 'createTemplate', body, KEY)];
    const kept = answers.map((answer) => keptOf('createTemplate', answer));
    expect(kept).toEqual([kept[0], kept[0], kept[0]]);
    expect(made(world, before)).toHaveLength(1);
  });

  it('whose clock was wrong holds nobody up for longer than a lease', async () => {
    const world = await createWorld();
    const body = { name: 'A', fileName: 'a.docx' };
    world.ports.clock.jump(3_600_000);
    const victim = mortalPorts(world.ports, 1, 'behind');
    await send(victim.ports, 'createTemplate', body, KEY);
    world.ports.clock.jump(-3_600_000);
    expect((await send(world.ports, 'createTemplate', body, KEY)).status).toBe(201);
  });
});

describe('a task that starts at once', () => {
  it('is started by one call, and its ticket does not wait for the note of what was made', async () => {
    const world = await createWorld();
    const [body = {}] = BODIES.createTask?.(world) ?? [];
    const { table, workflow } = world.ports;
    let starts = 0;
    let ticketIsThere = () => {};
    const ticket = new Promise<void>((resolve) => (ticketIsThere = resolve));
    const ports: Ports = {
      ...world.ports,
      workflow: {
        ...workflow,
        start: (...call) => {
          if (call[0] === 'task') starts++;
          return workflow.start(...call);
        },
      },
      table: {
        ...table,
        put: async (key, ...item) => {
          if (key.pk.startsWith('TICKET#')) ticketIsThere();
          return table.put(key, ...item);
        },
        update: async (key, ...change) => {
          if (key.pk.startsWith('IDEM#')) await ticket;
          return table.update(key, ...change);
        },
      },
    };
    expect((await send(ports, 'createTask', body, KEY)).status).toBe(201);
    expect(starts).toBe(1);
  });
});
