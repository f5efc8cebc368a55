/** The connections port over its implementations, and how the adapter signs. */
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import * as z from 'zod';
import { createConnections } from '../../functions/adapters/managedConnections.ts';
import { createSigner } from '../../functions/adapters/requestSignature.ts';
import { createConnectionsApi } from '../../local/apiGateway/webSocket/connectionsApi.ts';
import { createSocketGateway } from '../../local/apiGateway/webSocket/socketGateway.ts';
import type { GatewayApi } from '../../local/cloudFormation/gateways.ts';
import { clientConfig, createTestAccess, serve } from '../support/localAws.ts';
import { createRecordingConnections } from '../support/memoryPorts.ts';
import { connectionsSuite, type ConnectionsFixture } from './suites/connectionsSuite.ts';

async function openFake(): Promise<ConnectionsFixture> {
  const connections = createRecordingConnections();
  let ids = 0;
  return {
    connections,
    connect: async () => `c${++ids}`,
    received: async (id) =>
      connections.sent.filter((sent) => sent.connectionId === id).map(({ message }) => message),
    leave: async (id) => void connections.gone.add(id),
    breakDown: async () => void (connections.unreachable = true),
    close: () => Promise.resolve(),
  };
}

const EventSchema = z.object({ requestContext: z.object({ connectionId: z.string() }) });

const API: GatewayApi = {
  id: 'a1b2c3d4e5',
  protocol: 'WEBSOCKET',
  stage: 'v2',
  routes: ['$connect', '$disconnect', '$default'].map((key) => ({
    key,
    functionArn: 'stream',
    timeoutMs: 29_000,
    authorizer: undefined,
    throttle: undefined,
  })),
  cors: undefined,
  routeSelection: '$request.body.action',
};

/** The adapter over the @connections endpoint of the local cloud, with real sockets behind it. */
async function openAdapter(): Promise<ConnectionsFixture> {
  let connected = '';
  const gateway = createSocketGateway(API, async (_arn, payload) => {
    connected = EventSchema.parse(JSON.parse(payload)).requestContext.connectionId;
    return { ok: true, payload: '{"statusCode":200}' };
  });
  const sockets = createServer();
  sockets.on('upgrade', (...upgrade) => gateway.server.emit('upgrade', ...upgrade));
  await new Promise<void>((resolve) => sockets.listen(0, '127.0.0.1', resolve));
  const address = sockets.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const endpoint = await serve(
    createConnectionsApi({
      apiId: API.id,
      stage: API.stage,
      access: createTestAccess(),
      find: (id) => gateway.find(id),
    }),
  );
  const clients = new Map<string, { socket: WebSocket; messages: string[] }>();
  let serving = true;
  return {
    connections: createConnections({
      managementUrl: endpoint.url,
      placeOf: () => clientConfig(endpoint.url),
    }),
    async connect() {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/v2/stream`);
      const messages: string[] = [];
      socket.on('message', (data: Buffer) => messages.push(data.toString('utf8')));
      await once(socket, 'open');
      clients.set(connected, { socket, messages });
      return connected;
    },
    async received(id, count) {
      const client = clients.get(id);
      if (!client) return [];
      while (client.messages.length < count) await once(client.socket, 'message');
      return client.messages;
    },
    async leave(id) {
      clients.get(id)?.socket.close();
      while (gateway.find(id)) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async breakDown() {
      serving = false;
      await endpoint.close();
    },
    async close() {
      for (const { socket } of clients.values()) socket.terminate();
      await gateway.closeAll();
      sockets.close();
      if (serving) await endpoint.close();
    },
  };
}

connectionsSuite('in memory', openFake);
connectionsSuite("over the local cloud's @connections", openAdapter);

describe('the signature of a message', () => {
  it.each([undefined, 'a token/with=signs'])('is the one of the SDK (token: %s)', async (token) => {
    const identity = {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      ...(token === undefined ? {} : { sessionToken: token }),
    };
    const region = 'eu-central-1';
    const client = new ApiGatewayManagementApiClient({ region, credentials: identity });
    const request = { method: 'POST', path: '/v2/@connections/a%2Bb%3D', body: '{"é":1}' };
    const host = 'x.execute-api.eu-central-1.amazonaws.com';
    const now = Date.UTC(2026, 4, 3, 2, 1);
    const signer = await client.config.signer({
      name: 'sigv4',
      signingName: 'execute-api',
      signingRegion: region,
      properties: {},
    });
    const unsigned: Parameters<typeof signer.sign>[0] = {
      ...request,
      protocol: 'https:',
      hostname: host,
      query: {},
      headers: { host },
    };
    const theirs = await signer.sign(unsigned, { signingDate: new Date(now) });
    const sign = createSigner({ region, service: 'execute-api' });
    expect(sign({ ...request, host }, identity, now)).toEqual(
      'headers' in theirs ? theirs.headers : undefined,
    );
  });
});
