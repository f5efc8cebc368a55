/** One step for one row: asks its service, and makes of the answer what is kept. */
import { MAX_STEP_FILE_BYTES, MAX_STEP_VALUE_BYTES } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { Row, RowFailure } from '../schemas/common.ts';
import { StepValuesSchema } from '../schemas/stepAnswers.ts';
import { callService, NoTimeLeft, type CallPorts } from './callService.ts';
import type { CompiledStep } from './compileSteps.ts';
import { endingOf, splitEnding } from './fileTypes.ts';
import { idempotencyKey, type FilledRequest } from './request.ts';
import type { FoundFile, WholeAnswer } from './response.ts';
import type { Service } from './services.ts';
import { judge, type CallFault } from './verdict.ts';

/** A file that is to be kept. */
export interface GivenFile {
  readonly bytes: Uint8Array;
  readonly extension: string;
}

export type Asked = { readonly tries: number } & (
  | {
      readonly ok: true;
      readonly values: Row;
      readonly file?: GivenFile;
    }
  | { readonly ok: false; readonly failure: RowFailure; readonly isGeneral: boolean }
);

export interface Question {
  readonly taskId: string;
  /** 1-based. */
  readonly row: number;
  readonly compiled: CompiledStep;
  readonly request: FilledRequest;
  readonly service: Service;
  /** How long a try that begins now may take, in ms; undefined where none is to begin any more. */
  readonly timeoutMs: () => number | undefined;
  /** Told of each call that the service took. */
  readonly onCalled: () => void;
}

/** An answer in JSON may have a file in base64 in it, which is a third longer. */
const MAX_ANSWER_BYTES = Math.ceil((MAX_STEP_FILE_BYTES * 4) / 3) + 16 * MAX_STEP_VALUE_BYTES;
/** One without files. */
const MAX_JSON_BYTES = 64 * MAX_STEP_VALUE_BYTES;

/** Why a step gave nothing. */
export const failureOf = (
  step: string,
  { status, what }: CallFault,
  told?: string,
): RowFailure => ({
  code: 'STEP_FAILED',
  detail: `The row step "${step}" failed${status === undefined ? '' : ` with status ${status}`}: ${what}.${told === undefined ? '' : ` The service says: ${told}`}`,
});

/** Tries to fetch a file, 15 s apart in all: what it came with is paid. */
const FETCH_TRIES = 5;

/** Fetches a file from where an answer says it is: from the host that answered, and without its secrets. */
async function fetchFile(
  ports: Pick<Ports, 'web' | 'clock'>,
  from: string,
  asked: string,
  timeFor: () => number | undefined,
): Promise<Exclude<FoundFile, { url: string }> | CallFault> {
  if (!URL.canParse(from) || new URL(from).origin !== new URL(asked).origin) {
    return { what: 'The answer names a file at another host, where none is fetched' };
  }
  for (let tries = 1; ; tries++) {
    const timeoutMs = timeFor();
    if (timeoutMs === undefined) throw new NoTimeLeft();
    const answer = await ports.web.request({
      ...{ method: 'GET', url: from, headers: { 'user-agent': 'Sheaf', accept: '*/*' } },
      ...{ timeoutMs, maxBytes: MAX_STEP_FILE_BYTES },
    });
    const judged = judge(answer, ports.clock.now());
    if (judged.verdict === 'answered' && 'body' in answer) {
      if (!answer.isWhole) return { what: `The file has more than ${MAX_STEP_FILE_BYTES} bytes` };
      const contentType = answer.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
      return { bytes: answer.body, contentType };
    }
    const passes = judged.verdict === 'again' || judged.verdict === 'throttled';
    if (!passes || tries === FETCH_TRIES) {
      const { status, what } = 'fault' in judged ? judged.fault : { what: 'There is none' };
      return {
        ...(status !== undefined && { status }),
        what: `Its file cannot be fetched. ${what}`,
      };
    }
    await ports.clock.sleep(1_000 * 2 ** (tries - 1));
  }
}

/**
 * Asks, as often as the step allows.
 * @param signal no try begins once it is aborted
 * @throws NoTimeLeft; the signal's reason; what the limiter throws
 */
export async function askService(
  ports: CallPorts,
  question: Question,
  signal: AbortSignal,
): Promise<Asked> {
  const sent = await sendRequest(ports, question, signal);
  if (!sent.ok) return sent;
  const { compiled, request, timeoutMs } = question;
  return {
    ...(await takeAnswer(ports, compiled, request, sent.answer, timeoutMs)),
    tries: sent.tries,
  };
}

/** What a service answered, whatever it says; or why it did not. */
export type Sent =
  | { readonly ok: true; readonly tries: number; readonly answer: WholeAnswer }
  | (Asked & { readonly ok: false });

/**
 * Sends the request, as often as the step allows, until it is answered.
 * @param signal no try begins once it is aborted
 * @throws NoTimeLeft; the signal's reason; what the limiter throws
 */
export async function sendRequest(
  ports: CallPorts,
  { taskId, row, compiled, request, service, timeoutMs, onCalled }: Question,
  signal: AbortSignal,
): Promise<Sent> {
  const { step } = compiled;
  const { file: wanted } = step.response;
  if (service.gone !== undefined) {
    const failure = failureOf(step.name, { what: service.gone });
    return { ok: false, tries: 0, isGeneral: false, failure };
  }
  const result = await callService(
    ports,
    service.limiter,
    {
      request: { ...request, headers: { ...service.headers, ...request.headers } },
      idempotencyKey: idempotencyKey(taskId, row, step.name, request),
      secretHeaders: service.secretHeaders,
      timeoutMs,
      onCalled,
      retries: step.retries,
      maxBytes: wanted ? MAX_ANSWER_BYTES : MAX_JSON_BYTES,
    },
    signal,
  );
  if (result.ok) return result;
  const { tries, fault, isGeneral, told } = result;
  return { ok: false, tries, isGeneral, failure: failureOf(step.name, fault, told) };
}

/** What is kept of an answer. */
export type Taken =
  | { readonly ok: true; readonly values: Row; readonly file?: GivenFile }
  | { readonly ok: false; readonly failure: RowFailure; readonly isGeneral: false };

/**
 * Takes from an answer what the step wants of it.
 * @param timeFor how long a try to fetch a file may take (Question.timeoutMs)
 * @throws NoTimeLeft
 */
export async function takeAnswer(
  ports: Pick<Ports, 'web' | 'clock'>,
  compiled: CompiledStep,
  request: Pick<FilledRequest, 'url'>,
  answer: WholeAnswer,
  timeFor: () => number | undefined,
): Promise<Taken> {
  const { step } = compiled;
  const { file: wanted } = step.response;
  const failed = (fault: CallFault): Taken => ({
    ...{ ok: false, isGeneral: false, failure: failureOf(step.name, fault) },
  });
  const taken = compiled.take(answer);
  if (!taken.ok) return failed({ what: taken.wrong });
  const { file } = taken;
  // As they are read again.
  const values = StepValuesSchema.parse(JSON.parse(JSON.stringify(taken.values)));
  if (!file || !wanted) return { ok: true, values };
  const found = 'url' in file ? await fetchFile(ports, file.url, request.url, timeFor) : file;
  if ('what' in found) return failed(found);
  if (found.bytes.length === 0) return failed({ what: 'The file that came is empty' });
  const ending = endingOf(found.bytes, splitEnding(wanted.name).extension, found.contentType);
  if ('wrong' in ending) return failed({ what: ending.wrong });
  return { ok: true, values, file: { bytes: found.bytes, extension: ending.extension } };
}
