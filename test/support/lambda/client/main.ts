/**
 * Lambda's runtime client for Node.js 24, as a process: loads the handler that the environment names, then
 * asks the Runtime API for one event after the other
 * (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). AWS's own has a part in C++ that is
 * compiled where it is installed; this one does what that one does, by HTTP.
 */
import { Agent, request } from 'node:http';
import { loadHandler, type Handler } from './loadHandler.ts';
import { openResponse, provideGlobals } from './responseStream.ts';
import { runtimeError, told } from './runtimeErrors.ts';

const VERSION = '/2018-06-01/runtime';
/** One connection, on which one request at a time is under way. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

interface Answer {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

const urlOf = (path: string) =>
  new URL(`http://${required('AWS_LAMBDA_RUNTIME_API')}${VERSION}${path}`);

function ask(path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
  const method = body === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const asked = request(urlOf(path), { method, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve({ headers: response.headers, body: text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** @throws Error for an environment that lacks what Lambda always sets */
function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw runtimeError('Runtime.PlatformError', `${name} environment variable is not set`);
}

const JSON_BODY = { 'content-type': 'application/json' };

const postError = (path: string, error: unknown) =>
  ask(path, JSON.stringify(told(error)), {
    ...JSON_BODY,
    'lambda-runtime-function-error-type': told(error).errorType,
  });

/** Without what served callbacks: `callbackWaitsForEmptyEventLoop`, `done`, `fail` and `succeed`. */
function contextOf(headers: Answer['headers']) {
  const header = (name: string) => String(headers[`lambda-runtime-${name}`] ?? '');
  const deadline = Number(header('deadline-ms'));
  const traceId = header('trace-id');
  if (traceId === '') delete process.env['_X_AMZN_TRACE_ID'];
  else process.env['_X_AMZN_TRACE_ID'] = traceId;
  return {
    invokedFunctionArn: header('invoked-function-arn'),
    awsRequestId: header('aws-request-id'),
    getRemainingTimeInMillis: () => deadline - Date.now(),
    functionName: required('AWS_LAMBDA_FUNCTION_NAME'),
    functionVersion: required('AWS_LAMBDA_FUNCTION_VERSION'),
    memoryLimitInMB: required('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'),
    logGroupName: required('AWS_LAMBDA_LOG_GROUP_NAME'),
    logStreamName: required('AWS_LAMBDA_LOG_STREAM_NAME'),
  };
}

function asJson(result: unknown): string {
  let json: unknown;
  try {
    json = JSON.stringify(result ?? null);
  } catch {
    throw runtimeError('Runtime.JSONStringifyError', 'Unable to stringify response body');
  }
  // A function, for one, has no JSON.
  if (typeof json !== 'string') throw new TypeError('Wrong arguments');
  return json;
}

/** What the handler began for the next turn of the event loop is still done. */
const oneTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Runs one event and posts what came of it. */
async function answer(handler: Handler, path: string, event: unknown, context: object) {
  if (handler.streams) {
    const { stream, taken, fail } = openResponse(urlOf(`${path}/response`), agent);
    try {
      await handler.run(event, stream, context);
      await taken;
    } catch (error) {
      await oneTurn();
      await fail(error);
    }
    return;
  }
  try {
    const result = await handler.run(event, context);
    await oneTurn();
    await ask(`${path}/response`, asJson(result), JSON_BODY);
  } catch (error) {
    await oneTurn();
    await postError(`${path}/error`, error);
  }
}

async function run(): Promise<void> {
  provideGlobals();
  const handler = await loadHandler(required('LAMBDA_TASK_ROOT'), required('_HANDLER'));
  for (;;) {
    // Beside what AWS's client sends: what would go on in the next event, and the Node.js that runs it.
    const next = await ask('/invocation/next', undefined, {
      'sheaf-active-resources': process.getActiveResourcesInfo().join(' '),
      'sheaf-node-version': process.version,
    });
    const context = contextOf(next.headers);
    const path = `/invocation/${encodeURIComponent(context.awsRequestId)}`;
    const event: unknown = JSON.parse(next.body);
    await answer(handler, path, event, context);
  }
}

try {
  await run();
} catch (error) {
  await postError('/init/error', error);
  throw error;
}
