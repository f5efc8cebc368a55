/**
 * Events of a WebSocket API, in the shapes recorded from API Gateway: connecting brings headers and
 * query, messages bring a body alone.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { commonLogTime, gatewayRequestId, splitTarget } from '../http/requestEvent.ts';
import {
  LOCAL_ACCOUNT,
  LOCAL_PARTITION,
  LOCAL_REGION,
} from '../../cloudFormation/resourceTypes.ts';

/** A connection's fixed facts. */
export interface ConnectionFacts {
  readonly connectionId: string;
  readonly apiId: string;
  readonly stage: string;
  readonly host: string;
  readonly sourceIp: string;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
}

/** What the authorizer said of the caller, texts all; repeated with every event. */
export type AuthorizerContext = Readonly<Record<string, string | number>>;

/** An id in API Gateway's form, without characters that a path would have to encode but `=`. */
export const newConnectionId = () => `${randomBytes(11).toString('base64url')}=`;

type EventType = 'CONNECT' | 'MESSAGE' | 'DISCONNECT';

function requestContext(
  connection: ConnectionFacts,
  routeKey: string,
  eventType: EventType,
  authorizer: AuthorizerContext | undefined,
) {
  const now = Date.now();
  const requestId = gatewayRequestId();
  return {
    routeKey,
    ...(authorizer ? { authorizer } : {}),
    eventType,
    extendedRequestId: requestId,
    requestTime: commonLogTime(new Date(now)),
    messageDirection: 'IN',
    stage: connection.stage,
    connectedAt: connection.connectedAt,
    requestTimeEpoch: now,
    identity: { sourceIp: connection.sourceIp },
    requestId,
    domainName: connection.host.replace(/:\d+$/, ''),
    connectionId: connection.connectionId,
    apiId: connection.apiId,
  };
}

/** Headers and query of the request that asks for the connection. */
export interface Handshake {
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly query: Readonly<Record<string, string>>;
  readonly multiValueQuery: Readonly<Record<string, readonly string[]>>;
}

/** Names of headers keep the case that the client gave them; of many values the last one counts. */
export function readHandshake(request: IncomingMessage): Handshake {
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    headers.push([request.rawHeaders[i] ?? '', request.rawHeaders[i + 1] ?? '']);
  }
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  headers.push(
    ['X-Amzn-Trace-Id', `Root=1-${seconds}-${randomUUID().replaceAll('-', '').slice(0, 24)}`],
    ['X-Forwarded-For', request.socket.remoteAddress ?? ''],
    ['X-Forwarded-Port', String(request.socket.localPort ?? '')],
    ['X-Forwarded-Proto', 'http'],
  );
  const query = [...new URLSearchParams(splitTarget(request.url ?? '').rawQueryString)];
  return {
    headers: Object.fromEntries(headers),
    multiValueHeaders: gather(headers),
    query: Object.fromEntries(query),
    multiValueQuery: gather(query),
  };
}

function gather(pairs: readonly [string, string][]): Record<string, string[]> {
  const gathered: Record<string, string[]> = {};
  for (const [name, value] of pairs) (gathered[name] ??= []).push(value);
  return gathered;
}

function handshakeFields({ headers, multiValueHeaders, query, multiValueQuery }: Handshake) {
  return {
    headers,
    multiValueHeaders,
    ...(Object.keys(query).length > 0
      ? { queryStringParameters: query, multiValueQueryStringParameters: multiValueQuery }
      : {}),
  };
}

/** ARN of the one method that an authorizer judges: connecting. */
export const connectArn = ({ apiId, stage }: ConnectionFacts) =>
  `arn:${LOCAL_PARTITION}:execute-api:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${apiId}/${stage}/$connect`;

/** The event for the authorizer. */
export const authorizerEvent = (connection: ConnectionFacts, handshake: Handshake): object => ({
  type: 'REQUEST',
  methodArn: connectArn(connection),
  ...handshakeFields(handshake),
  requestContext: requestContext(connection, '$connect', 'CONNECT', undefined),
});

/** The event of $connect; there is no connection to post to yet. */
export const connectEvent = (
  connection: ConnectionFacts,
  handshake: Handshake,
  authorizer: AuthorizerContext | undefined,
): object => ({
  ...handshakeFields(handshake),
  requestContext: requestContext(connection, '$connect', 'CONNECT', authorizer),
  isBase64Encoded: false,
});

/** The event of a message, and the id that its error frame names. */
export function messageEvent(
  connection: ConnectionFacts,
  routeKey: string,
  body: string,
  authorizer: AuthorizerContext | undefined,
): { event: object; requestId: string } {
  const context = requestContext(connection, routeKey, 'MESSAGE', authorizer);
  const event = {
    requestContext: { ...context, messageId: newConnectionId() },
    body,
    isBase64Encoded: false,
  };
  return { event, requestId: context.requestId };
}

/** The event of $disconnect: best effort, it may never come. */
export function disconnectEvent(
  connection: ConnectionFacts,
  closed: { readonly code: number; readonly reason: string },
  authorizer: AuthorizerContext | undefined,
): object {
  const headers = {
    Host: connection.host,
    'x-api-key': '',
    'X-Forwarded-For': '',
    'x-restapi': '',
  };
  return {
    headers,
    multiValueHeaders: gather(Object.entries(headers)),
    requestContext: {
      ...requestContext(connection, '$disconnect', 'DISCONNECT', authorizer),
      disconnectStatusCode: closed.code,
      disconnectReason:
        closed.code === 1005 ? 'Client-side close frame status not set' : closed.reason,
    },
    isBase64Encoded: false,
  };
}
