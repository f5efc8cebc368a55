import { Duration } from 'aws-cdk-lib';
import {
  Choice,
  Condition,
  type IChainable,
  Succeed,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ENV } from '../../shared/names.ts';
import type { FunctionCode } from '../functions/bundle.ts';
import { SheafFunction, SMALL_MIB } from '../functions/sheafFunction.ts';
import type { TaskTable } from '../storage/taskTable.ts';
import { PATIENT_RETRIES } from '../workflow/retries.ts';
import { lambdaStep } from '../workflow/steps.ts';
import { SEND_WEBHOOK_SECONDS } from '../workflow/timing.ts';
import { Workflow } from '../workflow/workflow.ts';
import { MasterSecret } from './masterSecret.ts';

export interface WebhooksProps {
  readonly code: FunctionCode;
  readonly table: TaskTable;
  /** Whether the master secret outlives the stack. */
  readonly retain: boolean;
}

/**
 * Webhooks: one execution of the delivery workflow sends one event to one endpoint, again and again until
 * it is taken, and waits in between at no cost.
 */
export class Webhooks extends Construct {
  readonly workflow: Workflow;
  readonly secret: MasterSecret;
  readonly sendWebhook: SheafFunction;

  constructor(scope: Construct, id: string, props: WebhooksProps) {
    super(scope, id);
    this.secret = new MasterSecret(this, 'MasterSecret', props);
    this.sendWebhook = this.sendFunction(props);
    this.workflow = new Workflow(this, 'StateMachine', {
      comment: 'Sends one event to one webhook until it is taken',
      name: 'delivery-workflow',
      definition: this.definition(),
      functions: [this.sendWebhook],
      startVariable: ENV.deliveryWorkflow,
    });
  }

  private sendFunction({ code, table }: WebhooksProps): SheafFunction {
    const sendWebhook = new SheafFunction(this, 'SendWebhookFunction', {
      handler: 'functions/sendWebhook/handler.ts',
      code,
      description: 'Sends one event to one webhook, once',
      memoryMiB: SMALL_MIB,
      timeout: Duration.seconds(SEND_WEBHOOK_SECONDS),
    });
    table.allow(sendWebhook, 'readWrite');
    this.secret.allowRead(sendWebhook);
    return sendWebhook;
  }

  private definition(): IChainable {
    const send = lambdaStep(this, 'SendWebhook', {
      comment: 'Sends the event once, and says whether and when it is to be sent again',
      function: this.sendWebhook,
      retries: PATIENT_RETRIES,
      output: 'answer',
    });
    const pause = new Wait(this, 'Pause', {
      comment: 'Gives the server time to come back',
      time: WaitTime.secondsPath('$.pauseSeconds'),
    });
    return send.next(
      new Choice(this, 'ChooseAgain', { comment: 'A delivery that failed is tried again' })
        .when(Condition.booleanEquals('$.again', true), pause.next(send))
        .otherwise(new Succeed(this, 'Over')),
    );
  }
}
