/**
 * What no route may forget: the table of routes is gone through, so a new route is in this suite by
 * being there. Every refusal is a problem document that the route says it has, tells nothing of
 * anybody, is not our fault (no INTERNAL), and leaves everything as it was.
 */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '../../functions/api/route.ts';
import { routes } from '../../functions/api/routes/index.ts';
import { problemsOf } from '../../shared/api/route.ts';
import { MAX_BODY_BYTES, MAX_DOCUMENT_NAME_BYTES, MAX_ROW_DEPTH } from '../../shared/limits.ts';
import type { ProblemCode } from '../../shared/problems.ts';
import type { ApiRequest } from '../support/apiClient.ts';
import { createApiWorld, type ApiWorld } from '../support/apiWorld.ts';

const STRANGER = 'owner-b';
const UNKNOWN_ULID = '01JDA4V5P0W8QZ6Y3M2T7R9KXC';
const PREFIXES: Record<string, string> = {
  taskId: 'task',
  templateId: 'tpl',
  dataSourceId: 'ds',
  endpointId: 'whe',
  deliveryId: 'dlv',
  connectionId: 'conn',
  checkId: 'check',
  sampleId: 'sample',
};

let world: ApiWorld;
let before: string;
/** Everything that is stored, and everything that was set going. */
const everything = () =>
  JSON.stringify([
    // That a task is to be cleared away is noted before it is made, whatever becomes of that.
    world.ports.table.items().filter(({ pk }) => pk !== 'DUE'),
    [...world.ports.connectionSecrets.kept],
    world.ports.objects.keys(),
    world.ports.workflow.starts,
    world.ports.connections.sent,
  ]);
beforeAll(async () => {
  world = await createApiWorld();
  before = everything();
});
afterEach(() => {
  expect(everything()).toBe(before);
  expect(world.ports.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
});

const HASH = '0'.repeat(64);

/** A body that each route with a body takes. */
const bodies: Record<string, () => Record<string, unknown>> = {
  createTemplate: () => ({ name: 'letter', fileName: 'letter.docx' }),
  createDataSource: () => ({ name: 'people', fileName: 'people.csv' }),
  completeDataSource: () => ({ format: 'csv' }),
  createWebhookEndpoint: () => ({
    url: 'https://example.org/hooks',
    events: ['task_completed'],
    description: 'Ledger',
  }),
  createConnection: () => ({
    name: 'Dify',
    baseUrl: 'https://api.dify.ai/v1',
    headers: { accept: 'application/json' },
    secretHeaders: { Authorization: 'Bearer app-1234' },
    rateLimit: { perSecond: 5, burst: 10, concurrent: 20 },
    pricePerCallUsd: 0.01,
  }),
  changeTask: () => ({ name: 'Letters' }),
  retryTask: () => ({ rows: 'failed' }),
  createCheck: () => ({ templateIds: [world.ids.templateId], data: [{ name: 'Ada' }] }),
  createSamples: () => ({ templateIds: [world.ids.templateId], data: [{ name: 'Ada' }] }),
  startTask: () => ({ approval: HASH }),
  createTask: () => ({ templateIds: [world.ids.templateId], data: [{ name: 'Ada' }] }),
};

/** The route's path, with the owner's ids or others instead. */
function pathOf(route: Route, replaced: Record<string, string> = {}): string {
  const values: Record<string, string> = { row: '1', ...world.ids, ...replaced };
  return route.path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? name);
}

/** Sends what the route must refuse, and gives the code that it refuses it with. */
async function refusal(route: Route, request: Partial<ApiRequest>): Promise<ProblemCode> {
  const answer = await world.send({ method: route.method, path: pathOf(route), ...request });
  const problem = answer.problem();
  expect(answer.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  expect(problem.status).toBe(answer.status);
  expect([...problemsOf(route), 'NOT_FOUND']).toContain(problem.code);
  expect(answer.text).not.toMatch(/owner-a|owner-b|\.ts\b|node_modules|Ada|London/);
  return problem.code;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const named = (some: readonly Route[]) => some.map((route) => [route.operationId, route] as const);
const guarded = routes.filter((route) => !route.public);
/** Of which bodies are read; another takes them as they are. */
const posts = routes.filter(({ method, takesBytes }) => method === 'POST' && !takesBytes);
const withBody = routes.filter(({ body }) => body !== undefined);
const withId = routes.filter(({ params }) => Object.keys(params?.notFound ?? {}).length > 0);

describe.each(named(guarded))('%s', (_name, route) => {
  it('is for those with a key', async () => {
    expect(await refusal(route, { ownerId: undefined })).toBe('UNAUTHORIZED');
  });

  it('takes no unknown parameter', async () => {
    for (const query of [
      'nonsense=1',
      '__proto__=1',
      'constructor=x',
      '%00=1',
      '=1',
      'limit%5B%5D=1',
    ]) {
      expect([query, await refusal(route, { query, ...bodyOf(route) })]).toEqual([
        query,
        'VALIDATION_ERROR',
      ]);
    }
  });
});

const bodyOf = (route: Route): Partial<ApiRequest> =>
  route.body ? { json: bodies[route.operationId]?.() } : {};

describe.each(named(withId))('%s', (_name, route) => {
  const [[parameter = '', code] = []] = Object.entries(route.params?.notFound ?? {});

  // One that needs no key has no strangers.
  if (!route.public) {
    it('tells a stranger the same as of what there is not', async () => {
      const json = bodyOf(route);
      expect(await refusal(route, { ownerId: STRANGER, ...json })).toBe(code);
      const unknown = pathOf(route, { [parameter]: `${PREFIXES[parameter]}_${UNKNOWN_ULID}` });
      expect(await refusal(route, { path: unknown, ...json })).toBe(code);
      const details = await Promise.all(
        [{ ownerId: STRANGER }, { path: unknown }].map(async (request) => {
          const all = { method: route.method, path: pathOf(route), ...json, ...request };
          return (await world.send(all)).problem().detail.replaceAll(/[a-z]+_[0-9A-Z]{26}/g, 'ID');
        }),
      );
      expect(details[0]).toBe(details[1]);
    });
  }

  it.each([
    'x',
    '%00',
    '%F0%9F%92%A3',
    "'%20OR%201=1--",
    '%3Cscript%3E',
    '$%7Bjndi:x%7D',
    'META',
    '*',
    'a'.repeat(5_000),
    `${PREFIXES[parameter]}_`,
    `${PREFIXES[parameter]}_${UNKNOWN_ULID.toLowerCase()}`,
    `${PREFIXES[parameter]}_${UNKNOWN_ULID}%0A`,
    `${PREFIXES[parameter]}_${UNKNOWN_ULID}%23META`,
    `other_${UNKNOWN_ULID}`,
  ])('has nothing at the id %j', async (id) => {
    expect(await refusal(route, { path: pathOf(route, { [parameter]: id }) })).toBe(code);
  });

  it.each(['..', '.', '%2e%2e', '..%2f..', 'a%2fb', ''])(
    'is not left by the path segment %j',
    async (segment) => {
      const path = pathOf(route, { [parameter]: segment });
      const answer = await world.send({ method: route.method, path });
      expect([404, 400]).toContain(answer.status);
      expect(answer.problem().code).toMatch(/NOT_FOUND|VALIDATION_ERROR/);
    },
  );
});

describe.each(named(posts))('%s', (_name, route) => {
  it.each(['{', '{"name": Ada}', 'undefined', '\u0000', "{'a':1}", '{"a":1}}', '\ufeff{'])(
    'takes no malformed JSON: %j',
    async (body) => {
      expect(await refusal(route, { body, headers: JSON_TYPE })).toBe('VALIDATION_ERROR');
    },
  );

  it.each<Record<string, string>>([
    {},
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'multipart/form-data; boundary=x' },
    { 'content-type': 'text/html; application/json' },
  ])('takes no body that comes as %j', async (headers) => {
    const body = JSON.stringify(bodies[route.operationId]?.() ?? {});
    expect(await refusal(route, { body, headers })).toBe('VALIDATION_ERROR');
  });

  it('takes no body above the limit', async () => {
    const body = `{"name":"${'a'.repeat(MAX_BODY_BYTES)}"}`;
    expect(await refusal(route, { body, headers: JSON_TYPE })).toBe('PAYLOAD_TOO_LARGE');
  });

  it('takes no body that is nested too deep', async () => {
    const depth = MAX_ROW_DEPTH + 3;
    for (const body of ['['.repeat(depth), '{"a":'.repeat(100_000), '['.repeat(2_000_000)]) {
      expect(await refusal(route, { body, headers: JSON_TYPE })).toBe('VALIDATION_ERROR');
    }
  });

  it.each(['null', '[]', '"Ada"', '7', 'true', '[{}]'])(
    'takes no %s for an object',
    async (body) => {
      expect(await refusal(route, { body, headers: JSON_TYPE })).toBe('VALIDATION_ERROR');
    },
  );

  it('takes no unknown field', async () => {
    const valid = bodies[route.operationId]?.() ?? {};
    for (const field of ['nonsense', 'constructor', 'ownerId', '__proto__']) {
      const body = `{${JSON.stringify(field)}:{"Ada":1},${JSON.stringify(valid).slice(1)}`;
      const text = body.replace(/,\}$/, '}');
      expect([field, await refusal(route, { body: text, headers: JSON_TYPE })]).toEqual([
        field,
        'VALIDATION_ERROR',
      ]);
    }
  });
});

describe.each(named(withBody))('%s', (_name, route) => {
  const hostile = [null, 7, true, '', [], {}, [[]], '\u0000', 'a'.repeat(10_000), 1e308, -1];

  it('has a valid body in this suite', () => {
    expect(route.body?.schema.safeParse(bodies[route.operationId]?.()).success).toBe(true);
  });

  it('takes no field of another type or size', async () => {
    const valid = bodies[route.operationId]?.() ?? {};
    for (const field of Object.keys(valid)) {
      for (const value of hostile) {
        // Where any object is a row, and any number of rows is taken, there is nothing to refuse.
        if (route.body?.schema.safeParse({ ...valid, [field]: value }).success) continue;
        const code = await refusal(route, { json: { ...valid, [field]: value } });
        expect([field, value, code]).toEqual([field, value, 'VALIDATION_ERROR']);
      }
    }
  });
});

const queried = routes.filter(({ query }) => query !== undefined);
describe.each(named(queried))('%s', (_name, route) => {
  const parameters = Object.keys(route.query?.shape ?? {});
  const hostile = [
    '',
    '-1',
    '1e999',
    'NaN',
    "'--",
    '%00',
    '%F0%9F%92%A3',
    '[]',
    '{}',
    'a'.repeat(3_000),
    'eyJhIjoxfQ',
    Buffer.from('["x"]').toString('base64url'),
    Buffer.from('{"pk":"TASK#x"}').toString('base64url'),
  ];
  const hostileLimits = ['0', '1.5', '101', '1e3'];

  it.each(parameters)('takes no hostile value of %s', async (parameter) => {
    const values = parameter === 'limit' ? [...hostile, ...hostileLimits] : hostile;
    for (const value of values) {
      const query = `${parameter}=${value}`;
      if (parameter === 'name' && value !== '' && value.length <= MAX_DOCUMENT_NAME_BYTES) {
        // Any text may be looked for. One of them is in a name.
        const answer = await world.send({ method: route.method, path: pathOf(route), query });
        expect([value, answer.status]).toEqual([value, 200]);
        expect(answer.json()).toMatchObject({ data: value === '-1' ? [{ row: 1 }] : [] });
        continue;
      }
      const code = await refusal(route, { query });
      expect([value, code]).toEqual([value, 'VALIDATION_ERROR']);
    }
  });

  it.each(parameters)('takes %s only once', async (parameter) => {
    const query = `${parameter}=1&${parameter}=1`;
    expect(await refusal(route, { query })).toBe('VALIDATION_ERROR');
  });
});

describe('every path', () => {
  it.each([...new Set(routes.map(({ path }) => path))])('%s says what it takes', async (path) => {
    const there = routes.filter((route) => route.path === path);
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      if (there.some((route) => route.method === method)) continue;
      const [route] = there;
      if (!route) continue;
      expect(await refusal(route, { method })).toBe('NOT_FOUND');
      const answer = await world.send({ method, path: pathOf(route) });
      const expected = there.map((other) => (other.method === 'GET' ? 'GET, HEAD' : other.method));
      expect(answer.headers['allow']).toBe(expected.join(', '));
    }
  });
});

describe('a task', () => {
  const [createTask] = routes.filter(({ operationId }) => operationId === 'createTask');
  const order = (json: Record<string, unknown>) =>
    createTask ? refusal(createTask, { json, ownerId: STRANGER }) : undefined;

  it('is not made of what another owner has', async () => {
    const { templateId, dataSourceId } = world.ids;
    expect(await order({ templateIds: [templateId], data: [{}] })).toBe('TEMPLATE_NOT_FOUND');
    const others = { templateIds: [templateId], dataSourceId };
    expect(await order(others)).toBe('TEMPLATE_NOT_FOUND');
  });

  it('is not made of another owner’s data', async () => {
    const template = { templateId: `tpl_${UNKNOWN_ULID}`, ownerId: STRANGER };
    const mine = world.ports.table.items().find(({ pk }) => pk === `TPL#${world.ids.templateId}`);
    const key = { pk: `TPL#${template.templateId}`, sk: 'META' };
    await world.ports.table.put(key, { ...mine, ...key, ...template });
    const { dataSourceId } = world.ids;
    const code = await order({ templateIds: [template.templateId], dataSourceId });
    await world.ports.table.delete(key);
    expect(code).toBe('DATA_SOURCE_NOT_FOUND');
  });
});

const LISTS = ['/templates', '/data-sources', '/batch/tasks', '/webhook-endpoints', '/connections'];
describe('lists', () => {
  it.each(LISTS)('%s show a stranger nothing', async (path) => {
    const own = await world.send({ path, query: 'limit=1' });
    expect(own.text).toContain('"nextCursor"');
    const strange = await world.send({ path, ownerId: STRANGER });
    expect(strange.json()).toEqual({ data: [], nextCursor: null });
  });

  it.each(LISTS)('%s show a stranger nothing of what a made-up cursor points at', async (path) => {
    for (const id of Object.values(world.ids)) {
      for (const position of [[id], [id, `TASK#${id}`, 'META'], ['~', `TASK#${id}`, 'META']]) {
        const cursor = Buffer.from(JSON.stringify(position)).toString('base64url');
        const answer = await world.send({ path, query: `cursor=${cursor}`, ownerId: STRANGER });
        if (answer.status === 200) expect(answer.json()).toEqual({ data: [], nextCursor: null });
        else expect(answer.problem().code).toBe('VALIDATION_ERROR');
      }
    }
  });
});
