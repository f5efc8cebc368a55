/** What a row step takes from the answer of a service: columns of the row, and a file of the archive. */
import { atPointer } from '../jsonPointer.ts';
import { MAX_STEP_FILE_BYTES, MAX_STEP_VALUE_BYTES } from '../limits.ts';
import type { ProblemDetail } from '../problems.ts';
import type { RowStep } from '../schemas/rowSteps.ts';
import { compileTake, type AnswerParts, type Take } from './expressions.ts';

/** A file that came with an answer, or where it is to be fetched. */
export type FoundFile =
  | { readonly bytes: Uint8Array; readonly contentType: string | undefined }
  | { readonly url: string };

/** What came of a call: values by column. `wrong` is a sentence that says what to do. */
export type Taken =
  | {
      readonly ok: true;
      readonly values: Readonly<Record<string, unknown>>;
      readonly file?: FoundFile;
    }
  | { readonly ok: false; readonly wrong: string };

/** An answer with a body that has arrived in whole. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Makes what a step takes from answers ready. @param faults gets everything that is wrong with it */
export function compileResponse(
  step: RowStep,
  pointer: string,
  faults: ProblemDetail[],
): (answer: WholeAnswer) => Taken {
  const at = `${pointer}/response`;
  const takeOf = (text: string, place: string): Take => {
    const made = compileTake(text);
    if ('take' in made) return made.take;
    faults.push({ pointer: place, detail: made.fault });
    return () => undefined;
  };
  const columns = Object.entries(step.response.values).map(
    ([column, text]) => ({ column, text, take: takeOf(text, `${at}/values/${column}`) }) as const,
  );
  const from = step.response.file?.from;
  const isPointer = from?.startsWith('/') === true;
  if (from !== undefined && from !== 'body' && !isPointer) {
    faults.push({
      pointer: `${at}/file/from`,
      detail: 'Write "body", or a JSON pointer such as /data/0/url.',
    });
  }
  const takeFile = from !== undefined && isPointer ? takeOf(from, `${at}/file/from`) : undefined;
  const readsJson = step.kind === 'dify' || columns.length > 0 || takeFile !== undefined;

  return (answer) => {
    const read = readsJson ? readAnswer(step, answer) : { parts: undefined };
    if ('wrong' in read) return { ok: false, wrong: read.wrong };
    const { parts } = read;
    const values: Record<string, unknown> = {};
    for (const { column, text, take } of columns) {
      const value = parts && take(parts);
      if (value === undefined) {
        return {
          ok: false,
          wrong: `The answer has nothing at "${text}", from which the column "${column}" is taken. Correct the step, or write an expression that allows for it`,
        };
      }
      values[column] = value;
    }
    if (!fits(values)) {
      return {
        ok: false,
        wrong: `What is taken from the answer has more than ${MAX_STEP_VALUE_BYTES} bytes. Take less of it, or take it as a file`,
      };
    }
    if (from === undefined) return { ok: true, values };
    const file = takeFile ? fileAt(parts && takeFile(parts), from) : fileOfBody(answer);
    return 'wrong' in file ? { ok: false, wrong: file.wrong } : { ok: true, values, file };
  };
}

/** What lies in itself thousands of times cannot be written, either. */
function fits(values: Record<string, unknown>): boolean {
  try {
    return Buffer.byteLength(JSON.stringify(values)) <= MAX_STEP_VALUE_BYTES;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The answer as expressions see it; or why it cannot be seen so. */
function readAnswer(
  step: RowStep,
  { status, headers, body }: WholeAnswer,
): { parts: AnswerParts } | { wrong: string } {
  let text: string;
  try {
    text = decoder.decode(body);
  } catch {
    return { wrong: 'The answer is no text in UTF-8' };
  }
  const isDify = step.kind === 'dify';
  const events = isDify && /^text\/event-stream\b/i.test(headers['content-type'] ?? '');
  const json = events ? lastRun(text) : parsed(text);
  if (isDify) {
    const outputs = outputsOf(json);
    return 'wrong' in outputs
      ? outputs
      : { parts: { status, headers, text, body: outputs.outputs } };
  }
  const readsText = Object.values(step.response.values).every(
    (take) => !take.startsWith('/') && take !== '',
  );
  if (json === undefined && !readsText) return { wrong: 'The answer is no JSON' };
  return { parts: { status, headers, text, body: json ?? null } };
}

function parsed(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return undefined;
  }
}

/** The event that ends a run of a workflow, among those that a stream of Dify sent. */
function lastRun(text: string): unknown {
  for (const block of text.split(/\r?\n\r?\n/).toReversed()) {
    const data = block
      .split(/\r?\n/)
      .flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trim()] : []))
      .join('\n');
    const event = parsed(data);
    const kind = atPointer(event, '/event');
    if (kind === 'workflow_finished' || kind === 'error') return event;
  }
  return undefined;
}

/** Outputs of a run of a workflow. Dify answers 200 for a run that failed, too. */
function outputsOf(run: unknown): { outputs: unknown } | { wrong: string } {
  const status = atPointer(run, '/data/status');
  if (status === 'succeeded' || status === 'partial-succeeded') {
    return { outputs: atPointer(run, '/data/outputs') ?? {} };
  }
  if (typeof status === 'string')
    return { wrong: `The workflow ended as "${status.slice(0, 40)}"` };
  return { wrong: 'The answer is none of a workflow run' };
}

/** `data:image/png;base64,…` (RFC 2397). */
const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w=.+-]+)*;base64,/i;
/** What is before the bytes of one. */
const MAX_DATA_URL_HEAD = 200;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** The file that a pointer leads to: base64, or a URL. */
function fileAt(value: unknown, pointer: string): FoundFile | { wrong: string } {
  if (typeof value !== 'string' || value === '') {
    return { wrong: `The answer has no text at "${pointer}", from which the file is taken` };
  }
  if (/^https?:\/\//i.test(value)) return { url: value };
  const head = DATA_URL.exec(value.slice(0, MAX_DATA_URL_HEAD));
  const text = value.slice(head?.[0].length ?? 0).replace(/\s+/g, '');
  if (!BASE64.test(text))
    return { wrong: `What the answer has at "${pointer}" is neither base64 nor a URL` };
  return fileOf(Buffer.from(text, 'base64'), head?.[1]);
}

const fileOfBody = ({ body, headers }: WholeAnswer) => fileOf(body, headers['content-type']);

function fileOf(bytes: Uint8Array, contentType: string | undefined): FoundFile | { wrong: string } {
  if (bytes.length === 0) return { wrong: 'The file that came is empty' };
  return bytes.length > MAX_STEP_FILE_BYTES
    ? { wrong: `The file has more than ${MAX_STEP_FILE_BYTES} bytes` }
    : { bytes, contentType: contentType?.split(';')[0]?.trim().toLowerCase() };
}
