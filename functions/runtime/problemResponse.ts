/** Answers for what went wrong: application/problem+json (RFC 9457), whatever was thrown. */
import type { Log } from '../../shared/ports.ts';
import { Problem, problemBody } from '../../shared/problems.ts';

/** On every answer: nothing here is to be guessed at, framed or kept by a cache. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
} as const;

/** Which request it was: its path without the query, and its id in the logs. */
export interface Occurrence {
  readonly path: string;
  readonly requestId: string;
}

/**
 * The answer for a thrown value. A Problem is told as it is; anything else is logged, without data,
 * and told as INTERNAL with the id to find it by.
 */
export function problemResponse(
  log: Log,
  error: unknown,
  { path, requestId }: Occurrence,
  headers: Record<string, string> = {},
): Response {
  const problem = error instanceof Problem ? error : internal(log, error, requestId);
  return new Response(JSON.stringify(problemBody(problem, path)), {
    status: problem.status,
    headers: {
      ...SECURITY_HEADERS,
      'content-type': 'application/problem+json',
      ...(problem.retryAfterSeconds !== undefined && {
        'retry-after': String(Math.ceil(problem.retryAfterSeconds)),
      }),
      ...headers,
    },
  });
}

function internal(log: Log, error: unknown, requestId: string): Problem {
  log.error('The request failed for an unknown reason.', { requestId, error });
  return new Problem(
    'INTERNAL',
    `Something went wrong on our side. Try again; if it stays, report request ${requestId}.`,
  );
}
