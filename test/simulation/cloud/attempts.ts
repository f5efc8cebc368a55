/** Calls of the API that may meet any fault. */
import { ApiError, ConnectionFailed } from '../../../client/errors.ts';
import type { ProblemCode } from '../../../shared/problems.ts';

export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly code: ProblemCode | undefined; readonly detail: string }
  /** Nobody knows whether it was carried out. */
  | { readonly kind: 'unknown'; readonly error: Error };

/** Refusals that say nothing of what became, or will become, of the call. */
const WAITS: ReadonlySet<ProblemCode | undefined> = new Set(['IDEMPOTENCY_CONFLICT']);
const TOO_MANY = 429;

const isRefusal = ({ status, code }: ApiError) =>
  status < 500 && status !== TOO_MANY && !WAITS.has(code);

/** @throws whatever is neither an answer nor the lack of one */
export async function attempt<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'done', value: await call() };
  } catch (error) {
    if (error instanceof ApiError && isRefusal(error)) {
      return { kind: 'refused', code: error.code, detail: error.message };
    }
    if (error instanceof ApiError || error instanceof ConnectionFailed) {
      return { kind: 'unknown', error };
    }
    throw error;
  }
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Does it again until it was answered, by success or by a refusal.
 * @throws Error with the last fault when it was not within the time
 */
export async function persist<T>(
  what: string,
  call: () => Promise<T>,
  forMs: number,
): Promise<Exclude<Outcome<T>, { kind: 'unknown' }>> {
  const until = performance.now() + forMs;
  for (;;) {
    const outcome = await attempt(call);
    if (outcome.kind !== 'unknown') return outcome;
    if (performance.now() > until) {
      throw new Error(`${what} was not answered for ${forMs / 1_000} s: ${outcome.error.message}`);
    }
    await sleep(200);
  }
}
