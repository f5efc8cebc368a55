import {
  DistributedMap,
  type IChainable,
  JsonPath,
  OutputType,
  StateMachineType,
  Transformation,
  WriterConfig,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ENV } from '../../shared/names.ts';
import type { TaskBucket } from '../storage/taskBucket.ts';
import { explainWildcard, logicalId } from '../wildcards.ts';
import { MANIFESTS, MAP_RESULTS, ManifestReader, MapResultWriter } from './mapObjects.ts';
import {
  MAP_RETRIES,
  PLAN_SHARDS_RETRIES,
  RECORD_SHARD_FAILURE_RETRIES,
  RENDER_SHARD_RETRIES,
  STEP_RETRIES,
} from './retries.ts';
import { catchAll, ERROR_PATH, failed, lambdaStep } from './steps.ts';
import { type TaskFunctions, taskFunctions, type TaskFunctionsProps } from './taskFunctions.ts';
import { Workflow } from './workflow.ts';

/** Part of the ARNs of map runs and children. */
const MAP_LABEL = 'RenderShards';

/** Schema TaskRun (shared/schemas/workflow.ts). */
const TASK_RUN = { 'taskId.$': '$.taskId', 'run.$': '$.run' };

/**
 * The workflow of a task:
 * PlanShards → RenderShards (a distributed map, one child a shard) → AssembleArchive → FinishTask.
 * A shard that fails for good is recorded within the map and spoils no other; what fails outside of
 * it goes to FailTask. All data between states are ids and counts.
 */
export class TaskWorkflow extends Construct {
  readonly workflow: Workflow;
  readonly functions: TaskFunctions;

  constructor(scope: Construct, id: string, props: TaskFunctionsProps) {
    super(scope, id);
    this.functions = taskFunctions(this, props);
    this.workflow = new Workflow(this, 'StateMachine', {
      comment: 'Renders the rows of a task into documents, and these into one archive',
      logName: 'task-workflow',
      definition: this.definition(props.bucket),
      functions: Object.values(this.functions),
      startVariable: ENV.taskWorkflow,
    });
    this.explainWildcards(props.bucket);
  }

  private definition(bucket: TaskBucket): IChainable {
    const failTask = this.failTask();
    const steps = [
      this.planShards(),
      this.renderShards(bucket),
      this.assembleArchive(),
      this.finishTask(),
    ] as const;
    for (const step of steps) catchAll(step, failTask);
    const [planShards, renderShards, assembleArchive, finishTask] = steps;
    return planShards.next(renderShards).next(assembleArchive).next(finishTask);
  }

  private planShards() {
    return lambdaStep(this, 'PlanShards', {
      comment: 'Cuts the rows into shards and writes the manifest that lists them',
      function: this.functions.planShards,
      payload: TASK_RUN,
      retries: PLAN_SHARDS_RETRIES,
      output: 'answer',
    });
  }

  /** One child execution for each item of the manifest, as many at a time as the task asks for. */
  private renderShards(bucket: TaskBucket): DistributedMap {
    const map = new DistributedMap(this, 'RenderShards', {
      comment: 'Renders each shard of the manifest in a child execution',
      label: MAP_LABEL,
      mapExecutionType: StateMachineType.EXPRESS,
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
    return map.itemProcessor(this.renderShard());
  }

  private renderShard() {
    const recordShardFailure = lambdaStep(this, 'RecordShardFailure', {
      comment: 'Records a shard that failed for good, for the failure report',
      function: this.functions.recordShardFailure,
      retries: RECORD_SHARD_FAILURE_RETRIES,
      output: 'answer',
    });
    const renderShard = lambdaStep(this, 'RenderShard', {
      comment: 'Renders the documents of one shard into one segment',
      function: this.functions.renderShard,
      retries: RENDER_SHARD_RETRIES,
      output: 'answer',
    });
    catchAll(renderShard, recordShardFailure);
    return renderShard;
  }

  private assembleArchive() {
    return lambdaStep(this, 'AssembleArchive', {
      comment: 'Joins the segments into one archive',
      function: this.functions.assembleArchive,
      payload: TASK_RUN,
      retries: STEP_RETRIES,
      output: 'input',
    });
  }

  private finishTask() {
    return lambdaStep(this, 'FinishTask', {
      comment: 'Counts what was made, sets the final state of the task and tells of it',
      function: this.functions.finishTask,
      payload: TASK_RUN,
      retries: STEP_RETRIES,
      output: 'input',
    });
  }

  private failTask(): IChainable {
    const failTask = lambdaStep(this, 'FailTask', {
      comment: 'Records that the task failed as a whole and tells of it',
      function: this.functions.failTask,
      payload: { ...TASK_RUN, 'error.$': ERROR_PATH },
      retries: STEP_RETRIES,
      output: 'input',
    });
    return failTask.next(failed(this, 'TaskFailed', 'The task itself says what went wrong.'));
  }

  private explainWildcards(bucket: TaskBucket): void {
    const { role } = this.workflow;
    for (const pattern of [MANIFESTS, MAP_RESULTS]) bucket.explainPattern(role, pattern);
    const name = `{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"${logicalId(this.workflow)}"}]}]}`;
    for (const execution of [name, `${name}/${MAP_LABEL}`]) {
      explainWildcard(
        this.workflow,
        `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${execution}:*`,
        'The distributed map looks after executions of this one state machine.',
      );
    }
  }
}
