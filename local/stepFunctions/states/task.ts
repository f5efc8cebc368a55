/** Task states: a function is invoked by the Lambda integration. */
import { RuntimeFailure, WorkflowFailure, failureDetails } from '../failures.ts';
import type { Data } from '../language/paths.ts';
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

/** What the integration is told of; its events carry it besides what is their own. */
const RESOURCE = { resource: 'invoke', resourceType: 'lambda' };
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
  { functionArn, payload }: Invocation,
  timeoutSeconds: number | undefined,
): Promise<Json> {
  run.recorder.commit();
  const answered = run.services
    .invoke(functionArn, payload, run.caller)
    .catch((error: unknown): InvokeOutcome => ({
      ok: false,
      errorType: 'Lambda.SdkClientException',
      errorMessage: error instanceof Error ? error.message : String(error),
    }));
  const outcome = await interruptible(withTimeout(run, answered, timeoutSeconds), run.signal);
  if (!outcome.ok) throw invocationFailure(outcome);
  return invokeResponse(run, toJson(outcome.payload));
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
