/** Invoking a function, as the gateways and the workflows see it. */
import type { FunctionError } from './protocol.ts';

export type InvocationResult =
  | { readonly ok: true; /** The function's answer, as JSON text. */ readonly payload: string }
  | { readonly ok: false; readonly error: FunctionError };

/** Runs a function with an event, given and answered as JSON text; never rejects. */
export type Invoke = (functionArn: string, payload: string) => Promise<InvocationResult>;

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
