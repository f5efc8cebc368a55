/** The HTTP API: API Gateway v2 in front of the template's functions. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { invokeWithin, type Invoke } from '../../lambda/invoke.ts';
import { isLoopbackHost } from '../../net/loopbackHost.ts';
import { createThrottle } from '../throttle.ts';
import type { Authorizer, GatewayApi, Route } from '../../cloudFormation/gateways.ts';
import type { HttpMeter } from '../../billing/meter.ts';
import { createAuthorization } from './authorization.ts';
import { preflight, withCors } from './cors.ts';
import {
  functionResponse,
  gatewayMessage,
  INTERNAL_SERVER_ERROR,
  type GatewayResponse,
} from './functionResponse.ts';
import {
  requestEvent,
  requestFacts,
  splitTarget,
  type GatewayRequest,
  type RequestFacts,
} from './requestEvent.ts';
import { compileRoutes, type RouteMatch } from './routes.ts';

/** API Gateway takes bodies up to 10 MB, request line and headers up to 10,240 bytes. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_HEADER_BYTES = 10_240;

/** Of a body that is refused, this much is taken off the wire. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

const BAD_REQUEST = gatewayMessage(400, 'Bad Request');
const UNAUTHORIZED = gatewayMessage(401, 'Unauthorized');
const FORBIDDEN = gatewayMessage(403, 'Forbidden');
const NOT_FOUND = gatewayMessage(404, 'Not Found');
const TOO_LARGE = gatewayMessage(413, 'Request Entity Too Large');
const TOO_MANY_REQUESTS = gatewayMessage(429, 'Too Many Requests');
const HEADERS_TOO_LARGE = gatewayMessage(431, 'Request Header Fields Too Large');
const UNAVAILABLE = gatewayMessage(503, 'Service Unavailable');

/** Another service behind the same port, under a path of its own. */
export interface Beside {
  /** @param target path and query of a request */
  serves(target: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/**
 * A server, not yet listening, for one API.
 * @param meter told of each request that is answered
 * @param beside what have addresses of their own in AWS, and share the port here
 */
export function createHttpGateway(
  api: GatewayApi,
  invoke: Invoke,
  meter?: HttpMeter,
  beside: readonly Beside[] = [],
): Server {
  const answer = createAnswer(api, invoke);
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    const other = beside.find((one) => one.serves(request.url ?? '/'));
    if (other) {
      other.handle(request, response);
      return;
    }
    readBody(request)
      .then(async (body) => {
        const answered = body ? await answer(gatewayRequest(request, body)) : TOO_LARGE;
        send(response, answered);
        meter?.request(body?.length ?? 0, answered.body.length);
      })
      .catch(() => {
        // The client went away in the middle of its request, or a header that cannot be sent.
        if (!request.complete || response.headersSent) response.destroy();
        else send(response, INTERNAL_SERVER_ERROR);
      });
  });
  server.on('clientError', refuseBrokenRequest);
  return server;
}

/** Finds the answer to a request. */
function createAnswer(api: GatewayApi, invoke: Invoke) {
  const matchRoute = compileRoutes(api.routes);
  const authorizers = new Set(api.routes.flatMap(({ authorizer }) => authorizer ?? []));
  const authorizations = new Map(
    [...authorizers].map((authorizer) => [authorizer, createAuthorization(authorizer, invoke)]),
  );
  const throttles = new Map(
    api.routes.map((route) => [route, createThrottle(route.throttle)] as const),
  );

  const authorize = async (authorizer: Authorizer | undefined, facts: RequestFacts) =>
    (authorizer && (await authorizations.get(authorizer)?.(facts))) ??
    ({ outcome: 'allowed', context: undefined } as const);

  const integrate = async (route: Route, facts: RequestFacts): Promise<GatewayResponse> => {
    if (throttles.get(route)?.() === false) return TOO_MANY_REQUESTS;
    const authorization = await authorize(route.authorizer, facts);
    switch (authorization.outcome) {
      case 'unauthorized':
        return UNAUTHORIZED;
      case 'forbidden':
        return FORBIDDEN;
      case 'broken':
        return INTERNAL_SERVER_ERROR;
      case 'allowed':
    }
    const event = JSON.stringify(requestEvent(facts, authorization.context));
    const result = await invokeWithin(route.timeoutMs, invoke, route.functionArn, event);
    if (result === undefined) return UNAVAILABLE;
    if (result.ok) return functionResponse(result.payload);
    return result.error.errorType === 'RequestTooLargeException'
      ? TOO_LARGE
      : INTERNAL_SERVER_ERROR;
  };

  /** The answer of a route, or of the gateway in its place. */
  const respond = async (
    request: GatewayRequest,
    match: RouteMatch | undefined,
  ): Promise<GatewayResponse> => {
    if (!isLoopbackHost(headerOf(request, 'host'))) return FORBIDDEN;
    if (!match) return NOT_FOUND;
    const { route, pathParameters } = match;
    const facts = requestFacts(request, api, { routeKey: route.key, pathParameters }, Date.now());
    const response = await integrate(route, facts);
    return { ...response, headers: { ...response.headers, 'apigw-requestid': facts.requestId } };
  };

  return async (request: GatewayRequest): Promise<GatewayResponse> => {
    const { path } = splitTarget(request.target);
    if (!isProperPath(path)) return BAD_REQUEST;
    const match = matchRoute(request.method, path);
    if (!api.cors) return respond(request, match);
    const origin = headerOf(request, 'origin');
    // A route that takes OPTIONS goes before the gateway's own answer to preflights.
    if (!match && request.method === 'OPTIONS') return preflight(api.cors, origin);
    return withCors(await respond(request, match), api.cors, origin);
  };
}

/** Absolute, and properly percent-encoded. */
function isProperPath(path: string): boolean {
  try {
    decodeURIComponent(path);
    return path.startsWith('/');
  } catch {
    return false;
  }
}

function headerOf({ rawHeaders }: GatewayRequest, name: string): string | undefined {
  const index = rawHeaders.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === name);
  return index < 0 ? undefined : rawHeaders[index + 1];
}

export function gatewayRequest(request: IncomingMessage, body: Buffer): GatewayRequest {
  return {
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    httpVersion: request.httpVersion,
    rawHeaders: request.rawHeaders,
    body,
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    port: request.socket.localPort ?? 0,
  };
}

/** @returns undefined when the body is larger than the gateway takes */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    // A client reads the refusal only once it has sent its body: let it, within reason.
    if (bytes > MAX_DISCARDED_BYTES) throw new Error('The body does not end.');
    if (bytes > MAX_BODY_BYTES) pieces.length = 0;
    else pieces.push(piece);
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(pieces);
}

function send(response: ServerResponse, { status, headers, body }: GatewayResponse): void {
  const { 'content-type': contentType, ...others } = headers;
  // Neither has a body to speak of (RFC 9110, sections 15.3.5 and 15.4.5).
  const bodiless = status === 204 || status === 304;
  const ofBody = {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    'content-length': body.length,
  };
  response.writeHead(status, { ...others, ...(bodiless ? {} : ofBody) });
  response.end(bodiless ? undefined : body);
}

/** Answers what is not even HTTP, or has too large a head. */
function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, body } = error.code === 'HPE_HEADER_OVERFLOW' ? HEADERS_TOO_LARGE : BAD_REQUEST;
  socket.end(
    `HTTP/1.1 ${status} ${status === 431 ? 'Request Header Fields Too Large' : 'Bad Request'}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n` +
      body.toString(),
  );
}
