/** Task states: a function is invoked by the Lambda integration. */
import { RuntimeFailure, WorkflowFailure, failureDetails } from '../failures.ts';
import type { Data } from '../language/paths.ts';
import { eventDetails } from '../history.ts';
import type { TaskEnd } from '../history.ts';
import { isObject, toJson } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { jsonBytes, limitedText } from '../limits.ts';
import type { TaskState } from '../language/program.ts';
import { randomUuid } from '../randomness.ts';
import { interruptible, setAlarm } from '../services.ts';
import type { InvokeOutcome, Run } from '../services.ts';
import { effectiveParameters, emit, numberSetting, tokenOf } from './visit.ts';
import type { Visit } from './visit.ts';

/** A cause is cut here (API Reference, TaskFailedEventDetails). */
const MAX_CAUSE_CHARACTERS = 32_768;

/** What the integration is told of; its events carry it besides what is their own. */
const RESOURCE = { resource: 'invoke', resourceType: 'lambda' };
const TOKEN_RESOURCE = { ...RESOURCE, resource: 'invoke.waitForTaskToken' };
/** What a result above the limit is told of. */
const SOURCE = 'lambda';

/** Invokes the function and gives the state's result. */
export async function runTask(visit: Visit, state: TaskState, input: Data): Promise<Json> {
  const { thread } = visit;
  const parameters = effectiveParameters(visit, input);
  const invocation = invocationOf(parameters);
  const timeoutSeconds = numberSetting(state.timeoutSeconds, input);
  const tell = (type: string, details: JsonObject) =>
    emit(thread, type, eventDetails(type, { ...details, ...RESOURCE }));
  tell('TaskScheduled', {
    parameters: JSON.stringify(parameters),
    region: thread.run.execution.arn.split(':')[3] ?? '',
    ...(timeoutSeconds !== undefined && { timeoutInSeconds: timeoutSeconds }),
  });
  tell('TaskStarted', {});
  try {
    const result = await invoke(thread.run, invocation, timeoutSeconds);
    const output = limitedText(result, SOURCE);
    tell('TaskSucceeded', { output, outputDetails: { truncated: false } });
    return result;
  } catch (error) {
    if (!(error instanceof WorkflowFailure)) throw error;
    const type = error.error === 'States.Timeout' ? 'TaskTimedOut' : 'TaskFailed';
    tell(type, failureDetails(error));
    throw error;
  }
}

/**
 * Invokes the function, which gets the state's token, and gives as the state's result what the token is answered with: by
 * then the function may have ended long ago, or not yet. A later engine goes on waiting with the same token, and
 * invokes the function only if that has not ended.
 */
export async function runTokenTask(visit: Visit, state: TaskState, input: Data): Promise<Json> {
  const { thread, task: before } = visit;
  const { run } = thread;
  if (before?.end) return resultOf(before.end);
  const timeoutSeconds = numberSetting(state.timeoutSeconds, input);
  const tell = (type: string, details: JsonObject) =>
    emit(thread, type, eventDetails(type, { ...details, ...TOKEN_RESOURCE }));
  const isSubmitted = before?.isSubmitted === true;
  const startedAt = isSubmitted ? before.startedAt : run.services.clock.now();
  const parameters = effectiveParameters(visit, input);
  const invocation = invocationOf(parameters);
  if (!isSubmitted) {
    tell('TaskScheduled', {
      parameters: JSON.stringify(parameters),
      region: run.execution.arn.split(':')[3] ?? '',
      ...(timeoutSeconds !== undefined && { timeoutInSeconds: timeoutSeconds }),
    });
    tell('TaskStarted', {});
    run.recorder.commit();
  }

  let isOver = false;
  let settle: (how: TaskEnd) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const ended = new Promise<TaskEnd>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  /** Whoever ends it first does: what it ended with is kept before anybody learns that it did. */
  const end = (how: TaskEnd): boolean => {
    if (isOver || run.signal.aborted) return false;
    isOver = true;
    try {
      tellEnd(how, tell);
      run.recorder.commit();
      settle(how);
    } catch (error) {
      fail(error);
      if (!(error instanceof WorkflowFailure)) throw error;
    }
    return true;
  };
  const forget = run.waiting.add(tokenOf(visit), { end });
  const leftMs = (timeoutSeconds ?? 0) * 1000 + startedAt - run.services.clock.now();
  const cancel =
    timeoutSeconds === undefined
      ? () => undefined
      : setAlarm(run.services, Math.max(0, leftMs), () => {
          end({ failure: new WorkflowFailure('States.Timeout') });
        });
  const submit = async () => {
    const outcome = await outcomeOf(run, invocation);
    if (isOver || run.signal.aborted) return;
    if (!outcome.ok) {
      end({ failure: invocationFailure(outcome) });
      return;
    }
    const output = limitedText(invokeResponse(run, toJson(outcome.payload)), SOURCE);
    tell('TaskSubmitted', { output, outputDetails: { truncated: false } });
    run.recorder.commit();
  };
  if (!isSubmitted) {
    submit().catch((error: unknown) => {
      if (!(error instanceof WorkflowFailure)) fail(error);
      else end({ failure: error });
    });
  }
  try {
    return resultOf(await interruptible(ended, run.signal));
  } finally {
    isOver = true;
    cancel();
    forget();
  }
}

function resultOf(end: TaskEnd): Json {
  if ('failure' in end) throw end.failure;
  return end.output;
}

function tellEnd(end: TaskEnd, tell: (type: string, details: JsonObject) => void): void {
  if ('output' in end) {
    tell('TaskSucceeded', {
      output: JSON.stringify(end.output),
      outputDetails: { truncated: false },
    });
    return;
  }
  const type = end.failure.error === 'States.Timeout' ? 'TaskTimedOut' : 'TaskFailed';
  tell(type, failureDetails(end.failure));
}

interface Invocation {
  readonly functionArn: string;
  readonly payload: Json;
}

function invocationOf(parameters: Json): Invocation {
  const { FunctionName, Payload = {} } = isObject(parameters) ? parameters : {};
  if (typeof FunctionName === 'string') return { functionArn: FunctionName, payload: Payload };
  throw new RuntimeFailure('The FunctionName of the Parameters must be a string.');
}

/** Invokes until an answer, an interruption or the time limit; the function itself runs on. */
async function invoke(
  run: Run,
  invocation: Invocation,
  timeoutSeconds: number | undefined,
): Promise<Json> {
  run.recorder.commit();
  const answered = outcomeOf(run, invocation);
  const outcome = await interruptible(withTimeout(run, answered, timeoutSeconds), run.signal);
  if (!outcome.ok) throw invocationFailure(outcome);
  return invokeResponse(run, toJson(outcome.payload));
}

/** How an invocation ends; never rejects. */
const outcomeOf = (
  { services, caller }: Run,
  { functionArn, payload }: Invocation,
): Promise<InvokeOutcome> =>
  services.invoke(functionArn, payload, caller).catch((error: unknown): InvokeOutcome => ({
    ok: false,
    errorType: 'Lambda.SdkClientException',
    errorMessage: error instanceof Error ? error.message : String(error),
  }));

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
