/** The row steps of a task, ready to be called for its rows. */
import type { ProblemDetail } from '../problems.ts';
import { Problem } from '../problems.ts';
import { columnsOfNames, compileNames, rowPlaceOf } from '../rendering/documentNames.ts';
import type { RowStep } from '../schemas/rowSteps.ts';
import { columnsInside } from '../tags/compileFormats.ts';
import { splitEnding } from './fileTypes.ts';
import { CALLBACK_URL, isReservedTag, parseText, type FilledWith } from './filledText.ts';
import { compileRequest, type Filled } from './request.ts';
import { compileResponse, type Taken, type WholeAnswer } from './response.ts';

export interface CompiledStep {
  readonly step: RowStep;
  /** Fills its request with a row, and what the steps before gave. */
  readonly fill: (row: Omit<FilledWith, 'room'>) => Filled;
  readonly take: (answer: WholeAnswer) => Taken;
}

/** Every text of a step that is filled with a row. */
function textsOf({ request }: RowStep): string[] {
  const texts: string[] = [request.url ?? '', ...Object.values(request.headers)];
  const waiting: unknown[] = [request.body];
  for (let next = waiting.pop(); next !== undefined || waiting.length > 0; next = waiting.pop()) {
    if (typeof next === 'string') texts.push(next);
    else if (typeof next === 'object' && next !== null) {
      for (const inner of Object.values<unknown>({ ...next })) waiting.push(inner);
    }
  }
  return texts;
}

/** Names that a step reads, each once; those that its names of files read, too. */
export function namesRead(step: RowStep): string[] {
  const read = namesInRequest(step);
  const { file } = step.response;
  const inName = file ? columnsOfNames(splitEnding(file.name).stem) : [];
  return [...new Set([...read, ...inName])].filter((name) => !isReservedTag(name));
}

const namesInRequest = (step: RowStep): string[] =>
  textsOf(step).flatMap((text) =>
    parseText(text, '', []).flatMap((piece) =>
      typeof piece === 'string' ? [] : [piece.name, ...columnsInside(piece.formats)],
    ),
  );

/** What is wrong with where a step takes its answer from. */
function checkCallback(step: RowStep, pointer: string, faults: ProblemDetail[]): void {
  const isToldUrl = namesInRequest(step).includes(CALLBACK_URL);
  if (step.mode === 'callback' && !isToldUrl) {
    faults.push({
      pointer: `${pointer}/request`,
      detail: `The request does not tell where the answer is sent to. Write {${CALLBACK_URL}} where the service reads it, or leave mode out.`,
    });
  }
  if (step.mode === 'sync' && isToldUrl) {
    faults.push({
      pointer: `${pointer}/mode`,
      detail: `The request has {${CALLBACK_URL}}, which only a step of mode callback has. Set "mode": "callback", or leave the tag out.`,
    });
  }
}

/** Columns that the rows have once a step was called, as tags name them. */
export const columnsGiven = ({ name, response }: RowStep): string[] =>
  Object.keys(response.values).map((column) => `${name}.${column}`);

/** The name that a path begins with. */
export const rootOf = (name: string): string => /^[^.[]*/.exec(name)?.[0] ?? name;

function checkNames(steps: readonly RowStep[], faults: ProblemDetail[]): void {
  const all = steps.map(({ name }) => name);
  /** Where names of files give away their row. */
  const places = new Set<ReturnType<typeof rowPlaceOf>>();
  for (const [i, step] of steps.entries()) {
    const pointer = `/steps/${i}`;
    if (all.indexOf(step.name) < i) {
      faults.push({
        pointer: `${pointer}/name`,
        detail: `Two steps are called "${step.name}". Give each a name of its own.`,
      });
    }
    checkCallback(step, pointer, faults);
    for (const name of namesReadSafely(step)) {
      const from = all.indexOf(rootOf(name));
      if (from < i) continue;
      faults.push({
        pointer: `${pointer}/request`,
        detail: `The step reads {${name}}, which ${from === i ? 'it gives itself' : 'a later step gives'}. A step reads columns, and what steps before it gave.`,
      });
    }
    const { file } = step.response;
    if (!file) continue;
    try {
      const { stem } = splitEnding(file.name);
      compileNames(stem, 1);
      const place = rowPlaceOf(stem);
      if (places.size > 0 && !places.has(place)) {
        faults.push({
          pointer: `${pointer}/response/file/name`,
          detail:
            'Files of two steps could get the same name for different rows. Begin the names of all steps with {row}, end all with {row}, or name it in none.',
        });
      }
      places.add(place);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      for (const { detail } of error.errors ?? []) {
        faults.push({ pointer: `${pointer}/response/file/name`, detail });
      }
    }
  }
}

/** A pattern of names that cannot be read is told of by itself. */
function namesReadSafely(step: RowStep): string[] {
  try {
    return namesRead(step);
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}

/** Scheme and host of a URL that is written out. */
const ORIGIN = /^https?:\/\/[^/?#{}]+/i;

/**
 * @param baseUrlOf where a connection leads; undefined for one that there is not
 * @param faults gets everything that is wrong with the steps, by its place in the body of the request
 * @param whyRefused what is wrong with a host, for steps without a connection; a connection's was judged when it was made
 */
export function compileSteps(
  steps: readonly RowStep[],
  baseUrlOf: (connectionId: string) => string | undefined,
  faults: ProblemDetail[],
  whyRefused: (url: string) => string | undefined = () => undefined,
): CompiledStep[] {
  checkNames(steps, faults);
  return steps.map((step, i) => {
    const pointer = `/steps/${i}`;
    const { connectionId } = step;
    const baseUrl = connectionId === undefined ? undefined : baseUrlOf(connectionId);
    if (connectionId !== undefined && baseUrl === undefined) {
      faults.push({
        pointer: `${pointer}/connectionId`,
        detail: `There is no connection ${connectionId}. Create it, or name another one.`,
      });
    }
    if (connectionId !== undefined && step.rateLimit) {
      faults.push({
        pointer: `${pointer}/rateLimit`,
        detail: 'The connection has a limit, for all steps that use it. Leave this one out.',
      });
    }
    const host = connectionId === undefined ? ORIGIN.exec(step.request.url ?? '')?.[0] : undefined;
    const refused = host === undefined ? undefined : whyRefused(`${host}/`);
    if (refused !== undefined) {
      faults.push({ pointer: `${pointer}/request/url`, detail: refused });
    }
    return {
      step,
      fill: compileRequest(step, baseUrl, pointer, faults),
      take: compileResponse(step, pointer, faults),
    };
  });
}
