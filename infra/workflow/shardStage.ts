import type { StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import {
  Choice,
  Condition,
  DistributedMap,
  Errors,
  type IChainable,
  JsonPath,
  OutputType,
  type RetryProps,
  Succeed,
  Transformation,
  WriterConfig,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { SheafFunction } from '../functions/sheafFunction.ts';
import type { TaskBucket } from '../storage/taskBucket.ts';
import { ManifestReader, MapResultWriter } from './mapObjects.ts';
import { MAP_RETRIES, RECORD_SHARD_FAILURE_RETRIES, RESULT_WRITER_FAILED } from './retries.ts';
import { catchAll, ERROR_PATH, lambdaStep, tokenStep } from './steps.ts';

export interface ShardStageProps {
  /** What the function does with one shard, such as `Renders`. */
  readonly verb: string;
  /** Names of the states: of the map, which is the stage's own, of its step, and of the same step without a map. */
  readonly names: { readonly map: string; readonly step: string; readonly only: string };
  readonly bucket: TaskBucket;
  /**
   * What the children of the map are: EXPRESS ones cost by time and end after five minutes, STANDARD ones by steps and
   * may take as long as they like.
   */
  readonly children: StateMachineType;
  /** Works on one shard (schemas/workflow.ts, ShardRef). */
  readonly function: SheafFunction;
  readonly retries: readonly RetryProps[];
  /** Records a shard that failed for good (FailedShard). */
  readonly recordFailure: SheafFunction;
  /** There where a shard may wait for others (CallOutcome): its states, and what keeps the token (Awaiting). */
  readonly waits?: {
    readonly step: string;
    readonly only: string;
    readonly function: SheafFunction;
    readonly retries: readonly RetryProps[];
  };
}

/** Where the outcome of a shard is that may wait. */
const OUTCOME = '$.outcome';

/** The shard that a plan has when it is the only one. */
const ONLY_SHARD = '$.shard';

/**
 * A stage of a task: a function that works on each shard of the plan. Several shards are a distributed
 * map, one child each. A single one takes the same steps without a map, which would take longer than ten
 * documents; none takes none. A shard that fails for good is recorded and spoils no other.
 */
export class ShardStage extends Construct {
  private readonly props: ShardStageProps;

  constructor(scope: Construct, id: string, props: ShardStageProps) {
    super(scope, id);
    this.props = props;
  }

  /**
   * The states of the stage.
   * @param next what comes after them
   * @param failTask where errors go that are nobody's shard's
   * @param other the states of a stage that a plan may name instead
   */
  states(
    next: IChainable,
    failTask: IChainable,
    other?: { readonly stage: string; readonly states: IChainable },
  ): IChainable {
    const choice = new Choice(this, `Choose${this.props.names.map}`, {
      comment: 'One shard needs no map',
    }).when(Condition.numberEquals('$.shards', 0), next);
    if (other) choice.when(Condition.stringEquals('$.stage', other.stage), other.states);
    return choice
      .when(Condition.numberEquals('$.shards', 1), this.onlyShard(next))
      .otherwise(this.map(next, failTask));
  }

  private onlyShard(next: IChainable): IChainable {
    const { verb, names, function: work, retries, recordFailure } = this.props;
    const record = lambdaStep(this, `Record${names.only}Failure`, {
      comment: 'Records that the only shard failed for good, for the failure report',
      function: recordFailure,
      payload: { 'shard.$': ONLY_SHARD, 'error.$': ERROR_PATH },
      retries: RECORD_SHARD_FAILURE_RETRIES,
      output: 'input',
    });
    const step = lambdaStep(this, names.only, {
      comment: `${verb} the only shard`,
      function: work,
      payload: ONLY_SHARD,
      retries,
      ...this.outputOr('input'),
    });
    catchAll(step, record);
    // Not even that could be recorded: what is left is planned anew, as behind a map.
    catchAll(record, next);
    record.next(next);
    return step.next(this.whileItWaits('only', ONLY_SHARD, { step, record, next }));
  }

  /** What of a shard's answer goes on: where it may wait, how long beside what it is. */
  private outputOr<Output extends 'answer' | 'input'>(output: Output) {
    if (!this.props.waits) return { output };
    const fields = ['status', 'waitSeconds'];
    return {
      output: Object.fromEntries(fields.map((name) => [`${name}.$`, `$.Payload.${name}`])),
      outputPath: OUTCOME,
    } as const;
  }

  /** Waits until the shard's step has something to do again, and goes back to it. */
  private whileItWaits(
    which: 'step' | 'only',
    shard: string,
    { step, record, next }: { step: LambdaInvoke; record: LambdaInvoke; next: IChainable },
  ): IChainable {
    const { waits } = this.props;
    if (!waits) return next;
    const wait = tokenStep(this, waits[which], {
      comment: 'Waits until services have called back, or have had their time',
      function: waits.function,
      payload: { 'shard.$': shard },
      timeoutPath: `${OUTCOME}.waitSeconds`,
      retries: waits.retries,
    });
    wait.addCatch(step, { errors: [Errors.TIMEOUT], resultPath: JsonPath.DISCARD });
    catchAll(wait, record);
    wait.next(step);
    return new Choice(this, `Choose${waits[which]}`, {
      comment: 'Nothing is left to do but to wait for others',
    })
      .when(Condition.stringEquals(`${OUTCOME}.status`, 'waiting'), wait)
      .otherwise(next);
  }

  /** One child execution for each item of the manifest, as many at a time as the task asks for. */
  private map(next: IChainable, failTask: IChainable): IChainable {
    const { verb, names, bucket } = this.props;
    const map = new DistributedMap(this, names.map, {
      comment: `${verb} each shard of the manifest in a child execution`,
      label: names.map,
      mapExecutionType: this.props.children,
      itemReader: new ManifestReader({ bucket, key: JsonPath.stringAt('$.manifestKey') }),
      maxConcurrencyPath: '$.concurrency',
      // A lost shard is recorded and reported: it never ends the others.
      toleratedFailurePercentage: 100,
      resultWriterV2: new MapResultWriter({
        bucket,
        prefix: JsonPath.stringAt('$.resultsPrefix'),
        writerConfig: new WriterConfig({
          transformation: Transformation.NONE,
          outputType: OutputType.JSON,
        }),
      }),
      resultPath: JsonPath.DISCARD,
    });
    for (const retry of MAP_RETRIES) map.addRetry(retry);
    // What the children did is in the table: without the files the run goes on as with them.
    map.addCatch(next, { errors: [RESULT_WRITER_FAILED], resultPath: ERROR_PATH });
    catchAll(map, failTask);
    return map.itemProcessor(this.child()).next(next);
  }

  private child(): IChainable {
    const { verb, names, function: work, retries, recordFailure } = this.props;
    const record = lambdaStep(this, `Record${names.step}Failure`, {
      comment: 'Records a shard that failed for good, for the failure report',
      function: recordFailure,
      payload: { 'shard.$': '$', 'error.$': ERROR_PATH },
      retries: RECORD_SHARD_FAILURE_RETRIES,
      output: 'answer',
    });
    const step = lambdaStep(this, names.step, {
      comment: `${verb} one shard`,
      function: work,
      retries,
      ...this.outputOr('answer'),
    });
    catchAll(step, record);
    if (!this.props.waits) return step;
    const end = new Succeed(this, `${names.step}Ended`);
    return step.next(this.whileItWaits('step', '$', { step, record, next: end }));
  }
}
