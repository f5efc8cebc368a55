/** What people may be answered when they ask for something at the wrong moment, or while a service fails. */
import { ApiError } from '../../client/errors.ts';

/** Codes of refusals that anybody may meet who asks for something at the wrong moment. */
const REFUSALS: ReadonlySet<string | undefined> = new Set([
  'INVALID_STATE',
  'TASK_NOT_FOUND',
  'NOT_FOUND',
  'TEMPLATE_NOT_FOUND',
  'DATA_SOURCE_NOT_FOUND',
  'LIMIT_EXCEEDED',
  'VALIDATION_ERROR',
  'IDEMPOTENCY_CONFLICT',
  'UNAVAILABLE',
  // A service failed; whether anything else did shows in the log (judge.ts).
  'INTERNAL',
  // The owner's budget does not hold it.
  'DATA_INVALID',
  undefined,
]);
export const isRefusal = (error: unknown) => error instanceof ApiError && REFUSALS.has(error.code);
/** Nobody knows whether it took effect. */
export const isOpen = (error: unknown) => error instanceof ApiError && error.status >= 500;

/** A refusal is nothing to whoever does this. */
export async function unlessRefused(what: () => Promise<unknown>): Promise<void> {
  try {
    await what();
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** What is neither. */
export const unexpected = (error: unknown) =>
  error instanceof ApiError
    ? `A call was answered ${error.status} ${error.code}: ${error.message}`
    : `A call ended in ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
