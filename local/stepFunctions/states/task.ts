/** Task states: a function is invoked, by the Lambda integration or directly by its ARN. */
import { RuntimeFailure, WorkflowFailure, failureDetails } from '../failures.ts';
import type { Evaluation } from '../language/intrinsics.ts';
import { eventDetails } from '../history.ts';
import { isObject, toJson } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { jsonBytes, limitedText } from '../limits.ts';
import type { TaskState } from '../language/program.ts';
import { randomUuid } from '../randomness.ts';
import { interruptible, setAlarm } from '../services.ts';
import type { InvokeOutcome, Run } from '../services.ts';
import { effectiveParameters, emit, numberSetting } from './visit.ts';
import type { Visit } from './visit.ts';

/** A cause is cut here (API Reference, TaskFailedEventDetails). */
const MAX_CAUSE_CHARACTERS = 32_768;

/** The two ways to invoke differ in their events, their result and the name in their faults. */
interface Invocation {
  readonly functionArn: string;
  readonly payload: Json;
  /** What a result above the limit is told of. */
  readonly source: string;
  readonly scheduled: { readonly type: string; readonly details: JsonObject };
  /** Prefix of the other events: TaskStarted, LambdaFunctionStarted … */
  readonly prefix: 'Task' | 'LambdaFunction';
  /** What each of the other events carries besides its own. */
  readonly resource: JsonObject;
  readonly wrap: (payload: Json) => Json;
}

/** Invokes the function and gives the state's result. */
export async function runTask(visit: Visit, state: TaskState, input: Evaluation): Promise<Json> {
  const { thread } = visit;
  const parameters = effectiveParameters(visit, input);
  const invocation = state.functionArn
    ? directInvocation(state.functionArn, parameters)
    : integrationInvocation(thread.run, parameters);
  const { prefix, resource, scheduled } = invocation;
  const timeoutSeconds = numberSetting(state.timeoutSeconds, input);
  emit(thread, scheduled.type, {
    ...eventDetails(scheduled.type, {
      ...scheduled.details,
      ...(timeoutSeconds !== undefined && { timeoutInSeconds: timeoutSeconds }),
    }),
  });
  const started = `${prefix}Started`;
  emit(thread, started, prefix === 'Task' ? eventDetails(started, resource) : undefined);
  try {
    const result = await invoke(thread.run, invocation, timeoutSeconds);
    const output = limitedText(result, invocation.source);
    const type = `${prefix}Succeeded`;
    emit(
      thread,
      type,
      eventDetails(type, { output, outputDetails: { truncated: false }, ...resource }),
    );
    return result;
  } catch (error) {
    if (!(error instanceof WorkflowFailure)) throw error;
    const type = `${prefix}${error.error === 'States.Timeout' ? 'TimedOut' : 'Failed'}`;
    emit(thread, type, eventDetails(type, { ...failureDetails(error), ...resource }));
    throw error;
  }
}

function directInvocation(functionArn: string, payload: Json): Invocation {
  return {
    functionArn,
    payload,
    source: functionArn,
    prefix: 'LambdaFunction',
    scheduled: {
      type: 'LambdaFunctionScheduled',
      details: {
        input: JSON.stringify(payload),
        inputDetails: { truncated: false },
        resource: functionArn,
      },
    },
    resource: {},
    wrap: (answer) => answer,
  };
}

function integrationInvocation(run: Run, parameters: Json): Invocation {
  const { FunctionName, Payload = {} } = isObject(parameters) ? parameters : {};
  if (typeof FunctionName !== 'string') {
    throw new RuntimeFailure('The FunctionName of the Parameters must be a string.');
  }
  const resource = { resource: 'invoke', resourceType: 'lambda' };
  return {
    functionArn: FunctionName,
    payload: Payload,
    source: 'lambda',
    prefix: 'Task',
    scheduled: {
      type: 'TaskScheduled',
      details: {
        parameters: JSON.stringify(parameters),
        region: run.execution.arn.split(':')[3] ?? '',
        ...resource,
      },
    },
    resource,
    wrap: (answer) => invokeResponse(run, answer),
  };
}

/** Invokes until an answer, an interruption or the time limit; the function itself runs on. */
async function invoke(
  run: Run,
  { functionArn, payload, wrap }: Invocation,
  timeoutSeconds: number | undefined,
): Promise<Json> {
  const answered = run.services
    .invoke(functionArn, payload, run.caller)
    .catch((error: unknown): InvokeOutcome => ({
      ok: false,
      errorType: 'Lambda.SdkClientException',
      errorMessage: error instanceof Error ? error.message : String(error),
    }));
  const outcome = await interruptible(withTimeout(run, answered, timeoutSeconds), run.signal);
  if (!outcome.ok) throw invocationFailure(outcome);
  return wrap(toJson(outcome.payload));
}

async function withTimeout<T>(
  { services }: Run,
  work: Promise<T>,
  seconds: number | undefined,
): Promise<T> {
  if (seconds === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const cancel = setAlarm(services, seconds * 1000, () => {
      reject(new WorkflowFailure('States.Timeout'));
    });
    work.then(resolve, reject).finally(cancel);
  });
}

function invocationFailure(outcome: InvokeOutcome & { ok: false }): WorkflowFailure {
  const { errorType, errorMessage, trace } = outcome;
  if (errorType.startsWith('Lambda.')) return new WorkflowFailure(errorType, errorMessage);
  const payload = { errorType, errorMessage, ...(trace && { trace }) };
  return new WorkflowFailure(errorType, JSON.stringify(payload).slice(0, MAX_CAUSE_CHARACTERS));
}

/** The result of the integration, as recorded from Step Functions; its size counts as well. */
function invokeResponse({ services: { clock, random } }: Run, payload: Json): Json {
  const requestId = randomUuid(random);
  const headers = {
    'X-Amz-Executed-Version': '$LATEST',
    'x-amzn-Remapped-Content-Length': '0',
    Connection: 'keep-alive',
    'x-amzn-RequestId': requestId,
    'Content-Length': String(jsonBytes(JSON.stringify(payload))),
    Date: new Date(clock.now()).toUTCString(),
    'X-Amzn-Trace-Id': `Root=1-${requestId};Parent=${requestId.slice(0, 16)};Sampled=0`,
    'Content-Type': 'application/json',
  };
  return {
    ExecutedVersion: '$LATEST',
    Payload: payload,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, [value]]),
      ),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
}
