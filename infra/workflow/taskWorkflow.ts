import {
  Choice,
  Condition,
  type IChainable,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ENV, WORKFLOW_ERRORS } from '../../shared/names.ts';
import { TASK_STEPS } from '../../shared/tasks/taskSteps.ts';
import type { SheafFunction } from '../functions/sheafFunction.ts';
import type { TaskBucket } from '../storage/taskBucket.ts';
import { explainWildcard, nagExecutionsArn } from '../wildcards.ts';
import { MANIFESTS, MAP_RESULTS } from './mapObjects.ts';
import {
  AWAIT_RETRIES,
  CALL_ROWS_RETRIES,
  CHECK_ROWS_RETRIES,
  PATIENT_RETRIES,
  RENDER_SHARD_RETRIES,
  STEP_RETRIES,
} from './retries.ts';
import { ShardStage } from './shardStage.ts';
import { catchAll, ERROR_PATH, failed, lambdaStep } from './steps.ts';
import { type TaskFunctions, taskFunctions, type TaskFunctionsProps } from './taskFunctions.ts';
import { Workflow } from './workflow.ts';

/** Part of the ARNs of map runs and children. */
const MAP_LABEL = 'RenderShards';
const CALL_MAP_LABEL = 'CallRows';
/** Names of the states in which a shard waits, of the map and without one. */
const AWAIT_NAMES = { step: 'AwaitCallbacks', only: 'AwaitOnlyCallbacks' };

/** Schema TaskRun (shared/schemas/workflow.ts). */
const TASK_RUN = { 'taskId.$': '$.taskId', 'run.$': '$.run' };

/**
 * The workflow of a task: the steps of TASK_STEPS. A stage is a ShardStage; what fails outside of it
 * goes to FailTask. All data between states are ids and counts.
 */
export class TaskWorkflow extends Construct {
  readonly workflow: Workflow;
  readonly functions: TaskFunctions;

  constructor(scope: Construct, id: string, props: TaskFunctionsProps) {
    super(scope, id);
    this.functions = taskFunctions(this, props);
    this.workflow = new Workflow(this, 'StateMachine', {
      comment: 'Renders the rows of a task into documents, and these into one archive',
      name: 'task-workflow',
      definition: this.definition(props.bucket),
      functions: Object.values(this.functions),
      startVariable: ENV.taskWorkflow,
    });
    // A task that comes to rest makes room for the next one.
    const { finishTask, failTask } = this.functions;
    for (const step of [finishTask, failTask]) this.workflow.allowStart(step);
    for (const waker of [this.functions.callRows, this.functions.awaitCallbacks]) {
      this.allowWake(waker);
    }
    this.explainWildcards(props.bucket);
  }

  /** Lets a function change how many shards of a task are worked on at a time. */
  allowConcurrency(user: SheafFunction): void {
    this.workflow.allowMapLimits(user, MAP_LABEL);
  }

  /** Lets a function tell executions that wait for callbacks. */
  allowWake(waker: SheafFunction): void {
    this.workflow.allowAnswer(waker, CALL_MAP_LABEL);
  }

  /** Tells the function that calls services where those call back. @param apiUrl of the HTTPS API, with its base path */
  tellCallbacks(apiUrl: string): void {
    this.functions.callRows.addEnvironment(ENV.apiUrl, apiUrl);
  }

  /** TASK_STEPS, from the last to the first: each state names the one after it. */
  private definition(bucket: TaskBucket): IChainable {
    const failTask = this.failTask();
    const checked = this.checkRows(failTask);
    const steps = {
      PlanShards: this.planShards(),
      AssembleArchive: this.assembleArchive(),
      FinishTask: this.finishTask(),
    };
    for (const step of Object.values(steps)) catchAll(step, failTask);
    const stages = { CallRows: this.callRows(bucket), RenderShards: this.renderShards(bucket) };

    let next: IChainable | undefined;
    for (const step of TASK_STEPS.toReversed()) {
      if (step.over === 'shards') {
        // Both stages are behind the plan, and before what ends a round: the plan names one of them.
        if (!next || step.stage === 'call') continue;
        const calling = stages.CallRows.states(next, failTask);
        next = stages[step.name].states(next, failTask, { stage: 'call', states: calling });
        continue;
      }
      if (step.name === 'CheckRows') {
        if (next) next = checked(next);
        continue;
      }
      const state = steps[step.name];
      if (next) state.next('backTo' in step ? this.whileLeft(steps[step.backTo], next) : next);
      next = state;
    }
    if (!next) throw new Error('A task has steps.');
    return next;
  }

  /** Goes back while rows are left that were not tried. */
  private whileLeft(back: IChainable, next: IChainable): IChainable {
    return new Choice(this, 'ChooseRound', { comment: 'What is left is planned anew' })
      .when(Condition.booleanEquals('$.left', true), back)
      .otherwise(next);
  }

  /**
   * The check that a task begins with, where its options ask for one. That the rows have errors ends a task
   * that is not to be made then; that they could not be checked, does so, too, and no other.
   */
  private checkRows(failTask: IChainable) {
    const payload = { 'of.$': '$.taskId', 'run.$': '$.run' };
    const step = lambdaStep(this, 'CheckRows', {
      comment: 'Reads every row, and tells what is wrong with them',
      function: this.functions.runTrial,
      payload,
      retries: CHECK_ROWS_RETRIES,
      output: 'input',
    });
    const record = lambdaStep(this, 'RecordCheckFailure', {
      comment: 'Records that the rows could not be checked through no fault of their own',
      function: this.functions.runTrial,
      payload: { ...payload, 'error.$': ERROR_PATH },
      retries: CHECK_ROWS_RETRIES,
      output: 'input',
    });
    step.addCatch(failTask, { errors: [WORKFLOW_ERRORS.checkFailed], resultPath: ERROR_PATH });
    catchAll(step, record);
    catchAll(record, failTask);
    return (next: IChainable): IChainable => {
      step.next(next);
      record.next(next);
      return new Choice(this, 'ChooseCheck', { comment: 'Rows are checked if that is asked for' })
        .when(Condition.booleanEquals('$.check', true), step)
        .otherwise(next);
    };
  }

  private planShards() {
    return lambdaStep(this, 'PlanShards', {
      comment: 'Cuts the rows that are left into shards and writes the manifest that lists them',
      function: this.functions.planShards,
      payload: { ...TASK_RUN, 'round.$': '$.round' },
      retries: STEP_RETRIES,
      output: 'answer',
    });
  }

  private callRows(bucket: TaskBucket): ShardStage {
    return new ShardStage(this, 'Calling', {
      verb: 'Calls services for',
      names: { map: CALL_MAP_LABEL, step: 'CallShard', only: 'CallOnlyShard' },
      bucket,
      children: StateMachineType.STANDARD,
      function: this.functions.callRows,
      retries: CALL_ROWS_RETRIES,
      recordFailure: this.functions.recordShardFailure,
      waits: { ...AWAIT_NAMES, function: this.functions.awaitCallbacks, retries: AWAIT_RETRIES },
    });
  }

  private renderShards(bucket: TaskBucket): ShardStage {
    return new ShardStage(this, 'Rendering', {
      verb: 'Renders',
      names: { map: MAP_LABEL, step: 'RenderShard', only: 'RenderOnlyShard' },
      bucket,
      children: StateMachineType.EXPRESS,
      function: this.functions.renderShard,
      retries: RENDER_SHARD_RETRIES,
      recordFailure: this.functions.recordShardFailure,
    });
  }

  private assembleArchive() {
    return lambdaStep(this, 'AssembleArchive', {
      comment: 'Joins the segments into one archive, once nothing is left to do',
      function: this.functions.assembleArchive,
      payload: { ...TASK_RUN, 'round.$': '$.round', 'stage.$': '$.stage', 'shards.$': '$.shards' },
      retries: STEP_RETRIES,
      output: 'answer',
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
      retries: PATIENT_RETRIES,
      output: 'input',
    });
    return failTask.next(failed(this, 'TaskFailed', 'The task itself says what went wrong.'));
  }

  private explainWildcards(bucket: TaskBucket): void {
    const { role } = this.workflow;
    for (const pattern of [MANIFESTS, MAP_RESULTS]) bucket.explainPattern(role, pattern);
    for (const label of [undefined, MAP_LABEL, CALL_MAP_LABEL]) {
      explainWildcard(
        this.workflow,
        nagExecutionsArn(this.workflow, label),
        'The distributed map looks after executions of this one state machine.',
      );
    }
  }
}
