/** The wrapper of the function behind the HTTP API (API Gateway, payload format 2.0). */
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import * as z from 'zod';
import type { Log } from '../../shared/ports.ts';
import { Problem } from '../../shared/problems.ts';
import { withInvocation } from './invocation.ts';
import { problemResponse } from './problemResponse.ts';

/** What the gateway says of a request besides the request itself. */
export interface HttpCaller {
  /** Gives the request's id in the gateway's and our logs. */
  readonly requestId: string;
  /** Whose API key it was; undefined where the gateway asks for none. */
  readonly ownerId: string | undefined;
  /** The header Idempotency-Key, whatever characters it has; undefined when there is none. */
  readonly idempotencyKey: string | undefined;
}

/** Answers a request; it may throw Problem. */
export type Fetch = (request: Request, caller: HttpCaller) => Response | Promise<Response>;

/** The fields of the event that are read. */
const HttpEventSchema = z.object({
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: z.record(z.string(), z.string()).default({}),
  requestContext: z.object({
    requestId: z.string(),
    http: z.object({ method: z.string() }),
    // Anything but our authorizer's word names nobody.
    authorizer: z
      .object({ lambda: z.object({ ownerId: z.string().min(1) }) })
      .optional()
      .catch(undefined),
  }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
});
type HttpEvent = z.output<typeof HttpEventSchema>;

/** Lambda answers with at most 6 MB of JSON, in which a body's quotes take two bytes. */
const MAX_ANSWER_BYTES = 6_000_000;

/** A handler that lets `fetch` answer the event's request; whatever it throws is a problem document. */
export function http(
  { log }: { log: Log },
  fetch: Fetch,
): (event: unknown, context: Context) => Promise<APIGatewayProxyStructuredResultV2> {
  return (event, context) =>
    withInvocation(context, async () => {
      const parsed = HttpEventSchema.safeParse(event);
      const path = parsed.data?.rawPath ?? '';
      const requestId = parsed.data?.requestContext.requestId ?? context.awsRequestId;
      try {
        const { authorizer } = parsed.data?.requestContext ?? {};
        const caller = {
          requestId,
          ownerId: authorizer?.lambda.ownerId,
          idempotencyKey: parsed.data?.headers['idempotency-key'],
        };
        const request = toRequest(HttpEventSchema.parse(event));
        return await toResult(await fetch(request, caller));
      } catch (error) {
        return toResult(problemResponse(log, error, { path, requestId }));
      }
    });
}

/** Methods that Request takes; no route has another. */
const METHODS = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/;
/** The headers that routes read; of the others, some could be such as Request refuses. */
const HEADERS = ['accept', 'content-type', 'if-none-match'];

function toRequest(event: HttpEvent): Request {
  const { method } = event.requestContext.http;
  if (!METHODS.test(method)) throw new Problem('NOT_FOUND', 'No path takes this method.');
  const url = new URL('https://api.invalid');
  // Assigned, not concatenated: the gateway may have decoded a ? or # of the path.
  url.pathname = event.rawPath;
  url.search = event.rawQueryString;
  const encoding = event.isBase64Encoded ? 'base64' : 'utf8';
  // A body on GET or HEAD means nothing (RFC 9110, section 9.3.1), and Request refuses it.
  const hasBody = event.body !== undefined && method !== 'GET' && method !== 'HEAD';
  return new Request(url, {
    method,
    headers: HEADERS.flatMap((name): [string, string][] => {
      const value = event.headers[name];
      return value !== undefined && /^[\x20-\x7e]*$/.test(value) ? [[name, value]] : [];
    }),
    ...(hasBody ? { body: Buffer.from(event.body ?? '', encoding) } : {}),
  });
}

async function toResult(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  const result = {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
    isBase64Encoded: false,
  };
  if (Buffer.byteLength(JSON.stringify(result)) > MAX_ANSWER_BYTES) {
    throw new Problem(
      'PAYLOAD_TOO_LARGE',
      'The answer would be larger than 6 MB. Ask for less at a time, with a smaller limit.',
    );
  }
  return result;
}
