/**
 * The function URL of the template, at a path of the HTTP port: answers are streamed as the function makes
 * them, and as fast as the client takes them. As in AWS, the function does not learn that its client has
 * left: what it writes then is dropped
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { gatewayRequest, type Beside } from '../apiGateway/http/httpGateway.ts';
import { preflight } from '../apiGateway/http/cors.ts';
import {
  requestEvent,
  requestFacts,
  type GatewayRequest,
} from '../apiGateway/http/requestEvent.ts';
import type { FunctionUrl } from '../cloudFormation/functionUrls.ts';
import { isLoopbackHost } from '../net/loopbackHost.ts';
import type { InvocationResult, InvokeStream, ResponseSink } from '../lambda/invoke.ts';
import { DELIMITER, HTTP_INTEGRATION } from '../lambda/responseStream.ts';

/** The path under which the local cloud has it. */
export const EVENTS_PATH = '/events';

/** A function URL has a stage and a route of these names, and no others. */
const DEFAULT = '$default';

const PreludeSchema = z.object({
  statusCode: z.number().int().default(200),
  headers: z.record(z.string(), z.string()).default({}),
});

/** What Lambda answers by itself. */
const MESSAGES: Readonly<Record<string, readonly [status: number, message: string]>> = {
  TooManyRequestsException: [429, 'Rate Exceeded.'],
};
const BROKEN = [502, 'Internal Server Error'] as const;

export function createFunctionUrl(
  { functionArn, cors }: FunctionUrl,
  stream: InvokeStream,
): Beside {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isLoopbackHost(request.headers.host)) return message(response, 403, 'Forbidden');
    const origin = request.headers.origin;
    const allowed = cors ? preflight(cors, origin) : undefined;
    if (request.method === 'OPTIONS' && allowed) {
      // What is asked for is not looked at: the browser does.
      response.writeHead(200, allowed.headers).end();
      return;
    }
    const body: Buffer[] = [];
    for await (const piece of request as AsyncIterable<Buffer>) body.push(piece);
    const event = eventOf(gatewayRequest(request, Buffer.concat(body)));
    const sink = createSink(response, allowed?.headers ?? {});
    const result = await stream(functionArn, JSON.stringify(event), sink);
    end(response, result);
  }

  return {
    serves: (target) => target === EVENTS_PATH || /^\/events[/?]/.test(target),
    handle(request, response) {
      // Whoever leaves while it is read, or sends what is no request.
      answer(request, response).catch(() => response.destroy());
    },
  };
}

/** The event of a function URL: that of an HTTP API, where what is absent there is null. */
function eventOf(request: GatewayRequest): object {
  const target = request.target.slice(EVENTS_PATH.length);
  const facts = requestFacts(
    { ...request, target: target.startsWith('/') ? target : `/${target}` },
    { id: 'local', stage: DEFAULT },
    { routeKey: DEFAULT, pathParameters: {} },
    Date.now(),
  );
  const event = requestEvent(facts, undefined) as { requestContext: object };
  return {
    ...event,
    pathParameters: null,
    stageVariables: null,
    requestContext: { ...event.requestContext, authentication: null, authorizer: null },
  };
}

/** Takes a stream to the client: its status and headers first, where it begins with them. */
function createSink(
  response: ServerResponse,
  corsHeaders: Readonly<Record<string, string | string[]>>,
): ResponseSink {
  let hasPrelude = false;
  let begun: Buffer = Buffer.alloc(0);
  const write = async (bytes: Uint8Array) => {
    if (response.destroyed || bytes.length === 0) return;
    if (!response.write(bytes)) await roomIn(response);
  };
  return {
    contentType(type) {
      hasPrelude = type === HTTP_INTEGRATION;
      if (!hasPrelude) response.writeHead(200, { ...corsHeaders, 'content-type': type });
    },
    async write(bytes) {
      if (!hasPrelude) return write(bytes);
      begun = Buffer.concat([begun, bytes]);
      const end = begun.indexOf(DELIMITER);
      if (end < 0) return;
      hasPrelude = false;
      const json: unknown = JSON.parse(begun.subarray(0, end).toString('utf8'));
      const { statusCode, headers } = PreludeSchema.parse(json);
      // Lambda sends both, its own and the function's.
      response.writeHead(statusCode, { ...corsHeaders, ...headers });
      // What is to be seen is that it has begun.
      response.flushHeaders();
      await write(begun.subarray(end + DELIMITER.length));
    },
  };
}

/** Resolves when the client has taken what was written, or has left. */
const roomIn = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const goOn = () => {
      response.off('drain', goOn);
      response.off('close', goOn);
      resolve();
    };
    response.on('drain', goOn);
    response.on('close', goOn);
  });

function end(response: ServerResponse, result: InvocationResult): void {
  if (result.ok || response.headersSent) {
    // Lambda calls it a success whatever happens behind the first byte.
    response.end();
    return;
  }
  const [status, text] = MESSAGES[result.error.errorType] ?? BROKEN;
  message(response, status, text);
}

function message(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ Message: text }));
}
