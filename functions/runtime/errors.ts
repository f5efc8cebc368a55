/**
 * What may be told of an error outside of the invocation that met it. Messages of the JavaScript
 * engine and of libraries may quote what they worked on (`JSON.parse` does), so a row value could
 * get into logs, traces or the workflow's history with them: only messages of known make pass.
 */
import { ObjectMissing } from '../../shared/ports.ts';
import { Problem, WorkflowError } from '../../shared/problems.ts';

const WITHHELD = 'The message is withheld: it may quote data. The stack shows the place.';
/** Enough to find the place; Step Functions takes at most 32 KiB of cause. */
const MAX_FRAMES = 15;
const MAX_CAUSES = 5;

export interface ErrorDescription {
  name: string;
  message: string;
  /** System and SDK errors: such as ECONNREFUSED. */
  code?: string;
  stack: string[];
  cause?: ErrorDescription;
}

/** An error as it may be logged: names and places down the chain of causes, no data. */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { name: typeof error, message: WITHHELD, stack: [] };
  return {
    name: error.name,
    message: hasOwnText(error) ? error.message : WITHHELD,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    stack: frames(error),
    ...(error.cause === undefined || depth === MAX_CAUSES
      ? {}
      : { cause: describeError(error.cause, depth + 1) }),
  };
}

/**
 * The same error for those outside: its name, by which a workflow's Retry and Catch choose, its
 * place and its causes stay; text that may quote data is gone.
 */
export function withoutData(error: unknown): Error {
  return rebuild(describeError(error));
}

function rebuild({ name, message, stack, cause }: ErrorDescription): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: rebuild(cause) });
  error.name = name;
  error.stack = [`${name}: ${message}`, ...stack].join('\n');
  return error;
}

/** Our own errors name tags, columns and ids, never values; those of AWS services name resources. */
function hasOwnText(error: Error): boolean {
  return (
    error instanceof Problem ||
    error instanceof WorkflowError ||
    error instanceof ObjectMissing ||
    '$metadata' in error
  );
}

/** The stack without its first lines, which repeat the message. */
function frames(error: Error): string[] {
  const lines = (error.stack ?? '').split('\n');
  return lines.filter((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line)).slice(0, MAX_FRAMES);
}
