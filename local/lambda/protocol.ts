/** What the pool and its worker threads say to each other. */

/** Given to a worker at its start. */
export interface InstanceData {
  /** Absolute path of the module that holds the handler. */
  readonly modulePath: string;
  readonly exportName: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMegabytes: number;
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** When the worker was started, in monotonic ms. */
  readonly startedAt: number;
}

/** To the worker: one event, as JSON text, because that is all that Lambda carries. */
export interface InvocationMessage {
  readonly requestId: string;
  /** When the function's time is up, in monotonic ms. */
  readonly deadline: number;
  readonly payload: string;
  /** Whether the answer is wanted as a stream. */
  readonly streams?: true;
}

/** To the worker: so many bytes of the stream were taken off. */
export interface TakenMessage {
  readonly taken: number;
}

/** A failed invocation's payload, as Lambda's Node runtime writes it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** Time that something took in the worker, in ms. */
export interface Spent {
  /** From beginning to end. */
  readonly durationMs: number;
  /** On a processor. */
  readonly cpuMs: number;
}

/** Memory that a worker has for itself, in bytes. */
export interface UsedMemory {
  readonly bytes: number;
}

/** From the worker. `fatal`: the runtime ends, as Lambda's does after an uncaught exception. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly spent: Spent }
  | ({ readonly kind: 'memory' } & UsedMemory)
  | { readonly kind: 'result'; readonly payload: string; readonly spent: Spent }
  /** The content type of a stream, before its first bytes. */
  | { readonly kind: 'streamType'; readonly contentType: string }
  | { readonly kind: 'streamBytes'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'error';
      readonly error: FunctionError;
      readonly fatal: boolean;
      readonly spent: Spent;
    };
