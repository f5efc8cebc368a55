/** What an answer of a service means: whether to take it, to try again, or to give the row up. */
import type { WebAnswer, WebFailure } from '../ports.ts';
import { retryAfterSeconds } from '../egress/retryAfter.ts';

/** Why a call brought nothing. `status` is absent where there was no answer. */
export interface CallFault {
  readonly status?: number;
  /** What is wrong, as a sentence without its point. */
  readonly what: string;
}

export type Verdict =
  | { readonly verdict: 'answered' }
  /** It may pass. */
  | { readonly verdict: 'again'; readonly fault: CallFault; readonly afterMs: number }
  /** The service asks to be called less often. */
  | { readonly verdict: 'throttled'; readonly fault: CallFault; readonly afterMs: number }
  /** The same request would meet the same. */
  | { readonly verdict: 'refused'; readonly fault: CallFault };

/**
 * What a service answers that still works on an earlier request under the same key, whose caller gave up or was killed
 * (draft-ietf-httpapi-idempotency-key-header, 2.7).
 */
export const UNDER_WAY = 409;

/** What may pass (RFC 9110, 15.5.9; RFC 8470; RFC 6585); the 500s do, too. */
const PASSING = new Set([408, UNDER_WAY, 425, 429]);

const FAILURES: Readonly<Record<WebFailure, { what: string; passes: boolean }>> = {
  not_allowed: { what: 'The service is at an address that requests may not go to', passes: false },
  insecure: { what: 'The certificate of the service is not valid for its name', passes: false },
  unresolved: { what: 'The name of the service leads nowhere', passes: true },
  unreachable: { what: 'Nobody takes the connection at the service', passes: true },
  timeout: { what: 'The service did not answer in time', passes: true },
  broken: { what: 'The connection to the service broke', passes: true },
};

/** @param now in ms since 1970, for a Retry-After that is a date */
export function judge(answer: WebAnswer, now: number): Verdict {
  if ('failure' in answer) {
    const { what, passes } = FAILURES[answer.failure];
    return passes
      ? { verdict: 'again', fault: { what }, afterMs: 0 }
      : { verdict: 'refused', fault: { what } };
  }
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return { verdict: 'answered' };
  const asked = retryAfterSeconds(headers['retry-after'], now);
  const fault = { status, what: whatOf(status) };
  if (status === 429 || (status === 503 && asked !== undefined)) {
    return { verdict: 'throttled', fault, afterMs: (asked ?? 0) * 1_000 };
  }
  return PASSING.has(status) || status >= 500
    ? { verdict: 'again', fault, afterMs: (asked ?? 0) * 1_000 }
    : { verdict: 'refused', fault };
}

function whatOf(status: number): string {
  if (status >= 300 && status < 400)
    return 'The service answered with a redirect, which is not followed';
  if (status === 401 || status === 403)
    return 'The service does not accept the key of the connection';
  if (status === 404) return 'The service knows nothing at this URL';
  if (status === UNDER_WAY) return 'The service says that the request conflicts with another one';
  if (status === 429) return 'The service takes no more calls for now';
  return status >= 500 ? 'The service has a fault of its own' : 'The service refused the request';
}
