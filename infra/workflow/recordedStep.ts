import { type Construct } from 'constructs';
import type { SheafFunction } from '../functions/sheafFunction.ts';
import { PATIENT_RETRIES, STEP_RETRIES } from './retries.ts';
import { catchAll, ERROR_PATH, failed, lambdaStep } from './steps.ts';

export interface RecordedStepProps {
  /** The step that works, and the one that records that it could not. */
  readonly names: { readonly step: string; readonly record: string; readonly failed: string };
  /** The same for whoever looks at the execution. */
  readonly comments: { readonly step: string; readonly record: string; readonly failed: string };
  readonly function: SheafFunction;
  readonly payload: Readonly<Record<string, string>>;
}

/**
 * A workflow of one step. Faults of what it works on are a result; when the function itself fails for good, it
 * is called once more to record that.
 */
export function recordedStep(scope: Construct, props: RecordedStepProps) {
  const { names, comments, payload } = props;
  const step = lambdaStep(scope, names.step, {
    comment: comments.step,
    function: props.function,
    payload,
    retries: STEP_RETRIES,
    output: 'input',
  });
  const record = lambdaStep(scope, names.record, {
    comment: comments.record,
    function: props.function,
    payload: { ...payload, 'error.$': ERROR_PATH },
    retries: PATIENT_RETRIES,
    output: 'input',
  });
  catchAll(step, record.next(failed(scope, names.failed, comments.failed)));
  return step;
}
