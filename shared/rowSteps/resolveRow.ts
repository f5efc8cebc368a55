/** How far a row has come with its steps: what it was answered counts as long as it would be asked the same. */
import { columnsReadBy, valueTags } from '../columns/fill.ts';
import type { Row, RowFailure, RowFault } from '../schemas/common.ts';
import { answerKey, type RowAnswers, type StepAnswer } from '../stepAnswers/rowAnswers.ts';
import type { CompiledStep } from './compileSteps.ts';
import type { LoadedSteps } from './taskSteps.ts';
import type { Filled, FilledRequest } from './request.ts';

export interface ResolvingRow {
  /** 1-based. */
  readonly row: number;
  readonly values: Row;
  readonly missingValue: 'empty' | 'error';
  /** Its cells that could not be read: steps that read them are not called. */
  readonly faults: readonly RowFault[];
  readonly answers: RowAnswers;
}

export type Resolved = {
  /** What its steps gave so far, by step. */
  readonly given: Row;
  /** The row with what its steps gave so far, as tags read it: `{step.column}`. */
  readonly values: Row;
  /** Files that its steps gave, by step. */
  readonly files: ReadonlyMap<string, NonNullable<StepAnswer['file']>>;
} & (
  | { readonly state: 'whole' }
  /** A step gave nothing: those behind it are not called. `answer` is absent where nothing was asked. */
  | { readonly state: 'failed'; readonly failure: RowFailure; readonly answer?: StepAnswer }
  /** This step is to be called next, or was sent its request and has not called back. */
  | {
      readonly state: 'waiting';
      readonly step: CompiledStep;
      readonly request: FilledRequest;
      /** The same request with the URL that the service is to call. */
      readonly withCallback: (url: string) => Filled;
      readonly sent?: StepAnswer;
    }
);

/** Why a step cannot be called for a row; undefined when nothing it reads is faulty. */
function faultyCell(
  { reads, spellings }: LoadedSteps,
  step: number,
  faults: readonly RowFault[],
): RowFailure | undefined {
  if (faults.length === 0) return undefined;
  const reader = { tags: valueTags(reads[step] ?? []), spellings: spellings[step] };
  const columns = faults.map(({ column }) => column);
  const used = columnsReadBy(columns, [reader]);
  const fault = faults.find((_, i) => used.has(i));
  return fault && { code: 'STEP_FAILED', column: fault.column, detail: fault.detail };
}

export function resolveRow(
  loaded: LoadedSteps,
  { row, values: own, missingValue, faults, answers }: ResolvingRow,
): Resolved {
  const { steps, spellings } = loaded;
  const given: Row = {};
  let values = own;
  const files = new Map<string, NonNullable<StepAnswer['file']>>();
  for (const [i, compiled] of steps.entries()) {
    const { name } = compiled.step;
    const faulty = faultyCell(loaded, i, faults);
    if (faulty) return { given, values, files, state: 'failed', failure: faulty };
    const filling = { row, values, spellings: spellings[i], missingValue };
    const filled = compiled.fill(filling);
    if (!filled.ok) return { given, values, files, state: 'failed', failure: filled.failure };
    const answer = answers.get(answerKey(name, filled.request.fingerprint));
    if (!answer || answer.sentAt !== undefined) {
      return {
        ...{ given, values, files, state: 'waiting', step: compiled, request: filled.request },
        withCallback: (callbackUrl) => compiled.fill({ ...filling, callbackUrl }),
        ...(answer && { sent: answer }),
      };
    }
    if (answer.failure)
      return { given, values, files, state: 'failed', failure: answer.failure, answer };
    if (answer.values) {
      given[name] = answer.values;
      values = { ...values, [name]: answer.values };
    }
    if (answer.file) files.set(name, answer.file);
  }
  return { given, values, files, state: 'whole' };
}

/** Why a document of a row cannot be made yet whose step was not called. */
export const notCalled = (step: string): RowFailure => ({
  code: 'STEP_FAILED',
  detail: `The row step "${step}" was not called for this row. Retry the task: only what is missing is called.`,
});
