/** What a command ends with when it cannot do what it was asked for, and how that is told. */
import { ApiError, ConnectionFailed, UnexpectedAnswer } from '../client/errors.ts';
import { EXIT, type ExitCode } from './exit.ts';

/** One sentence that says what is wrong and what to do. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** What else there is to say, a line each. */
  readonly more: readonly string[];

  constructor(message: string, exitCode: ExitCode = EXIT.failed, more: readonly string[] = []) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.more = more;
  }
}

/** A command line, a setting or a named file that cannot be followed; the message says what to change. */
export class UsageError extends CliError {
  constructor(message: string, more: readonly string[] = []) {
    super(message, EXIT.usage, more);
    this.name = 'UsageError';
  }
}

/** Somebody pressed Ctrl+C. */
export class Interrupted extends CliError {
  constructor(message = 'Interrupted.', more: readonly string[] = []) {
    super(message, EXIT.interrupted, more);
    this.name = 'Interrupted';
  }
}

/** Errors of the file system that people meet, by Node's code. */
const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: 'There is no space left on the disk. Make room and run the command again.',
  EDQUOT: 'Your quota of the disk is used up. Make room and run the command again.',
  EACCES: 'You may not read or write there.',
  EPERM: 'You may not read or write there.',
  EROFS: 'The disk is read-only.',
  EBUSY: 'Another program holds the file. Close it there and run the command again.',
  EMFILE: 'Too many files are open. Raise the limit (ulimit -n) and run the command again.',
  ENAMETOOLONG: 'The name is too long for this disk.',
};

const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && String(error.code) in FILE_ERRORS;

export interface Explained {
  readonly message: string;
  readonly more: readonly string[];
  readonly exitCode: ExitCode;
}

/**
 * Any error as people are told it.
 * @param where the API that was talked to, such as http://localhost:3000/api/v2
 */
export function explain(error: unknown, where = 'the API'): Explained {
  if (error instanceof CliError) return error;
  const failed = (message: string, more: readonly string[] = []): Explained => ({
    message,
    more,
    exitCode: EXIT.failed,
  });
  if (error instanceof ApiError) {
    // A gateway's own words say nothing of keys.
    if (error.status === 401 || (error.status === 403 && error.code === undefined)) {
      return failed(
        `${where} does not take this API key. Check SHEAF_API_KEY, or the key of your profile.`,
      );
    }
    // A fault that is the only one is what the message says.
    const faults = error.errors.length > 1 ? error.errors.map(({ detail }) => detail) : [];
    return failed(error.message, faults);
  }
  if (error instanceof ConnectionFailed) {
    return failed(
      `${where} does not answer. Check the address, your network, and whether it runs.`,
    );
  }
  if (error instanceof UnexpectedAnswer) {
    return failed(
      `What answers at ${where} is not Sheaf, or another version of it. Check the address.`,
    );
  }
  if (isFileError(error)) {
    const place = error.path === undefined ? '' : `${error.path}: `;
    return failed(`${place}${FILE_ERRORS[String(error.code)]}`);
  }
  return failed(error instanceof Error ? error.message : String(error));
}

/** What --verbose adds of a refusal: everything that was said, and what an operator finds it by. */
export function details(error: unknown): string[] {
  if (error instanceof ApiError) {
    const { status, code, errors, requestId, retryable } = error;
    const problem = { status, code, detail: error.message, retryable, errors };
    return [
      ...JSON.stringify(problem, null, 2).split('\n'),
      ...(requestId === undefined ? [] : [`request ${requestId}`]),
    ];
  }
  return error instanceof Error && error.cause instanceof Error ? [error.cause.message] : [];
}
