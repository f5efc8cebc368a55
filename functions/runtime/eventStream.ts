/**
 * The wrapper of the function behind a Lambda function URL that streams its answer
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html).
 */
import type { Context } from 'aws-lambda';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import * as z from 'zod';
import type { Log } from '../../shared/ports.ts';
import { Problem } from '../../shared/problems.ts';
import { withoutData } from './errors.ts';
import { withInvocation } from './invocation.ts';
import { problemResponse, SECURITY_HEADERS } from './problemResponse.ts';

/** Set by Lambda's runtime before a function is loaded. */
declare const awslambda: {
  streamifyResponse(handler: StreamingHandler): StreamingHandler;
  HttpResponseStream: {
    /** Status and headers go out with the first write. */
    from(stream: Writable, head: { statusCode: number; headers: Record<string, string> }): Writable;
  };
};

export type StreamingHandler = (
  event: unknown,
  stream: Writable,
  context: Context,
) => Promise<void>;

/** The fields of the event that are read; a function URL sends what a HTTP API does (payload 2.0). */
const UrlEventSchema = z.object({
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: z.record(z.string(), z.string()).default({}),
  requestContext: z.object({ requestId: z.string(), http: z.object({ method: z.string() }) }),
});

/** A request for a stream. */
export interface StreamRequest {
  readonly query: URLSearchParams;
  readonly lastEventId: string | undefined;
  /** How long the function may take yet, in ms. */
  readonly remainingMs: number;
}

/** Gives the text of a stream, piece by piece, or undefined when there is none; it may throw Problem. */
export type OpenStream = (request: StreamRequest) => Promise<AsyncIterable<string> | undefined>;

const HEADERS = {
  ...SECURITY_HEADERS,
  'content-type': 'text/event-stream; charset=utf-8',
  // A proxy that collects what it passes on would hold events up (nginx, ngx_http_proxy_module).
  'x-accel-buffering': 'no',
};

/**
 * A handler that answers GET by a stream of server-sent events: 204 when there is nothing to come, so that
 * a browser does not ask again, and a problem document for what is wrong. Lambda does not tell when the
 * client has left.
 */
export function eventStream({ log }: { log: Log }, open: OpenStream): StreamingHandler {
  return awslambda.streamifyResponse((event, stream, context) =>
    withInvocation(context, async () => {
      const parsed = UrlEventSchema.safeParse(event);
      const path = parsed.data?.rawPath ?? '';
      const requestId = parsed.data?.requestContext.requestId ?? context.awsRequestId;
      let pieces: AsyncIterable<string> | undefined;
      try {
        pieces = await open(requestOf(UrlEventSchema.parse(event), context));
      } catch (error) {
        const response = problemResponse(log, error, { path, requestId });
        const headers = Object.fromEntries(response.headers);
        const out = awslambda.HttpResponseStream.from(stream, {
          statusCode: response.status,
          headers,
        });
        await writeAll(out, [await response.text()]);
        out.end();
        return;
      }
      const statusCode = pieces ? 200 : 204;
      const out = awslambda.HttpResponseStream.from(stream, { statusCode, headers: HEADERS });
      try {
        await writeAll(out, pieces ?? ['']);
      } catch (error) {
        // The client comes again, and goes on from the last event that it got.
        log.error('A stream of events broke off.', { requestId, error: withoutData(error) });
      }
      out.end();
    }),
  );
}

function requestOf(
  { rawQueryString, headers, requestContext }: z.output<typeof UrlEventSchema>,
  context: Context,
): StreamRequest {
  if (requestContext.http.method !== 'GET') {
    throw new Problem('NOT_FOUND', 'This path does not take the method. It takes GET.');
  }
  return {
    query: new URLSearchParams(rawQueryString),
    lastEventId: headers['last-event-id'],
    remainingMs: context.getRemainingTimeInMillis(),
  };
}

/** Writes piece by piece; the next one is made when there is room for it. */
async function writeAll(
  out: Writable,
  pieces: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  for await (const piece of pieces) {
    if (!out.write(piece)) await once(out, 'drain');
  }
}
