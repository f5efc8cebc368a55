/** What the clients of AWS services throw, in our words. */
import { WORKFLOW_ERRORS } from '../../shared/names.ts';
import { WorkflowError } from '../../shared/problems.ts';

/** Names of throttling errors (each service's API reference, "Common Errors"). */
const THROTTLES = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** Codes of Node's network errors that another try may not meet. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Whether an error bears this name, which a client takes from the service's answer. */
export function isNamed(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/** The HTTP status of a service's answer; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata
    ?.httpStatusCode;
}

/** The workflow's error for an outside service that failed in a way that may pass. */
export function serviceUnavailable(service: string, cause: unknown): WorkflowError {
  const reason = cause instanceof Error ? cause.name : 'unknown reason';
  return new WorkflowError(
    WORKFLOW_ERRORS.serviceUnavailable,
    `${service} did not answer as it should (${reason}).`,
    { cause },
  );
}

/** Whether another try may meet another end. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status = statusOf(error) ?? 0;
  if (status >= 500 || status === 429 || THROTTLES.has(error.name)) return true;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return error.name === 'TimeoutError' || NETWORK.has(code);
}
