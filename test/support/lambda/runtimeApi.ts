/**
 * Lambda's side of the Runtime API for one execution environment: hands out one event at a time, and
 * takes what the function's runtime posts (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const ErrorSchema = z.object({
  errorType: z.string(),
  errorMessage: z.string(),
  trace: z.array(z.string()),
});
export type PostedError = z.infer<typeof ErrorSchema>;

export interface PostedResponse {
  readonly payload: string;
  readonly contentType: string;
  /** How a streamed answer failed after it had begun, which Lambda counts as a success. */
  readonly failure?: PostedError;
}

export interface RuntimeEvent {
  readonly requestId: string;
  readonly functionArn: string;
  /** When its time is up, in ms since 1970. */
  readonly deadline: number;
  /** X-Ray's header. */
  readonly traceId: string;
  /** JSON. */
  readonly payload: string;
}

/** What a runtime says when it asks for an event. */
export interface Asked {
  /** What goes on in it, by the names of `process.getActiveResourcesInfo()`. */
  readonly activeResources: readonly string[];
  /** Such as v24.21.0. */
  readonly nodeVersion: string;
}

export interface RuntimeApiEvents {
  /** It asks for an event. @param waits there is none yet: the environment may be frozen */
  onAsked(asked: Asked, waits: boolean): void;
  onResponse(requestId: string, response: PostedResponse): void;
  onError(requestId: string, error: PostedError): void;
  /** The function could not be loaded. */
  onInitError(error: PostedError): void;
}

export interface RuntimeApi {
  /** `host:port`, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Gives the runtime this event, at once or when it asks. */
  hand(event: RuntimeEvent): void;
  close(): void;
}

const INVOCATION = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;

export async function serveRuntimeApi(events: RuntimeApiEvents): Promise<RuntimeApi> {
  /** The runtime that waits for an event. */
  let waiting: ServerResponse | undefined;
  /** The event that waits for the runtime. */
  let pending: RuntimeEvent | undefined;

  const next = ({ headers }: IncomingMessage, response: ServerResponse) => {
    const asked: Asked = {
      activeResources: String(headers['sheaf-active-resources'] ?? '')
        .split(' ')
        .filter((name) => name !== ''),
      nodeVersion: String(headers['sheaf-node-version']),
    };
    waiting = response;
    events.onAsked(asked, pending === undefined);
    pass();
  };
  const pass = () => {
    if (!waiting || !pending) return;
    const { requestId, functionArn, deadline, traceId, payload } = pending;
    waiting.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': String(deadline),
      'lambda-runtime-invoked-function-arn': functionArn,
      'lambda-runtime-trace-id': traceId,
    });
    waiting.end(payload);
    waiting = undefined;
    pending = undefined;
  };
  const take = ({ url: path = '', headers, trailers }: IncomingMessage, body: string) => {
    if (path === '/2018-06-01/runtime/init/error') {
      events.onInitError(ErrorSchema.parse(JSON.parse(body)));
      return 202;
    }
    const [, requestId, kind] = INVOCATION.exec(path) ?? [];
    if (requestId === undefined) return 404;
    if (kind === 'response') {
      const behind = trailers['lambda-runtime-function-error-body'];
      const json = behind && Buffer.from(behind, 'base64').toString('utf8');
      events.onResponse(requestId, {
        payload: body,
        contentType: headers['content-type'] ?? '',
        ...(json && { failure: ErrorSchema.parse(JSON.parse(json)) }),
      });
    } else events.onError(requestId, ErrorSchema.parse(JSON.parse(body)));
    return 202;
  };
  const server = createServer((request, response) => {
    if (request.url === '/2018-06-01/runtime/invocation/next') return next(request, response);
    void text(request).then((body) => {
      response.writeHead(take(request, body), { 'content-type': 'application/json' });
      response.end('{"status":"OK"}');
    });
  });
  // A runtime waits for an event as long as there is none.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    hand(event) {
      pending = event;
      pass();
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
