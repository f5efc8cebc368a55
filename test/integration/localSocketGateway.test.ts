/** The WebSocket gateway over real sockets, with functions that are plain callbacks. */
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { connect } from 'node:net';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import type { InvocationResult } from '../../local/lambda/invoke.ts';
import { close, listen } from '../../local/net/listen.ts';
import { createConnectionsApi } from '../../local/apiGateway/webSocket/connectionsApi.ts';
import {
  createSocketGateway,
  type SocketGateway,
} from '../../local/apiGateway/webSocket/socketGateway.ts';
import type { Authorizer, GatewayApi, Route } from '../../local/cloudFormation/gateways.ts';

type Json = Record<string, unknown>;
type FakeFunction = (event: Json) => unknown;

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const AUTHORIZER: Authorizer = {
  id: 'auth1',
  functionArn: 'authorizer',
  simpleResponses: false,
  cacheSeconds: 0,
  identitySources: ['route.request.querystring.ticket'],
};
const route = (key: string, more: Partial<Route> = {}): Route => ({
  key,
  functionArn: 'stream',
  timeoutMs: 29_000,
  authorizer: undefined,
  throttle: undefined,
  ...more,
});
const policy = (effect: string, event: Json, context: object = {}) => ({
  principalId: 'o1',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: event.methodArn }],
  },
  context,
});

/** The authorizer of most tests: by the ticket's text. */
function judge(event: Json): unknown {
  const { ticket } = event.queryStringParameters as { ticket: string };
  if (ticket === 'throw') return new Error('Unauthorized');
  if (ticket === 'break') return new Error('no table');
  if (ticket === 'shape') return { isAuthorized: true };
  if (ticket === 'policy') return { principalId: 'o1', policyDocument: { Statement: 'x' } };
  return policy(ticket === 'deny' ? 'Deny' : 'Allow', event, { ownerId: 'o1', level: 3 });
}

const contextOf = (event: Json) => event.requestContext as Json;

interface Served {
  readonly url: string;
  readonly gateway: SocketGateway;
  /** Events of the stream function, in order. */
  readonly events: Json[];
}

async function serve(
  stream: FakeFunction = () => ({ statusCode: 200 }),
  more: { routes?: Route[]; functions?: Record<string, FakeFunction> } = {},
): Promise<Served> {
  const events: Json[] = [];
  const functions: Record<string, FakeFunction> = {
    authorizer: judge,
    stream: (event) => {
      events.push(event);
      return stream(event);
    },
    ...more.functions,
  };
  const api: GatewayApi = {
    id: 'a1b2c3d4e5',
    protocol: 'WEBSOCKET',
    stage: 'v2',
    routes: more.routes ?? [
      route('$connect', { authorizer: AUTHORIZER }),
      ...['$disconnect', '$default', 'subscribe'].map((key) => route(key)),
    ],
    cors: undefined,
    routeSelection: '$request.body.action',
  };
  const gateway = createSocketGateway(api, async (arn, payload): Promise<InvocationResult> => {
    const event: unknown = JSON.parse(payload);
    const answer = await functions[arn]?.(event as Json);
    return answer instanceof Error
      ? { ok: false, error: { errorType: answer.name, errorMessage: answer.message } }
      : { ok: true, payload: JSON.stringify(answer ?? null) };
  });
  const port = await listen(gateway.server, 0, 'WS_PORT');
  stops.push(async () => {
    await gateway.closeAll();
    await close(gateway.server, 0);
  });
  return { url: `ws://127.0.0.1:${port}/v2/stream`, gateway, events };
}

async function open(url: string, options: ClientOptions = {}): Promise<WebSocket> {
  const client = new WebSocket(url, options);
  stops.push(async () => client.terminate());
  await once(client, 'open');
  return client;
}

/** The HTTP answer to a refused handshake. */
function refusal(url: string, options: ClientOptions = {}): Promise<[number | undefined, Json]> {
  return new Promise((resolve, reject) => {
    const client = new WebSocket(url, options);
    client.on('open', () => reject(new Error('The connection was opened.')));
    client.on('error', () => undefined);
    client.on('unexpected-response', (_, response: IncomingMessage) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('end', () => {
        const body: unknown = JSON.parse(text);
        resolve([response.statusCode, body as Json]);
      });
    });
  });
}

const nextMessage = async (client: WebSocket): Promise<Json> => {
  const [data] = (await once(client, 'message')) as [Buffer];
  const message: unknown = JSON.parse(data.toString());
  return message as Json;
};
const nextClose = async (client: WebSocket) => {
  const [code, reason] = (await once(client, 'close')) as [number, Buffer];
  return [code, reason.toString()];
};

describe('connecting', () => {
  it('runs the authorizer, then $connect with its context, then opens', async () => {
    const { url, events } = await serve();
    await open(`${url}?ticket=good&x=1&x=2`, { headers: { 'X-Case': 'Kept' } });
    expect(events).toEqual([
      {
        headers: expect.objectContaining({
          'X-Case': 'Kept',
          'X-Forwarded-Proto': 'http',
        }) as object,
        multiValueHeaders: expect.objectContaining({ 'X-Case': ['Kept'] }) as object,
        queryStringParameters: { ticket: 'good', x: '2' },
        multiValueQueryStringParameters: { ticket: ['good'], x: ['1', '2'] },
        requestContext: {
          routeKey: '$connect',
          authorizer: {
            principalId: 'o1',
            ownerId: 'o1',
            level: '3',
            integrationLatency: expect.any(Number) as number,
          },
          eventType: 'CONNECT',
          extendedRequestId: expect.any(String) as string,
          requestTime: expect.stringMatching(/ \+0000$/) as string,
          messageDirection: 'IN',
          stage: 'v2',
          connectedAt: expect.any(Number) as number,
          requestTimeEpoch: expect.any(Number) as number,
          identity: { sourceIp: '127.0.0.1' },
          requestId: expect.any(String) as string,
          domainName: '127.0.0.1',
          connectionId: expect.stringMatching(/^[\w-]{15}=$/) as string,
          apiId: 'a1b2c3d4e5',
        },
        isBase64Encoded: false,
      },
    ]);
  });

  it('asks the authorizer with the event of the documentation', async () => {
    const asked: Json[] = [];
    const { url } = await serve(undefined, {
      functions: { authorizer: (event) => (asked.push(event), policy('Allow', event)) },
    });
    await open(`${url}?ticket=t1`);
    expect(asked[0]).toMatchObject({
      type: 'REQUEST',
      methodArn: 'arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/v2/$connect',
      queryStringParameters: { ticket: 't1' },
      multiValueQueryStringParameters: { ticket: ['t1'] },
      requestContext: { routeKey: '$connect', eventType: 'CONNECT' },
    });
    expect(asked[0]).not.toHaveProperty('body');
  });

  it.each([
    ['no ticket', '', 401, 'Unauthorized'],
    ['a ticket that the authorizer throws at', '?ticket=throw', 401, 'Unauthorized'],
    ['a ticket that is denied', '?ticket=deny', 403, 'Forbidden'],
    ['an authorizer that fails', '?ticket=break', 500, 'Internal server error'],
    ['an authorizer whose policy cannot be read', '?ticket=policy', 500, 'Internal server error'],
    ['an authorizer that answers in another shape', '?ticket=shape', 500, 'Internal server error'],
  ])('refuses %s', async (_, query, status, message) => {
    const { url, events } = await serve();
    const [refused, body] = await refusal(url + query);
    expect([refused, body.message]).toEqual([status, message]);
    expect(events).toEqual([]);
  });

  it.each([
    ['its status when it says so', { statusCode: 409 }, 409],
    ['502 when it fails', new Error('x'), 502],
    ['502 when it answers nothing', undefined, 502],
  ])('is refused by $connect with %s', async (_, answer, status) => {
    const { url, gateway, events } = await serve(() => answer);
    expect((await refusal(`${url}?ticket=good`))[0]).toBe(status);
    expect(gateway.find(String(contextOf(events[0] ?? {}).connectionId))).toBeUndefined();
  });

  it('refuses other paths and other hosts, and tells plain HTTP to upgrade', async () => {
    const { url } = await serve();
    expect((await refusal(url.replace('/v2/stream', '/v2')))[0]).toBe(403);
    expect((await refusal(`${url}?ticket=good`, { headers: { host: 'evil.example' } }))[0]).toBe(
      403,
    );
    expect((await fetch(url.replace('ws:', 'http:'))).status).toBe(426);
  });

  it('has no connection to post to before $connect has returned', async () => {
    const seen: unknown[] = [];
    const { url, gateway } = await serve((event) => {
      seen.push(gateway.find(String(contextOf(event).connectionId)));
      return { statusCode: 200 };
    });
    await open(`${url}?ticket=good`);
    expect(seen).toEqual([undefined]);
  });

  it('tells $disconnect when the client has left during $connect', async () => {
    const { url, events } = await serve(async (event) => {
      if (contextOf(event).eventType === 'CONNECT') await new Promise((r) => setTimeout(r, 100));
      return { statusCode: 200 };
    });
    const client = new WebSocket(`${url}?ticket=good`);
    client.on('error', () => undefined);
    await expect.poll(() => events.length).toBe(1);
    client.terminate();
    await expect
      .poll(() => events.map((e) => contextOf(e).eventType))
      .toEqual(['CONNECT', 'DISCONNECT']);
  });
});

describe('messages', () => {
  it.each([
    ['{"action":"subscribe","a":1}', 'subscribe'],
    ['{"action":"other"}', '$default'],
    ['no json', '$default'],
  ])('takes %s to the route %s', async (body, routeKey) => {
    const { url, events } = await serve();
    const client = await open(`${url}?ticket=good`);
    client.send(body);
    await expect.poll(() => events.length).toBe(2);
    expect(events[1]).toEqual({
      requestContext: expect.objectContaining({
        routeKey,
        messageId: expect.any(String) as string,
        eventType: 'MESSAGE',
        connectionId: contextOf(events[0] ?? {}).connectionId,
        authorizer: contextOf(events[0] ?? {}).authorizer,
      }) as object,
      body,
      isBase64Encoded: false,
    });
  });

  it('are answered by an error frame when the function fails', async () => {
    const { url, events } = await serve((event) =>
      contextOf(event).eventType === 'MESSAGE' ? new Error('secret') : { statusCode: 200 },
    );
    const client = await open(`${url}?ticket=good`);
    client.send('{}');
    const message = await nextMessage(client);
    const { connectionId, requestId } = contextOf(events[1] ?? {});
    expect(message).toEqual({ message: 'Internal server error', connectionId, requestId });
  });

  it('without any route are Forbidden', async () => {
    const { url } = await serve(undefined, { routes: [route('$connect')] });
    const client = await open(url);
    client.send('{}');
    expect(await nextMessage(client)).toMatchObject({ message: 'Forbidden' });
  });

  it('above the rate are Too Many Requests', async () => {
    const throttle = { ratePerSecond: 0.001, burst: 1 };
    const { url } = await serve(undefined, {
      routes: [route('$connect'), route('$default', { throttle })],
    });
    const client = await open(url);
    client.send('{}');
    client.send('{}');
    expect(await nextMessage(client)).toMatchObject({ message: 'Too Many Requests' });
  });

  it('of one client that sends without end take no turns of others', async () => {
    const order: unknown[] = [];
    const busy = { now: 0, most: 0 };
    const { url } = await serve(async (event) => {
      if (!('body' in event)) return { statusCode: 200 };
      busy.most = Math.max(busy.most, ++busy.now);
      order.push(event.body);
      await new Promise((resolve) => setImmediate(resolve));
      busy.now--;
      return { statusCode: 200 };
    });
    const flood = await open(`${url}?ticket=good`);
    for (let i = 0; i < 2_000; i++) flood.send('{"from":"flood"}');
    await expect.poll(() => order.length).toBeGreaterThan(0);
    expect(busy.most).toBeLessThanOrEqual(2);
    const other = await open(`${url}?ticket=good`);
    const before = order.length;
    other.send('{"from":"other"}');
    await expect.poll(() => order.length, { timeout: 20_000 }).toBe(2_001);
    expect(busy.most).toBeLessThanOrEqual(3);
    // Between the flood's, and long before its end.
    const turn = order.indexOf('{"from":"other"}');
    expect(turn).toBeGreaterThanOrEqual(before);
    expect(turn).toBeLessThan(2_000);
  });

  it('that are answered get nothing else: what a function returns is dropped', async () => {
    const { url, events } = await serve(() => ({ statusCode: 200, body: 'dropped' }));
    const client = await open(`${url}?ticket=good`);
    const received: unknown[] = [];
    client.on('message', (data) => received.push(data));
    client.send('{}');
    await expect.poll(() => events.length).toBe(2);
    client.close();
    await once(client, 'close');
    expect(received).toEqual([]);
  });
});

describe('limits', () => {
  it.each([
    ['a binary frame', (c: WebSocket) => c.send(Buffer.from('{}'), { binary: true }), 1003],
    ['a frame over 32 KB', (c: WebSocket) => c.send('x'.repeat(32 * 1024 + 1)), 1009],
    [
      'a message over 128 KB',
      (c: WebSocket) => {
        for (let i = 0; i < 5; i++) c.send('x'.repeat(30_000), { fin: i === 4 });
      },
      1009,
    ],
  ])('close the connection at %s', async (_, send, code) => {
    const { url, events } = await serve();
    const client = await open(`${url}?ticket=good`);
    send(client);
    expect((await nextClose(client))[0]).toBe(code);
    await expect.poll(() => events.length).toBe(2);
    expect(contextOf(events[1] ?? {}).eventType).toBe('DISCONNECT');
  });

  it('let a message of 120 KB in frames of 30 KB through', async () => {
    const { url, events } = await serve();
    const client = await open(`${url}?ticket=good`);
    for (let i = 0; i < 4; i++) client.send('x'.repeat(30_000), { fin: i === 3 });
    await expect.poll(() => events.length).toBe(2);
    expect(String(events[1]?.body)).toHaveLength(120_000);
  });
});

describe('closing', () => {
  it.each([
    ['a code and a reason', (c: WebSocket) => c.close(1000, 'bye'), 1000, 'bye'],
    ['no code', (c: WebSocket) => c.close(), 1005, 'Client-side close frame status not set'],
    ['no goodbye', (c: WebSocket) => c.terminate(), 1006, ''],
  ])('runs $disconnect for a client that leaves with %s', async (_, leave, code, reason) => {
    const { url, events, gateway } = await serve();
    const client = await open(`${url}?ticket=good`);
    leave(client);
    await expect.poll(() => events.length).toBe(2);
    expect(contextOf(events[1] ?? {})).toMatchObject({
      routeKey: '$disconnect',
      eventType: 'DISCONNECT',
      disconnectStatusCode: code,
      disconnectReason: reason,
    });
    expect(gateway.find(String(contextOf(events[0] ?? {}).connectionId))).toBeUndefined();
  });

  it('of the gateway sends every client away and waits for $disconnect', async () => {
    const { url, events, gateway } = await serve();
    const client = await open(`${url}?ticket=good`);
    const closed = nextClose(client);
    await gateway.closeAll();
    expect(await closed).toEqual([1001, 'Going away']);
    expect(contextOf(events[1] ?? {}).eventType).toBe('DISCONNECT');
  });
});

describe('@connections', () => {
  /** A gateway with one client, and an SDK client whose caller may do `allowed`. */
  async function serveConnections(allowed = true) {
    const served = await serve();
    const asked: string[] = [];
    const api = createConnectionsApi({
      apiId: 'a1b2c3d4e5',
      stage: 'v2',
      find: (id) => served.gateway.find(id),
      access: {
        region: 'us-east-1',
        accountId: '000000000000',
        now: () => Date.now(),
        readings: () => [Date.now()],
        secretOf: (id) => (id === 'StreamRole' ? 'secret' : undefined),
        allows: (_, action, resource) => {
          asked.push(`${action} ${resource}`);
          return allowed;
        },
      },
    });
    const server: Server = createServer((request, response) => void api(request, response));
    const port = await listen(server, 0, 'SERVICES_PORT');
    const clientOf = (secretAccessKey: string) =>
      new ApiGatewayManagementApiClient({
        region: 'us-east-1',
        endpoint: `http://127.0.0.1:${port}`,
        credentials: { accessKeyId: 'StreamRole', secretAccessKey },
        maxAttempts: 1,
      });
    const sdk = clientOf('secret');
    stops.push(async () => {
      sdk.destroy();
      await close(server, 0);
    });
    const client = await open(`${served.url}?ticket=good`);
    const ConnectionId = String(contextOf(served.events[0] ?? {}).connectionId);
    return { ...served, client, sdk, clientOf, asked, ConnectionId };
  }

  it('sends to the client, asking for the permission of this very connection', async () => {
    const { sdk, client, ConnectionId, asked } = await serveConnections();
    const received = nextMessage(client);
    await sdk.send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.from('{"a":"é"}') }));
    expect(await received).toEqual({ a: 'é' });
    expect(asked).toEqual([
      'execute-api:ManageConnections ' +
        `arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/v2/POST/@connections/${ConnectionId}`,
    ]);
  });

  it('sends up to 128 KB as one message, and refuses more', async () => {
    const { sdk, client, ConnectionId } = await serveConnections();
    const post = (bytes: number) =>
      sdk.send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.alloc(bytes, 'x') }));
    const received = once(client, 'message');
    await post(128 * 1024);
    expect(String((await received)[0])).toHaveLength(128 * 1024);
    await expect(post(128 * 1024 + 1)).rejects.toMatchObject({ name: 'PayloadTooLargeException' });
  });

  it('describes and closes a connection', async () => {
    const { sdk, client, ConnectionId } = await serveConnections();
    const described = await sdk.send(new GetConnectionCommand({ ConnectionId }));
    expect(described).toMatchObject({
      ConnectedAt: expect.any(Date) as Date,
      LastActiveAt: expect.any(Date) as Date,
    });
    const closed = nextClose(client);
    await sdk.send(new DeleteConnectionCommand({ ConnectionId }));
    expect((await closed)[0]).toBe(1000);
  });

  it('answers GoneException for a client that has left, or never was', async () => {
    const { sdk, client, ConnectionId, events } = await serveConnections();
    client.close();
    await expect.poll(() => events.length).toBe(2);
    for (const id of [ConnectionId, 'AAAAAAAAAAAAAAA=']) {
      await expect(
        sdk.send(new PostToConnectionCommand({ ConnectionId: id, Data: Buffer.from('x') })),
      ).rejects.toMatchObject({ name: 'GoneException', $metadata: { httpStatusCode: 410 } });
    }
  });

  it('refuses a role without the grant, and a wrong signature', async () => {
    const refused = await serveConnections(false);
    const command = () =>
      new PostToConnectionCommand({ ConnectionId: refused.ConnectionId, Data: Buffer.from('x') });
    await expect(refused.sdk.send(command())).rejects.toMatchObject({ name: 'ForbiddenException' });
    const { clientOf } = refused;
    await expect(clientOf('wrong').send(command())).rejects.toMatchObject({
      name: 'ForbiddenException',
    });
  });
});

describe('handshakes that are no WebSocket', () => {
  it('are refused with 400', async () => {
    const { url } = await serve();
    const status = await new Promise((resolve) => {
      const request = httpRequest(url.replace('ws:', 'http:'), {
        headers: { connection: 'upgrade', upgrade: 'h2c' },
      });
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.end();
    });
    expect(status).toBe(400);
  });

  it('do no harm when they break off', async () => {
    const { url } = await serve();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET /v2/stream?ticket=good HTTP/1.1\r\nUpgr');
    socket.destroy();
    await open(`${url}?ticket=good`);
  });
});
