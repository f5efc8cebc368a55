/** The states that the workflows are made of. */
import { Duration } from 'aws-cdk-lib';
import {
  type DistributedMap,
  Errors,
  Fail,
  type IChainable,
  IntegrationPattern,
  JsonPath,
  type RetryProps,
  TaskInput,
  type TaskStateBase,
  Timeout,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { SheafFunction } from '../functions/sheafFunction.ts';
import { STEP_MARGIN_SECONDS } from './timing.ts';

/** Where a Catch puts the error: beside the state's input, which the handler needs as well. */
export const ERROR_PATH = '$.error';

interface StepProps {
  /** What the step does, for whoever looks at the execution. */
  readonly comment: string;
  /** The function it calls. */
  readonly function: SheafFunction;
  readonly retries: readonly RetryProps[];
  /** What the function gets: by name, or from a path; default: all that the state gets. */
  readonly payload?: Readonly<Record<string, string>> | `$.${string}`;
  /** What goes on to the next state: the function's answer, what the state got itself, or both (outputPath). */
  readonly output: 'answer' | 'input' | Readonly<Record<string, string>>;
  /** Where what is chosen of the answer is put beside what the state got. */
  readonly outputPath?: string;
}

/** A state that calls a function. */
export function lambdaStep(scope: Construct, id: string, props: StepProps): LambdaInvoke {
  const step = new LambdaInvoke(scope, id, {
    comment: props.comment,
    lambdaFunction: props.function,
    taskTimeout: Timeout.duration(timeoutOf(props.function).plus(MARGIN)),
    retryOnServiceExceptions: false, // the recipe of retries.ts instead of the construct's own
    ...(props.payload !== undefined && { payload: payloadOf(props.payload) }),
    ...outputOf(props),
  });
  for (const retry of props.retries) step.addRetry(retry);
  return step;
}

function outputOf({ output, outputPath = JsonPath.DISCARD }: StepProps) {
  if (output === 'answer') return { outputPath: '$.Payload' }; // the answer alone, without its HTTP headers
  if (output === 'input') return { resultPath: JsonPath.DISCARD };
  return { resultSelector: { ...output }, resultPath: outputPath };
}

/** A state that ends when somebody answers its token, which the function gets as `token`; what it got goes on. */
export function tokenStep(
  scope: Construct,
  id: string,
  props: Pick<StepProps, 'comment' | 'function' | 'retries'> & {
    readonly payload: Readonly<Record<string, string>>;
    /** After so many seconds it fails with States.Timeout. */
    readonly timeoutPath: string;
  },
): LambdaInvoke {
  const step = new LambdaInvoke(scope, id, {
    comment: props.comment,
    lambdaFunction: props.function,
    integrationPattern: IntegrationPattern.WAIT_FOR_TASK_TOKEN,
    taskTimeout: Timeout.at(props.timeoutPath),
    retryOnServiceExceptions: false,
    payload: TaskInput.fromObject({ ...props.payload, token: JsonPath.taskToken }),
    resultPath: JsonPath.DISCARD,
  });
  for (const retry of props.retries) step.addRetry(retry);
  return step;
}

const payloadOf = (payload: NonNullable<StepProps['payload']>) =>
  typeof payload === 'string'
    ? TaskInput.fromJsonPathAt(payload)
    : TaskInput.fromObject({ ...payload });

const MARGIN = Duration.seconds(STEP_MARGIN_SECONDS);

function timeoutOf(lambda: SheafFunction): Duration {
  if (!lambda.timeout) throw new Error(`${lambda.node.path} has no timeout.`);
  return lambda.timeout;
}

/** Sends every error of a state to `handler`, beside the state's input. */
export function catchAll(state: TaskStateBase | DistributedMap, handler: IChainable): void {
  // States.ALL does not cover it (Developer Guide, "Handling errors in Step Functions workflows").
  state.addCatch(handler, { errors: ['States.DataLimitExceeded'], resultPath: ERROR_PATH });
  state.addCatch(handler, { errors: [Errors.ALL], resultPath: ERROR_PATH });
}

/** The end of an execution that failed, so that it counts as failed in metrics and alarms. */
export function failed(scope: Construct, id: string, cause: string): Fail {
  return new Fail(scope, id, { error: id, cause });
}
