/** Every call of an AWS service goes through here: within its limit, with errors in our words. */
import type { CallLimit } from './callLimits.ts';
import { mayPass, serviceUnavailable, statusOf } from './sdkErrors.ts';

/**
 * A thread that was busy, with a slow document, meets its timers before the answers that came meanwhile:
 * so much later they have been read.
 */
const GRACE_MS = 100;

/** Raised by a call that did not answer in time, under the name that the SDK's own timeouts have. */
class CallTimeout extends Error {
  constructor(ms: number, options?: ErrorOptions) {
    super(`There was no answer within ${ms} ms.`, options);
    this.name = 'TimeoutError';
  }
}

/** What ends a call when its time is over. */
interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/**
 * Runs one call of a client within its limit. What may pass (throttling, a 5xx answer, a broken
 * connection, no answer at all), and has outlasted the client's own retries, becomes a WorkflowError that
 * the workflow's Retry knows.
 * @param service named in the message, such as "DynamoDB"
 */
export async function calling<T>(
  service: string,
  limit: CallLimit,
  call: (options: CallOptions) => Promise<T>,
): Promise<T> {
  try {
    return await withinLimit(limit, call);
  } catch (error) {
    throw mayPass(error) ? serviceUnavailable(service, error) : error;
  }
}

/**
 * Runs a call within its limit. An answer, be it an error, ends it at once; a try that ran out of time is
 * followed by the next.
 * @throws CallTimeout after the last try; the call's own error
 */
async function withinLimit<T>(
  { ms, tries }: CallLimit,
  call: (options: CallOptions) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const stop = new AbortController();
    let timer = setTimeout(() => {
      timer = setTimeout(() => stop.abort(), GRACE_MS);
    }, ms);
    try {
      return await call({ abortSignal: stop.signal });
    } catch (error) {
      if (!stop.signal.aborted || statusOf(error) !== undefined) throw error;
      if (attempt >= tries) throw new CallTimeout(ms, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * The pieces of a body, or CallTimeout when there is none for so long. Only waiting counts, not what is
 * done with a piece.
 */
export async function* withoutLongPauses(
  body: AsyncIterable<Uint8Array> & { destroy(error?: Error): unknown },
  idleMs: number,
): AsyncGenerator<Uint8Array> {
  let waiting = true;
  const timer = setTimeout(() => {
    if (waiting) body.destroy(new CallTimeout(idleMs));
  }, idleMs + GRACE_MS);
  try {
    for await (const piece of body) {
      waiting = false;
      yield piece;
      waiting = true;
      timer.refresh();
    }
  } finally {
    clearTimeout(timer);
  }
}
