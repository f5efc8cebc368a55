/** What a call can end in instead of an answer. */
import * as z from 'zod';
import { FAULT_CODES, GatewayMessageSchema, PROBLEM_CODES } from '../shared/api/problemSchema.ts';
import type { ProblemCode, ProblemDetail } from '../shared/problems.ts';

/** A refusal, with everything that was said about the reason. The message is the problem's detail. */
export class ApiError extends Error {
  /** HTTP status. */
  readonly status: number;
  /** Undefined where it was not the service that answered, but a gateway or the bucket. */
  readonly code: ProblemCode | undefined;
  /** Every fault that was found, where there can be several. */
  readonly errors: readonly ProblemDetail[];
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** When, in ms from the answer on, if that is known. */
  readonly retryAfterMs: number | undefined;
  /** Names the request in the operator's logs. */
  readonly requestId: string | undefined;

  constructor(
    status: number,
    message: string,
    more: Partial<
      Pick<ApiError, 'code' | 'errors' | 'retryable' | 'retryAfterMs' | 'requestId'>
    > = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = more.code;
    this.errors = more.errors ?? [];
    this.retryable = more.retryable ?? isPassing(status);
    this.retryAfterMs = more.retryAfterMs;
    this.requestId = more.requestId;
  }
}

/** The bucket refused a file: its link has ended, or was made for another one. It says nothing of the key. */
export class UploadRefused extends ApiError {
  constructor(...args: ConstructorParameters<typeof ApiError>) {
    super(...args);
    this.name = 'UploadRefused';
  }
}

/** No answer came: the connection failed, broke, or stayed silent. */
export class ConnectionFailed extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ConnectionFailed';
  }
}

/** Something answered that the contract does not know, such as a proxy's page. */
export class UnexpectedAnswer extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'UnexpectedAnswer';
  }
}

/** Statuses that say nothing of the request itself: too many at once, or a server in trouble. */
const isPassing = (status: number) => status === 429 || status >= 500;

/** The fields of a problem document that are read; a code of a newer service is no reason to fail. */
const RefusalSchema = z.object({
  detail: z.string(),
  code: z.enum(PROBLEM_CODES).optional().catch(undefined),
  retryable: z.boolean().optional(),
  errors: z
    .array(
      z.object({
        code: z.enum(FAULT_CODES).optional().catch(undefined),
        pointer: z.string(),
        detail: z.string(),
      }),
    )
    .optional(),
});

/**
 * The error for an answer that is no success: a problem document, what a gateway said by itself, or
 * anything else by its status.
 * @param nowMs by the clock on the wall: Retry-After may be a date
 */
export async function refusalOf(response: Response, nowMs: number): Promise<ApiError> {
  const { status, headers } = response;
  const requestId = headers.get('apigw-requestid') ?? headers.get('x-amz-request-id') ?? undefined;
  const about = { requestId, retryAfterMs: retryAfterMs(headers.get('retry-after'), nowMs) };
  const json = parseJson(await response.text());
  const problem = RefusalSchema.safeParse(json);
  if (problem.success) {
    const { detail, code, retryable, errors } = problem.data;
    return new ApiError(status, detail, {
      ...about,
      code,
      ...(errors && { errors }),
      ...(retryable !== undefined && { retryable }),
    });
  }
  const gateway = GatewayMessageSchema.safeParse(json);
  return new ApiError(status, gateway.success ? gateway.data.message : `HTTP ${status}`, about);
}

/** Retry-After (RFC 9110, section 10.2.3): seconds, or a date. */
function retryAfterMs(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
