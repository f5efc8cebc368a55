import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ENV } from '../../shared/names.ts';
import type { FunctionCode } from '../functions/bundle.ts';
import { ONE_CPU_MIB, SheafFunction } from '../functions/sheafFunction.ts';
import type { TaskBucket } from '../storage/taskBucket.ts';
import type { TaskTable } from '../storage/taskTable.ts';
import { recordedStep } from './recordedStep.ts';
import { RUN_TRIAL_SECONDS } from './timing.ts';
import { Workflow } from './workflow.ts';

export interface TrialWorkflowProps {
  readonly code: FunctionCode;
  readonly table: TaskTable;
  readonly bucket: TaskBucket;
}

/**
 * The workflow of a trial: RunTrial reads the rows of an order and tells what it finds. Its function is a step
 * of the task workflow, too. What is written when somebody asks for it, reports of checks and results of tasks, is
 * written by this workflow.
 */
export class TrialWorkflow extends Construct {
  readonly workflow: Workflow;
  readonly runTrial: SheafFunction;

  constructor(scope: Construct, id: string, props: TrialWorkflowProps) {
    super(scope, id);
    this.runTrial = this.trialFunction(props);
    this.workflow = new Workflow(this, 'StateMachine', {
      comment: 'Tries an order before a document is made',
      name: 'trial-workflow',
      definition: recordedStep(this, {
        names: { step: 'RunTrial', record: 'RecordTrialFailure', failed: 'TrialFailed' },
        comments: {
          step: 'Reads every row, and tells what is wrong with them',
          record: 'Records that the rows could not be tried through no fault of their own',
          failed: 'The trial says what went wrong.',
        },
        function: this.runTrial,
        payload: { 'of.$': '$.of', 'reportOnly.$': '$.reportOnly', 'results.$': '$.results' },
      }),
      functions: [this.runTrial],
      startVariable: ENV.trialWorkflow,
    });
  }

  private trialFunction({ code, table, bucket }: TrialWorkflowProps): SheafFunction {
    const runTrial = new SheafFunction(this, 'RunTrialFunction', {
      handler: 'functions/runTrial/handler.ts',
      code,
      description: 'Tries an order before a document is made',
      memoryMiB: ONE_CPU_MIB,
      timeout: Duration.seconds(RUN_TRIAL_SECONDS),
    });
    table.allow(runTrial, 'readWrite');
    bucket.allow(runTrial, { read: ['templates', 'sources'], readWrite: ['tasks', 'trials'] });
    return runTrial;
  }
}
