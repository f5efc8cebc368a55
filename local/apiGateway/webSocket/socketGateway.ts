/** The WebSocket API: API Gateway v2 in front of the template's functions. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { z } from 'zod';
import { invokeWithin, type Invoke } from '../../lambda/invoke.ts';
import { createThrottle } from '../throttle.ts';
import type { GatewayApi, Route } from '../../cloudFormation/gateways.ts';
import type { SocketMeter } from '../../billing/meter.ts';
import { authorizeConnect } from './connectAuthorizer.ts';
import { CLOSE, openConnection } from './connection.ts';
import { MAX_MESSAGE_BYTES, type OpenConnection } from './connectionsApi.ts';
import { refusalOf, refuse } from './refusal.ts';
import { routeSelection } from './routeSelection.ts';
import {
  connectEvent,
  disconnectEvent,
  messageEvent,
  newConnectionId,
  readHandshake,
  type AuthorizerContext,
  type ConnectionFacts,
} from './socketEvents.ts';

export interface SocketGateway {
  /** Not yet listening. */
  readonly server: Server;
  find(connectionId: string): OpenConnection | undefined;
  /** Sends every client away and waits for its $disconnect. */
  closeAll(): Promise<void>;
}

/** Path of the WebSocket, below the local address; API Gateway has the stage alone. */
export const streamPath = (stage: string) => `/${stage}/stream`;

/** @param meter told of connections and messages */
export function createSocketGateway(
  api: GatewayApi,
  invoke: Invoke,
  meter?: SocketMeter,
): SocketGateway {
  const routes = new Map(
    api.routes.map((route) => [route.key, { route, mayPass: createThrottle(route.throttle) }]),
  );
  const selectRoute = routeSelection(api.routeSelection);
  const open = new Map<string, OpenConnection>();
  const sockets = new Map<WebSocket, Promise<void>>();

  // No deflate and no subprotocol: neither is offered by a route of the template.
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: () => false,
  });

  /** Runs a route's function; undefined when it failed or took too long. */
  const run = async (route: Route, event: object): Promise<string | undefined> => {
    const text = JSON.stringify(event);
    const result = await invokeWithin(route.timeoutMs, invoke, route.functionArn, text);
    return result?.ok ? result.payload : undefined;
  };

  /** Runs the authorizer and $connect; the refusal's status, or the caller's context. */
  const admit = async (facts: ConnectionFacts, request: IncomingMessage) => {
    const handshake = readHandshake(request);
    const connect = routes.get('$connect');
    let context: AuthorizerContext | undefined;
    if (connect?.route.authorizer) {
      const authorizer = connect.route.authorizer;
      const authorization = await authorizeConnect(authorizer, invoke, facts, handshake);
      if (authorization.status !== 200) return { status: authorization.status };
      context = authorization.context;
    }
    if (!connect) return { status: 200, context };
    const answer = await run(connect.route, connectEvent(facts, handshake, context));
    return { status: answer === undefined ? 502 : statusOf(answer), context };
  };

  const receive = async (
    facts: ConnectionFacts,
    context: AuthorizerContext | undefined,
    text: string,
  ) => {
    const selected = routes.get(selectRoute(text)) ?? routes.get('$default');
    const { event, requestId } = messageEvent(facts, selected?.route.key ?? '', text, context);
    const tell = (message: string) => {
      const { connectionId } = facts;
      open
        .get(connectionId)
        ?.send(Buffer.from(JSON.stringify({ message, connectionId, requestId })));
    };
    if (!selected) tell('Forbidden');
    else if (!selected.mayPass()) tell('Too Many Requests');
    else if ((await run(selected.route, event)) === undefined) tell('Internal server error');
  };

  const disconnect = async (
    facts: ConnectionFacts,
    context: AuthorizerContext | undefined,
    closed: { code: number; reason: string },
  ) => {
    const route = routes.get('$disconnect')?.route;
    if (route) await run(route, disconnectEvent(facts, closed, context));
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const facts: ConnectionFacts = {
      connectionId: newConnectionId(),
      apiId: api.id,
      stage: api.stage,
      host: request.headers.host ?? '',
      sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
      connectedAt: Date.now(),
    };
    const refusal = refusalOf(request, streamPath(api.stage));
    if (refusal !== undefined) return refuse(socket, refusal, facts.connectionId);
    const { status, context } = await admit(facts, request);
    if (status < 200 || status > 299) return refuse(socket, status, facts.connectionId);
    let accepted = false;
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      accepted = true;
      const closed = new Promise<void>((resolve) => {
        const connection = openConnection({
          webSocket,
          socket,
          facts,
          userAgent: request.headers['user-agent'] ?? '',
          meter,
          onMessage: (text) => receive(facts, context, text),
          onClose: (how) => {
            open.delete(facts.connectionId);
            void disconnect(facts, context, how).then(() => {
              sockets.delete(webSocket);
              resolve();
            });
          },
        });
        open.set(facts.connectionId, connection);
      });
      sockets.set(webSocket, closed);
    });
    // The client left while $connect was running.
    if (!accepted) {
      await disconnect(facts, context, { code: 1006, reason: 'Connection closed abnormally' });
    }
  };

  const server = createServer((_, response) => {
    response.writeHead(426, { 'content-type': 'application/json', upgrade: 'websocket' });
    response.end(JSON.stringify({ message: 'Upgrade Required' }));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that leaves in the middle is no failure of ours.
    socket.on('error', () => socket.destroy());
    void upgrade(request, socket, head);
  });

  return {
    server,
    find: (connectionId) => open.get(connectionId),
    async closeAll() {
      for (const webSocket of sockets.keys()) webSocket.close(CLOSE.goingAway, 'Going away');
      await Promise.all(sockets.values());
    },
  };
}

const StatusSchema = z.object({ statusCode: z.coerce.number().int().min(100).max(599) });

/** The status that $connect answered; any other answer refuses the connection. */
function statusOf(payload: string): number {
  const answer = StatusSchema.safeParse(JSON.parse(payload));
  return answer.success ? answer.data.statusCode : 502;
}
