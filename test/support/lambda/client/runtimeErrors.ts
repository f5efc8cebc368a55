/** Errors as Lambda's runtime client for Node.js 24 tells them, and those that it raises itself. */

/** What is posted of an error. */
export interface ToldError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** An error of the runtime's own; Lambda knows them by their names. */
export function runtimeError(name: `Runtime.${string}`, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** DEL would break the header that the type goes into. */
const printable = (text: string) => text.replaceAll('\x7F', '%7F');

export function told(error: unknown): ToldError {
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  return {
    errorType: printable(error.name),
    errorMessage: printable(error.message),
    trace: printable(error.stack ?? '').split('\n'),
  };
}
