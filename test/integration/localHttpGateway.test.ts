/** The HTTP gateway over real HTTP, with functions that are plain callbacks. */
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { request as httpRequest, type Server } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { InvocationResult } from '../../local/lambda/invoke.ts';
import { createHttpGateway } from '../../local/apiGateway/http/httpGateway.ts';
import { close, listen } from '../../local/net/listen.ts';
import type { Authorizer, GatewayApi, Route } from '../../local/cloudFormation/gateways.ts';

type Json = Record<string, unknown>;
type FakeFunction = (event: Json) => unknown;

let server: Server | undefined;
afterEach(async () => {
  if (server) await close(server, 0);
});

const route = (key: string, more: Partial<Route> = {}): Route => ({
  key,
  functionArn: 'api',
  timeoutMs: 30_000,
  authorizer: undefined,
  throttle: undefined,
  ...more,
});

/** Serves routes; a function's answer is what its callback returns, an Error is a failure. */
async function serve(
  functions: Record<string, FakeFunction>,
  routes: Route[],
  more: Partial<GatewayApi> = {},
): Promise<string> {
  const api: GatewayApi = {
    id: 'a1b2c3d4e5',
    protocol: 'HTTP',
    stage: '$default',
    routes,
    cors: undefined,
    routeSelection: '',
    ...more,
  };
  server = createHttpGateway(api, async (arn, payload): Promise<InvocationResult> => {
    const event: unknown = JSON.parse(payload);
    const answer = await functions[arn]?.(event as Json);
    return answer instanceof Error
      ? { ok: false, error: { errorType: answer.name, errorMessage: answer.message } }
      : { ok: true, payload: JSON.stringify(answer ?? null) };
  });
  return `http://127.0.0.1:${await listen(server, 0, 'HTTP_PORT')}`;
}

/** Serves one function and remembers the event that it was given. */
async function serveEcho(key: string) {
  const events: Json[] = [];
  const url = await serve({ api: (event) => void events.push(event) }, [route(key)]);
  return { url, events };
}

const messageOf = async (response: Response) => [response.status, await response.json()];

describe('the event', () => {
  it('is payload 2.0 to the letter', async () => {
    const { url, events } = await serveEcho('POST /jobs/{id}');
    await fetch(`${url}/jobs/a%20b?a=1&a=2&b=x%20y&c`, {
      method: 'POST',
      headers: { 'X-Many': 'one', Cookie: 'c1=v1; c2=v2', 'User-Agent': 'test' },
      body: '{"a":1}',
    });
    const port = new URL(url).port;
    expect(events[0]).toEqual({
      version: '2.0',
      routeKey: 'POST /jobs/{id}',
      rawPath: '/jobs/a b',
      rawQueryString: 'a=1&a=2&b=x%20y&c',
      cookies: ['c1=v1', 'c2=v2'],
      headers: expect.objectContaining({
        host: `127.0.0.1:${port}`,
        'x-many': 'one',
        'content-length': '7',
        'content-type': 'text/plain;charset=UTF-8',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': port,
        'x-forwarded-proto': 'http',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/) as string,
      }) as object,
      queryStringParameters: { a: '1,2', b: 'x y', c: '' },
      pathParameters: { id: 'a b' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'a1b2c3d4e5',
        domainName: '127.0.0.1',
        domainPrefix: '127',
        http: {
          method: 'POST',
          path: '/jobs/a b',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'test',
        },
        requestId: expect.stringMatching(/^[A-Za-z0-9+/]{15}=$/) as string,
        routeKey: 'POST /jobs/{id}',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/) as string,
        timeEpoch: expect.any(Number) as number,
      },
      body: '{"a":1}',
      isBase64Encoded: false,
    });
    expect(Object.keys(events[0]?.headers ?? {})).not.toContain('cookie');
  });

  it('leaves out what a request does not have', async () => {
    const { url, events } = await serveEcho('GET /plain');
    await fetch(`${url}/plain`);
    for (const key of [
      'cookies',
      'queryStringParameters',
      'pathParameters',
      'body',
      'stageVariables',
    ]) {
      expect(events[0]).not.toHaveProperty(key);
    }
    expect(events[0]).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
    expect(events[0]?.requestContext).not.toHaveProperty('authorizer');
  });

  it.each([
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['text/csv', false],
    ['application/xml', false],
    ['application/problem+json', true],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['', true],
  ])('carries a body of type %j with isBase64Encoded %j', async (type, isBase64Encoded) => {
    const { url, events } = await serveEcho('POST /x');
    await fetch(`${url}/x`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: Buffer.from('é'),
    });
    expect(events[0]).toMatchObject({ isBase64Encoded, body: isBase64Encoded ? 'w6k=' : 'é' });
  });
});

describe('the answer', () => {
  const answering = async (answer: unknown) =>
    fetch(`${await serve({ api: () => answer }, [route('GET /x')])}/x`);

  it('takes status, headers, cookies and body', async () => {
    const response = await answering({
      statusCode: 201,
      headers: { 'Content-Type': 'application/json', 'X-Number': 3, 'set-cookie': 'c=3' },
      cookies: ['a=1; Path=/', 'b=2'],
      body: '{"data":1}',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-number')).toBe('3');
    expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2', 'c=3']);
    expect(response.headers.get('apigw-requestid')).toMatch(/=$/);
    expect(await response.json()).toEqual({ data: 1 });
  });

  it('decodes base64', async () => {
    const response = await answering({ statusCode: 200, body: '/wA=', isBase64Encoded: true });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from([255, 0]));
  });

  it('is JSON with 200 when there is no statusCode', async () => {
    const response = await answering({ a: 1 });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await messageOf(response)).toEqual([200, { a: 1 }]);
  });

  it('names plain text when a status comes without a type', async () => {
    const response = await answering({ statusCode: 200, body: 'x' });
    expect(response.headers.get('content-type')).toBe('text/plain;charset=UTF-8');
  });

  it('has neither body nor type with 204', async () => {
    const response = await answering({ statusCode: 204 });
    expect([response.status, await response.text(), response.headers.get('content-type')]).toEqual([
      204,
      '',
      null,
    ]);
  });

  it.each([
    ['a function that fails', new Error('secret')],
    ['an answer of the wrong shape', { statusCode: 'x' }],
    ['headers that are no texts', { statusCode: 200, headers: { a: {} } }],
    ['a header that cannot be sent', { statusCode: 200, headers: { a: 'two\nlines' } }],
  ])('is the gateway’s 500 for %s', async (_, answer) => {
    expect(await messageOf(await answering(answer))).toEqual([
      500,
      { message: 'Internal Server Error' },
    ]);
  });
});

describe('what the gateway answers by itself', () => {
  it('404 without a route', async () => {
    const url = await serve({}, [route('GET /x')]);
    expect(await messageOf(await fetch(`${url}/y`))).toEqual([404, { message: 'Not Found' }]);
    expect((await fetch(`${url}/x`, { method: 'HEAD' })).status).toBe(404);
  });

  it('400 for a path that is no percent-encoding', async () => {
    const url = await serve({}, [route('GET /{proxy+}')]);
    expect(await messageOf(await fetch(`${url}/%E0%A4%A`))).toEqual([
      400,
      { message: 'Bad Request' },
    ]);
  });

  it('413 for a body over 10 MB', async () => {
    const url = await serve({}, [route('POST /x')]);
    const post = (bytes: number) =>
      fetch(`${url}/x`, { method: 'POST', body: Buffer.alloc(bytes) });
    expect(await messageOf(await post(10 * 1024 * 1024 + 1))).toEqual([
      413,
      { message: 'Request Entity Too Large' },
    ]);
    expect((await post(10)).status).toBe(200);
  });

  it('431 for a head over 10,240 bytes', async () => {
    const url = await serve({}, [route('GET /x')]);
    expect((await fetch(`${url}/x`, { headers: { long: 'x'.repeat(11_000) } })).status).toBe(431);
  });

  it('503 when the function takes too long', async () => {
    const url = await serve({ api: () => new Promise((resolve) => setTimeout(resolve, 500)) }, [
      route('GET /x', { timeoutMs: 20 }),
    ]);
    expect(await messageOf(await fetch(`${url}/x`))).toEqual([
      503,
      { message: 'Service Unavailable' },
    ]);
  });

  it('429 above the rate of the stage', async () => {
    const throttle = { ratePerSecond: 0.001, burst: 2 };
    const url = await serve({}, [route('GET /x', { throttle }), route('GET /y')]);
    const statuses = [];
    for (const path of ['/x', '/x', '/x', '/y']) statuses.push((await fetch(url + path)).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
  });

  it('no 429 because the clock is set back', async () => {
    const throttle = { ratePerSecond: 0.001, burst: 3 };
    const url = await serve({}, [route('GET /x', { throttle })]);
    const statuses = [(await fetch(`${url}/x`)).status];
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3600_000 });
    try {
      for (const path of ['/x', '/x']) statuses.push((await fetch(url + path)).status);
    } finally {
      vi.useRealTimers();
    }
    expect(statuses).toEqual([200, 200, 200]);
  });

  it('403 for a host that is not this machine', async () => {
    const url = await serve({}, [route('GET /x')]);
    const status = (host: string) =>
      new Promise((resolve, reject) => {
        httpRequest(`${url}/x`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await status('evil.example')).toBe(403);
    expect(await status('localhost:3000')).toBe(200);
    expect(await status('127.0.0.1')).toBe(200);
  });

  it('400 for what is not HTTP', async () => {
    const url = await serve({}, []);
    const text = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
        socket.write('garbage\r\n\r\n'),
      );
      let all = '';
      socket.on('data', (data) => (all += data.toString()));
      socket.on('close', () => resolve(all));
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 .*\{"message":"Bad Request"\}$/s);
  });
});

describe('an authorizer', () => {
  const authorizer = (more: Partial<Authorizer> = {}): Authorizer => ({
    id: 'auth1',
    functionArn: 'authorizer',
    simpleResponses: true,
    cacheSeconds: 60,
    identitySources: ['$request.header.Authorization'],
    ...more,
  });
  const withKey = (key: string) => ({ headers: { authorization: key } });

  /** Serves /x and /y behind an authorizer that lets `good` in and counts its calls. */
  async function serveGuarded(more: Partial<Authorizer> = {}) {
    const asked: Json[] = [];
    const guard = authorizer(more);
    const url = await serve(
      {
        api: (event) => (event.requestContext as Json).authorizer,
        authorizer: (event) => {
          asked.push(event);
          const { authorization } = event.headers as Record<string, string>;
          if (authorization === 'broken') return { policyDocument: {} };
          return { isAuthorized: authorization === 'good', context: { ownerId: 'o1', n: 1 } };
        },
      },
      [route('GET /x/{id}', { authorizer: guard }), route('GET /y', { authorizer: guard })],
    );
    return { url, asked };
  }

  it('hands its context on to the function, types kept', async () => {
    const { url } = await serveGuarded();
    const response = await fetch(`${url}/y`, withKey('good'));
    expect(await messageOf(response)).toEqual([200, { lambda: { ownerId: 'o1', n: 1 } }]);
  });

  it('is asked with the event of the documentation', async () => {
    const { url, asked } = await serveGuarded();
    await fetch(`${url}/x/1?q=1`, withKey('good'));
    expect(asked[0]).toMatchObject({
      version: '2.0',
      type: 'REQUEST',
      routeArn: 'arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/$default/GET/x/1',
      identitySource: ['good'],
      routeKey: 'GET /x/{id}',
      pathParameters: { id: '1' },
      queryStringParameters: { q: '1' },
    });
    expect(asked[0]).not.toHaveProperty('body');
    expect(asked[0]).not.toHaveProperty('isBase64Encoded');
  });

  it('is not asked without its identity source: 401', async () => {
    const { url, asked } = await serveGuarded();
    expect(await messageOf(await fetch(`${url}/y`))).toEqual([401, { message: 'Unauthorized' }]);
    expect(asked).toEqual([]);
  });

  it('refuses with 403, and an answer of the wrong shape is 500', async () => {
    const { url } = await serveGuarded();
    expect(await messageOf(await fetch(`${url}/y`, withKey('bad')))).toEqual([
      403,
      { message: 'Forbidden' },
    ]);
    expect((await fetch(`${url}/y`, withKey('broken'))).status).toBe(500);
  });

  it('is asked once for a key, on all its routes, while the answer is remembered', async () => {
    const { url, asked } = await serveGuarded();
    await fetch(`${url}/y`, withKey('good'));
    await fetch(`${url}/x/1`, withKey('good'));
    await fetch(`${url}/y`, withKey('other'));
    expect(asked).toHaveLength(2);
  });

  it('is asked each time when nothing is to be remembered', async () => {
    const { url, asked } = await serveGuarded({ cacheSeconds: 0 });
    await fetch(`${url}/y`, withKey('good'));
    await fetch(`${url}/y`, withKey('good'));
    expect(asked).toHaveLength(2);
  });
});

describe('CORS', () => {
  const cors = {
    AllowOrigins: ['https://app.example', 'http://*'],
    AllowMethods: ['GET', 'POST'],
    AllowHeaders: ['authorization'],
    ExposeHeaders: ['location'],
    MaxAge: 60,
    AllowCredentials: false,
  };
  const headersOf = (response: Response) =>
    Object.fromEntries(
      [...response.headers].filter(([name]) => name.startsWith('access-control-')),
    );
  const serveCors = (answer: unknown, key = 'GET /x') =>
    serve({ api: () => answer }, [route(key)], { cors });

  it('answers preflights, on any path, without asking a function', async () => {
    const url = await serveCors(new Error('not to be asked'));
    const response = await fetch(`${url}/nowhere`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    });
    expect(response.status).toBe(204);
    expect(headersOf(response)).toEqual({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '60',
    });
  });

  it('replaces what the function says of it', async () => {
    const url = await serveCors({
      statusCode: 200,
      headers: { 'Access-Control-Allow-Origin': 'evil' },
    });
    const response = await fetch(`${url}/x`, { headers: { origin: 'http://localhost:5173' } });
    expect(headersOf(response)).toEqual({
      'access-control-allow-origin': 'http://localhost:5173',
      'access-control-expose-headers': 'location',
    });
  });

  it('says nothing to other origins, or to none', async () => {
    const url = await serveCors({ statusCode: 200 });
    expect(
      headersOf(await fetch(`${url}/x`, { headers: { origin: 'https://other.example' } })),
    ).toEqual({});
    expect(headersOf(await fetch(`${url}/x`))).toEqual({});
  });

  it('leaves OPTIONS to a route that takes it', async () => {
    const url = await serveCors({ statusCode: 418 }, 'ANY /x');
    expect((await fetch(`${url}/x`, { method: 'OPTIONS' })).status).toBe(418);
  });
});

describe('ports', () => {
  it('says what to do when a port is taken', async () => {
    await serve({}, []);
    const { port } = server?.address() as AddressInfo;
    const other = createHttpGateway(
      { id: '', protocol: 'HTTP', stage: '', routes: [], cors: undefined, routeSelection: '' },
      () => Promise.reject(new Error('unused')),
    );
    await expect(listen(other, port, 'HTTP_PORT')).rejects.toThrow(
      new RegExp(`Port ${port} is taken.*HTTP_PORT=`),
    );
  });
});
