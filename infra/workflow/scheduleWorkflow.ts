import { Duration } from 'aws-cdk-lib';
import { Succeed, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ENV, WORKFLOW_ERRORS } from '../../shared/names.ts';
import type { FunctionCode } from '../functions/bundle.ts';
import { SheafFunction, SMALL_MIB } from '../functions/sheafFunction.ts';
import type { TaskTable } from '../storage/taskTable.ts';
import type { StreamApi } from '../stream/streamApi.ts';
import { SCHEDULE_RETRIES } from './retries.ts';
import { catchAll, ERROR_PATH, lambdaStep } from './steps.ts';
import { START_AGAIN_SECONDS, START_SCHEDULED_SECONDS } from './timing.ts';
import { Workflow } from './workflow.ts';

export interface ScheduleWorkflowProps {
  readonly code: FunctionCode;
  readonly table: TaskTable;
  /** Where it tells of tasks that wait for their turn. */
  readonly stream: StreamApi;
  /** What it starts: the runs of tasks, and deliveries of what it tells. */
  readonly workflows: readonly Workflow[];
}

/**
 * The workflow of a task that starts later: it waits, which costs nothing, and starts the task if that
 * still waits for this very time. A start that does not succeed is tried again until it does.
 */
export class ScheduleWorkflow extends Construct {
  readonly workflow: Workflow;
  readonly startScheduled: SheafFunction;

  constructor(scope: Construct, id: string, props: ScheduleWorkflowProps) {
    super(scope, id);
    this.startScheduled = this.startFunction(props);
    this.workflow = new Workflow(this, 'StateMachine', {
      comment: 'Waits until the time of a task has come, and starts it',
      name: 'schedule-workflow',
      definition: this.definition(),
      functions: [this.startScheduled],
      startVariable: ENV.scheduleWorkflow,
    });
  }

  private startFunction(props: ScheduleWorkflowProps): SheafFunction {
    const { code, table, stream, workflows } = props;
    const startScheduled = new SheafFunction(this, 'StartScheduledFunction', {
      handler: 'functions/startScheduled/handler.ts',
      code,
      description: 'Starts a task whose time has come',
      memoryMiB: SMALL_MIB,
      timeout: Duration.seconds(START_SCHEDULED_SECONDS),
    });
    table.allow(startScheduled, 'readWrite');
    stream.allowPush(startScheduled);
    for (const workflow of workflows) workflow.allowStart(startScheduled);
    return startScheduled;
  }

  private definition() {
    const wait = new Wait(this, 'WaitUntilStart', {
      comment: 'Until the time that the task says',
      time: WaitTime.timestampPath('$.startAt'),
    });
    const start = lambdaStep(this, 'StartScheduled', {
      comment: 'Starts the task if it still waits for this time',
      function: this.startScheduled,
      payload: {
        'taskId.$': '$.taskId',
        'revision.$': '$.revision',
        'startAt.$': '$.startAt',
      },
      retries: SCHEDULE_RETRIES,
      output: 'input',
    });
    const nobody = new Succeed(this, 'NobodyWaits', {
      comment: 'The task was not told so after all',
    });
    start.addCatch(nobody, { errors: [WORKFLOW_ERRORS.scheduleUnknown], resultPath: ERROR_PATH });
    const again = new Wait(this, 'WaitToStartAgain', {
      comment: 'What keeps a task from starting passes',
      time: WaitTime.duration(Duration.seconds(START_AGAIN_SECONDS)),
    });
    catchAll(start, again.next(start));
    return wait.next(start);
  }
}
