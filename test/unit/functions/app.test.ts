/** The app and its wrapper over a small table of routes: what holds whatever the use case. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createApp } from '../../../functions/api/app.ts';
import { implement, type Handlers, type Route } from '../../../functions/api/route.ts';
import { http } from '../../../functions/runtime/http.ts';
import { ProblemBodySchema } from '../../../shared/api/problemSchema.ts';
import { defineRoutes } from '../../../shared/api/route.ts';
import { MAX_BODY_BYTES, MAX_ROW_DEPTH } from '../../../shared/limits.ts';
import { Problem } from '../../../shared/problems.ts';
import { httpEvent, lambdaContext } from '../../support/gatewayEvents.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';

const ThingSchema = z.strictObject({
  name: z.string().max(3),
  sizes: z.array(z.int().min(1)).optional(),
  kind: z.enum(['a', 'b']).optional(),
  rows: z.array(z.record(z.string(), z.json())).optional(),
});
const describeThing = { tag: 'Things', summary: 'Things', problems: [] };

const things = defineRoutes({
  echo: {
    ...describeThing,
    method: 'POST',
    path: '/things/{id}',
    params: { schema: z.object({ id: z.string().regex(/^t\d$/) }), notFound: { id: 'NOT_FOUND' } },
    body: { name: 'Thing', schema: ThingSchema, rows: 'rows' },
    answers: [{ kind: 'data', status: 201, name: 'Thing', schema: z.unknown() }],
  },
  list: {
    ...describeThing,
    method: 'GET',
    path: '/things',
    query: z.object({ limit: z.coerce.number<number>().int().min(1).max(100).default(20) }),
    answers: [{ kind: 'page', name: 'Thing', schema: z.unknown() }],
  },
  poke: {
    ...describeThing,
    method: 'POST',
    path: '/things',
    answers: [{ kind: 'data', status: 200, name: 'Thing', schema: z.unknown() }],
  },
  fail: {
    ...describeThing,
    method: 'GET',
    path: '/broken',
    public: true,
    answers: [{ kind: 'document', description: 'None.' }],
  },
  link: {
    ...describeThing,
    method: 'GET',
    path: '/link',
    answers: [{ kind: 'link', description: 'A file.' }],
  },
  paper: {
    ...describeThing,
    method: 'GET',
    path: '/paper',
    answers: [{ kind: 'document', description: 'A document.' }],
  },
  remove: {
    ...describeThing,
    method: 'DELETE',
    path: '/things',
    answers: [{ kind: 'empty' }],
  },
});
const handlers: Handlers<typeof things> = {
  echo: async (_ports, request) => ({ data: request }),
  list: async (_ports, { query }) => ({ data: [query], nextCursor: null }),
  poke: async () => ({ data: 'poked' }),
  fail: async () => {
    throw new TypeError('Ada Lovelace is not a function');
  },
  link: async () => ({
    link: { url: 'https://x.invalid/a?b=c', expiresAt: 'x', fileName: 'a', bytes: 1 },
  }),
  paper: async () => ({ document: { text: '{"a":1}', etag: '"abc"' } }),
  remove: async () => ({ empty: true }),
};

function start(routes: readonly Route[] = implement(things, handlers)) {
  const ports = createMemoryPorts();
  const handler = http(ports, createApp(ports, routes));
  const send = async (request: Parameters<typeof httpEvent>[0]) => {
    const result = await handler(httpEvent({ ownerId: 'owner-a', ...request }), lambdaContext());
    const text = result.body ?? '';
    return {
      status: result.statusCode,
      headers: result.headers ?? {},
      text,
      json: text === '' ? undefined : z.json().parse(JSON.parse(text)),
    };
  };
  return { ports, handler, send };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const post = (body: string, headers: Record<string, string> = JSON_TYPE) => ({
  method: 'POST',
  path: '/api/v2/things/t1',
  headers,
  body,
});

describe('requests that are right', () => {
  it('pass parameters, body and owner to the use case', async () => {
    const { send } = start();
    const answer = await send(
      post('{"name":"é"}', { 'content-type': 'Application/JSON; charset=utf-8' }),
    );
    expect(answer).toMatchObject({ status: 201, headers: { 'content-type': 'application/json' } });
    expect(answer.json).toEqual({
      data: { ownerId: 'owner-a', params: { id: 't1' }, query: {}, body: { name: 'é' } },
    });
  });

  it('may come in base64', async () => {
    const { send } = start();
    const body = Buffer.from('{"name":"é"}').toString('base64');
    const answer = await send({ ...post(body), isBase64Encoded: true });
    expect(answer.json).toMatchObject({ data: { body: { name: 'é' } } });
  });

  it('get lists with nextCursor, and defaults', async () => {
    const { send } = start();
    const answer = await send({ path: '/api/v2/things' });
    expect(answer.json).toEqual({ data: [{ limit: 20 }], nextCursor: null });
  });

  it.each([undefined, '', '{}'])('need no body where the route has none: %j', async (body) => {
    const { send } = start();
    const headers = body === '{}' ? JSON_TYPE : {};
    const request = { method: 'POST', path: '/api/v2/things', headers };
    const answer = await send(body === undefined ? request : { ...request, body });
    expect(answer.json).toEqual({ data: 'poked' });
  });

  it('may be GET with a body, which means nothing', async () => {
    const { send } = start();
    expect(await send({ path: '/api/v2/things', body: 'x' })).toMatchObject({ status: 200 });
  });

  it('may have an answer without a body', async () => {
    const { send } = start();
    const answer = await send({ method: 'DELETE', path: '/api/v2/things' });
    expect(answer).toMatchObject({ status: 204, text: '' });
    expect(answer.headers).not.toHaveProperty('content-type');
  });

  it('may be HEAD', async () => {
    const { send } = start();
    const answer = await send({ method: 'HEAD', path: '/api/v2/things' });
    expect(answer).toMatchObject({ status: 200, text: '' });
  });

  it('are told of links by 302, or as data when they accept JSON', async () => {
    const { send } = start();
    const path = '/api/v2/link';
    for (const accept of ['*/*', 'text/html, */*;q=0.8', 'application/json;q=0']) {
      const answer = await send({ path, headers: { accept } });
      expect(answer).toMatchObject({ status: 302, text: '' });
      expect(answer.headers['location']).toBe('https://x.invalid/a?b=c');
    }
    const answer = await send({ path, headers: { accept: 'text/html, Application/JSON; q=0.9' } });
    expect(answer).toMatchObject({
      status: 200,
      json: { data: { url: 'https://x.invalid/a?b=c' } },
    });
  });
});

describe('every answer', () => {
  it.each(['/api/v2/things', '/api/v2/link', '/api/v2/nothing', '/api/v2/broken'])(
    'of %s is neither sniffed nor kept',
    async (path) => {
      const { send } = start();
      expect((await send({ path })).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
    },
  );

  it('is logged with the pattern of its route, not with what the client wrote', async () => {
    const { ports, send } = start();
    await send(post('{"name":"Ada"}'));
    await send({ path: '/api/v2/Lovelace', query: 'name=Lovelace' });
    const [first, second] = ports.log.entries;
    expect(first?.fields).toMatchObject({ route: 'POST /api/v2/things/:id', status: 201 });
    expect(second?.fields).toMatchObject({ route: 'GET /*', status: 404 });
    expect(JSON.stringify(ports.log.entries)).not.toMatch(/Ada|Lovelace/);
  });

  it('above what Lambda can answer is refused as too large', async () => {
    const huge = defineRoutes({
      huge: {
        ...describeThing,
        method: 'GET',
        path: '/huge',
        answers: [{ kind: 'data', status: 200, name: 'Huge', schema: z.string() }],
      },
    });
    const route = implement(huge, { huge: async () => ({ data: 'x'.repeat(6_000_000) }) });
    const answer = await start(route).send({ path: '/api/v2/huge' });
    expect(answer).toMatchObject({ status: 413, json: { code: 'PAYLOAD_TOO_LARGE' } });
  });
});

describe('a document', () => {
  it('may be kept, and is sent again only when it changed', async () => {
    const { send } = start();
    const path = '/api/v2/paper';
    const first = await send({ path });
    expect(first).toMatchObject({
      status: 200,
      json: { a: 1 },
      headers: { etag: '"abc"', 'cache-control': 'no-cache' },
    });
    for (const tag of ['"abc"', 'W/"abc"', '"x", "abc"', '*']) {
      const again = await send({ path, headers: { 'if-none-match': tag } });
      expect([tag, again.status, again.text]).toEqual([tag, 304, '']);
    }
    for (const tag of ['"ab"', 'abc', '']) {
      expect((await send({ path, headers: { 'if-none-match': tag } })).status).toBe(200);
    }
  });
});

describe('what a body cannot keep', () => {
  const refusedOf = async (body: string) => {
    const { status, json } = await start().send(post(body));
    const { code, errors, detail } = ProblemBodySchema.parse(json);
    return [status, code, errors?.[0]?.pointer, detail];
  };
  const DIGITS =
    'has a number that would come out as another one. Write it in quotes, as a text, or without an exponent.';
  const NAME = 'has a field named __proto__, which is reserved. Rename the field.';

  it.each(['1e400', '1E-400', '123456789012345678e0'])(
    'is the number %s of a row',
    async (number) => {
      const body = `{"name":"x","rows":[{"a":1},{"b":[{}, "[{,9007199254740993" ],"é":{"c":${number}}}]}`;
      expect(await refusedOf(body)).toEqual([
        422,
        'DATA_INVALID',
        '/rows/1/é/c',
        `Row 2 ${DIGITS}`,
      ]);
    },
  );

  it('is no number of a row that has many digits: it is a text, digit for digit', async () => {
    const body =
      '{"rows":[{"early":1}],"name":"\\"[,","r\\u006fws":[{"a":12345678901234567890,"b":[{"c":-0.1234567890123456789}]}]}';
    const answer = await start().send(post(body));
    expect(answer).toMatchObject({
      status: 201,
      json: {
        data: {
          body: {
            rows: [{ a: '12345678901234567890', b: [{ c: '-0.1234567890123456789' }] }],
          },
        },
      },
    });
  });

  it('is such a number anywhere else', async () => {
    expect(await refusedOf('{"sizes":[1,9007199254740993]}')).toEqual([
      400,
      'VALIDATION_ERROR',
      '/sizes/1',
      `The body ${DIGITS}`,
    ]);
  });

  it('is a reserved name, however it is spelt', async () => {
    for (const name of ['__proto__', '\\u005f_proto__']) {
      expect(await refusedOf(`{"rows":[{"a":{"b":[0,{"${name}":"Ada"}]}}]}`)).toEqual([
        422,
        'DATA_INVALID',
        '/rows/0/a/b/1/__proto__',
        `Row 1 ${NAME}`,
      ]);
    }
  });

  it('is not what only looks like it', async () => {
    const rows =
      '[{"a":0.30000000000000004,"b":1e3,"c":100000000000000000000,"d":1.50,"e":-0.0,"f":"__proto__ 1e400","g":9007199254740992,"h":5e-324}]';
    const answer = await start().send(post(`{"name":"x","rows":${rows}}`));
    expect(answer).toMatchObject({ status: 201, json: { data: { body: { name: 'x' } } } });
  });
});

describe('what goes wrong', () => {
  const problemOf = async (request: Parameters<typeof httpEvent>[0]) => {
    const { status, headers, json } = await start().send(request);
    expect(headers['content-type']).toBe('application/problem+json');
    const problem = ProblemBodySchema.parse(json);
    expect(problem.status).toBe(status);
    return { ...problem, allow: headers['allow'] };
  };
  const pointersOf = async (request: Parameters<typeof httpEvent>[0]) => {
    const { code, status, errors } = await problemOf(request);
    expect([code, status]).toEqual(['VALIDATION_ERROR', 400]);
    return (errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
  };

  it.each([
    '/api/v2/nothing',
    '/api/v2',
    '/',
    '/api/v1/things',
    '/api/v2/things/',
    '/api/v2/%zz',
    '//',
  ])('is NOT_FOUND for %s, with the path', async (path) => {
    expect(await problemOf({ path })).toMatchObject({ code: 'NOT_FOUND', status: 404 });
  });

  it('is NOT_FOUND with Allow for a method that a path does not take', async () => {
    const problem = await problemOf({ method: 'PATCH', path: '/api/v2/things' });
    expect(problem).toMatchObject({ code: 'NOT_FOUND', allow: 'GET, HEAD, POST, DELETE' });
    expect(problem.detail).toContain('GET, HEAD, POST');
    expect(problem.instance).toBe('/api/v2/things');
  });

  it('is NOT_FOUND for a method that there is nowhere', async () => {
    for (const method of ['TRACE', 'CONNECT', 'BREW', '']) {
      expect(await problemOf({ method, path: '/api/v2/things' })).toMatchObject({
        code: 'NOT_FOUND',
      });
    }
  });

  it('is not caused by headers that no route reads, or that cannot be', async () => {
    const headers = { 'x-name': '\u4e2d\n', 'bad name': 'x', accept: '\u4e2d' };
    expect(await start().send({ path: '/api/v2/things', headers })).toMatchObject({ status: 200 });
    expect(await problemOf(post('{}', { 'content-type': 'application/json\u0000' }))).toMatchObject(
      {
        code: 'VALIDATION_ERROR',
      },
    );
  });

  it('is UNAUTHORIZED where the gateway named no owner', async () => {
    const { handler } = start();
    for (const authorizer of [undefined, {}, { lambda: {} }, { lambda: { ownerId: '' } }]) {
      const event = httpEvent({ path: '/api/v2/things' });
      Object.assign(event['requestContext'] as object, { authorizer });
      expect(await handler(event, lambdaContext())).toMatchObject({ statusCode: 401 });
    }
  });

  it('is the parameter’s own problem for an id that cannot be', async () => {
    expect(await problemOf({ ...post('{}'), path: '/api/v2/things/x' })).toMatchObject({
      code: 'NOT_FOUND',
      instance: '/api/v2/things/x',
    });
  });

  it('points at each fault of a body', async () => {
    const body = '{"name":"Lovelace","sizes":[1,0,1.5,"Ada"],"kind":"c","a/b~c":1,"size":2}';
    expect(await pointersOf(post(body))).toEqual([
      '/name Must have at most 3 characters.',
      '/sizes/1 Must be at least 1.',
      '/sizes/2 Must be a whole number.',
      '/sizes/3 Must be a number.',
      '/kind Must be one of "a", "b".',
      '/a~1b~0c There is no such field. Leave it out, or check its spelling.',
      '/size There is no such field. Leave it out, or check its spelling.',
    ]);
  });

  it('never repeats at length what a client sent', async () => {
    const long = 'x'.repeat(100_000);
    for (const request of [
      post(`{"name":"x","${long}":1}`),
      post(`{"name":"x","rows":[{"${long}":{"__proto__":1}}]}`),
      { path: '/api/v2/things', query: `${long}=1` },
      { path: `/api/v2/${long}` },
    ]) {
      const { text } = await start().send(request);
      expect(text.length).toBeLessThan(2_000);
    }
    const many = Array.from({ length: 10_000 }, (_, i) => `"${'y'.repeat(200)}${i}":1`).join();
    const { text } = await start().send(post(`{${many}}`));
    expect(text.length).toBeLessThan(30_000);
  });

  it('tells whether and when to try again', async () => {
    const refuse: Handlers<typeof things> = {
      ...handlers,
      poke: async () => {
        throw new Problem('LIMIT_EXCEEDED', 'Later.', { retryAfterSeconds: 1.2 });
      },
    };
    const { send } = start(implement(things, refuse));
    expect(await send({ method: 'POST', path: '/api/v2/things' })).toMatchObject({
      status: 429,
      headers: { 'retry-after': '2' },
      json: { retryable: true },
    });
    const final = await send({ method: 'POST', path: '/api/v2/things/x' });
    expect(final.json).toMatchObject({ code: 'NOT_FOUND', retryable: false });
    expect(final.headers).not.toHaveProperty('retry-after');
  });

  it('says what is missing', async () => {
    expect(await pointersOf(post('{}'))).toEqual(['/name Is required.']);
    expect(await pointersOf(post(''))).toEqual([' Is required.']);
    expect(await pointersOf(post('[]'))).toEqual([' Must be an object.']);
    expect(await pointersOf(post('null'))).toEqual([' Must be an object.']);
  });

  it('points at each fault of a query', async () => {
    const path = '/api/v2/things';
    const ask = (query: string) => pointersOf({ path, query });
    expect(await ask('limit=101')).toEqual(['/limit Must be at most 100.']);
    expect(await ask('limit=Ada')).toEqual(['/limit Must be a number.']);
    expect(await ask('limit=1&limit=2')).toEqual(['/limit Give it only once.']);
    expect(await ask('page=2')).toEqual([
      '/page There is no such field. Leave it out, or check its spelling.',
    ]);
    expect(await ask('__proto__=1&constructor=2')).toHaveLength(2);
  });

  it('says where a body is not JSON, without quoting it', async () => {
    const problem = await problemOf(post('{"name":\n Ada}'));
    expect(problem.detail).toBe('The body is not JSON: line 2, column 2 should be a value.');
  });

  it.each([
    ['text/plain', '{"name":"x"}'],
    ['application/x-www-form-urlencoded', 'name=x'],
    ['application/json-patch+json', '[]'],
    ['', '{"name":"x"}'],
  ])('is VALIDATION_ERROR for a body of type %j', async (type, body) => {
    const problem = await problemOf(post(body, { 'content-type': type }));
    expect(problem).toMatchObject({ code: 'VALIDATION_ERROR', status: 400 });
    expect(problem.detail).toContain('Content-Type: application/json');
  });

  it('is VALIDATION_ERROR for text that is not UTF-8', async () => {
    const body = Buffer.from([0x7b, 0xff, 0x7d]).toString('base64');
    const problem = await problemOf({ ...post(body), isBase64Encoded: true });
    expect(problem.detail).toContain('UTF-8');
  });

  it('is VALIDATION_ERROR for a body nested deeper than a row may be', async () => {
    const depth = MAX_ROW_DEPTH + 3;
    const problem = await problemOf(post('['.repeat(depth) + ']'.repeat(depth)));
    expect(problem.detail).toContain('nested too deep');
    expect(await problemOf(post('['.repeat(1_000_000)))).toMatchObject({ status: 400 });
  });

  it('is PAYLOAD_TOO_LARGE for a body above the limit, in bytes', async () => {
    const body = JSON.stringify({ name: 'é'.repeat(MAX_BODY_BYTES / 2) });
    expect(body.length).toBeLessThan(MAX_BODY_BYTES);
    const problem = await problemOf(post(body));
    expect(problem).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', status: 413 });
    expect(problem.detail).toContain(String(MAX_BODY_BYTES));
  });

  it('is not that a body below the limit, whatever is in it, does not fit an event', () => {
    // Quotes, backslashes and line breaks take two bytes in the event: nothing that JSON holds takes more.
    const [open, close] = ['{"name":"', '"}'];
    const room = MAX_BODY_BYTES - open.length - close.length;
    const headers = { ...JSON_TYPE, 'x-header': '"'.repeat(10_240) };
    for (const pair of ['\\"', '\\\\', '\n\t'] as const) {
      const event = httpEvent(post(open + pair.repeat(room / 2) + close, headers));
      expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(6 * 1024 * 1024);
    }
  });

  it('is INTERNAL with the request’s id, and nothing else, for what nobody foresaw', async () => {
    const { ports, send } = start();
    const { status, text } = await send({ path: '/api/v2/broken' });
    expect(status).toBe(500);
    expect(text).toContain('JKJaXmPLvHcESHA=');
    expect(text).not.toMatch(/Ada|TypeError|\.ts/);
    expect(ports.log.entries.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it.each([undefined, null, {}, { rawPath: 7 }, { ...httpEvent(), rawPath: 'no slash' }])(
    'is a problem document even for the event %j',
    async (event) => {
      const { statusCode, body } = await start().handler(event, lambdaContext());
      expect(ProblemBodySchema.parse(JSON.parse(body ?? '')).status).toBe(statusCode);
    },
  );
});
