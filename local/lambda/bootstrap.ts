/**
 * The Node runtime of one function instance, in a worker thread: loads the handler from the bundle,
 * then answers one event at a time (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
 * Bundled to plain JavaScript by local/cloudFormation/assembly/, so that no worker carries a TypeScript loader.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { monotonicNow } from '../time.ts';
import { loadBundle, type LoadedBundle } from './loadBundle.ts';
import type {
  FunctionError,
  InstanceData,
  InvocationMessage,
  TakenMessage,
  WorkerMessage,
} from './protocol.ts';
import { isStreaming, openResponse, provideGlobals, type OpenResponse } from './responseStream.ts';
import { createMemoryReport } from './memoryReport.ts';
import { startStopwatch } from './stopwatch.ts';

type Handler = (event: unknown, ...others: object[]) => unknown;

const data = workerData as InstanceData;
const port = parentPort;
if (port === null) throw new Error('bootstrap.ts runs in a worker thread.');

const send = (message: WorkerMessage) => port.postMessage(message);
const stopwatch = startStopwatch(data.startedAt);
const memory = createMemoryReport((bytes) => send({ kind: 'memory', bytes }));

/** An error as the Node runtime reports it: `error.name`, or the type of what was thrown instead. */
function describe(error: unknown): FunctionError {
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  return {
    errorType: error.name,
    errorMessage: error.message,
    trace: (error.stack ?? '').split('\n'),
  };
}

const runtimeError = (errorType: string, errorMessage: string): FunctionError => ({
  errorType,
  errorMessage,
  trace: [`${errorType}: ${errorMessage}`],
});

/** Ends the instance; what it was told to print is flushed when the thread's event loop ends. */
const fail = (error: FunctionError) =>
  send({ kind: 'error', error, fatal: true, spent: stopwatch.lap() });

process.on('uncaughtException', (error) => fail(describe(error)));
process.on('unhandledRejection', (reason) => {
  const { errorMessage, trace } = describe(reason);
  fail({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage, ...(trace && { trace }) });
});

interface Loaded {
  readonly handler: Handler;
  readonly bundle: LoadedBundle;
}

function load(): Loaded | undefined {
  try {
    provideGlobals();
    const bundle = loadBundle(data.modulePath);
    const handler = bundle.exports[data.exportName];
    if (typeof handler === 'function') return { handler: handler as Handler, bundle };
    fail(
      runtimeError('Runtime.HandlerNotFound', `${data.exportName} is undefined or not exported`),
    );
  } catch (error) {
    const { code } = error as { code?: unknown };
    fail(
      code === 'MODULE_NOT_FOUND' || code === 'ENOENT'
        ? runtimeError('Runtime.ImportModuleError', describe(error).errorMessage)
        : describe(error),
    );
  }
  return undefined;
}

/** The context object: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId, deadline }: InvocationMessage): object {
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: data.functionName,
    functionVersion: '$LATEST',
    getRemainingTimeInMillis: () => Math.round(deadline - monotonicNow()),
    invokedFunctionArn: data.functionArn,
    logGroupName: data.logGroupName,
    logStreamName: data.logStreamName,
    memoryLimitInMB: String(data.memoryMegabytes),
  };
}

/** X-Ray's format: version, seconds, 96 random bits; here the digits of the request id. */
function traceHeader(requestId: string): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  const digits = requestId.replaceAll('-', '');
  return `Root=1-${seconds}-${digits.slice(0, 24)};Parent=${digits.slice(16)};Sampled=0`;
}

/** The answer under way, where it is a stream. */
let response: OpenResponse | undefined;

/** Runs a handler that streams; what it returns means nothing. */
async function stream(handler: Handler, event: unknown, context: object): Promise<null> {
  if (!isStreaming(handler)) {
    const error = new Error('A function behind an address that streams has to stream.');
    throw Object.assign(error, { name: 'Runtime.InvalidStreamingOperation' });
  }
  response = openResponse({
    type: (contentType) => send({ kind: 'streamType', contentType }),
    bytes: (bytes) => send({ kind: 'streamBytes', bytes }),
  });
  try {
    await handler(event, response.stream, context);
    await response.finished;
  } finally {
    response = undefined;
  }
  return null;
}

async function answer(handler: Handler, message: InvocationMessage): Promise<void> {
  // What went on between two events is nobody's.
  stopwatch.lap();
  process.env._X_AMZN_TRACE_ID = traceHeader(message.requestId);
  let result: unknown;
  try {
    const event: unknown = JSON.parse(message.payload);
    result = message.streams
      ? await stream(handler, event, contextOf(message))
      : await handler(event, contextOf(message));
    memory.end();
  } catch (error) {
    memory.end();
    send({ kind: 'error', error: describe(error), fatal: false, spent: stopwatch.lap() });
    return;
  }
  try {
    // Undefined, like a function, has no JSON: Lambda answers null.
    const json: unknown = JSON.stringify(result);
    const payload = typeof json === 'string' ? json : 'null';
    send({ kind: 'result', payload, spent: stopwatch.lap() });
  } catch (error) {
    const detail = `Unable to stringify response body: ${describe(error).errorMessage}`;
    send({
      kind: 'error',
      error: runtimeError('Runtime.MarshalError', detail),
      fatal: false,
      spent: stopwatch.lap(),
    });
  }
}

const loaded = load();
if (loaded) {
  const { handler, bundle } = loaded;
  port.on('message', (message: InvocationMessage | TakenMessage) => {
    if ('taken' in message) {
      response?.taken(message.taken);
      return;
    }
    memory.begin();
    void answer(handler, message).then(() => bundle.keepCode());
  });
  send({ kind: 'ready', spent: stopwatch.lap() });
}
