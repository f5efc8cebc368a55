/** Invoking a function, as the gateways and the workflows see it. */
import type { FunctionError } from './protocol.ts';

export type InvocationResult =
  | { readonly ok: true; /** The function's answer, as JSON text. */ readonly payload: string }
  | { readonly ok: false; readonly error: FunctionError };

/** Runs a function with an event, given and answered as JSON text; never rejects. */
export type Invoke = (functionArn: string, payload: string) => Promise<InvocationResult>;

/** Takes a streamed answer. */
export interface ResponseSink {
  /** Told once, before the first bytes. */
  contentType(type: string): void;
  /** Resolves when there is room for more; never rejects. */
  write(bytes: Uint8Array): Promise<void>;
}

/**
 * Runs a function whose answer is a stream; never rejects. What it answers by itself says how it ended.
 * With no execution to be had it is refused at once, as TooManyRequestsException.
 */
export type InvokeStream = (
  functionArn: string,
  payload: string,
  sink: ResponseSink,
) => Promise<InvocationResult>;

/**
 * Invokes, and waits at most `ms` for the answer. The function itself goes on, as it does in AWS.
 * @returns undefined when the time was up first
 */
export async function invokeWithin(
  ms: number,
  invoke: Invoke,
  functionArn: string,
  payload: string,
): Promise<InvocationResult | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([invoke(functionArn, payload), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
