import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  DefinitionBody,
  type IChainable,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { ENV } from '../../shared/names.ts';
import { LOG_RETENTION, type SheafFunction } from '../functions/sheafFunction.ts';
import { explainWildcard, nagArn, nagText } from '../wildcards.ts';

export interface WorkflowProps {
  /** What it does, for the console. */
  readonly comment: string;
  /** Its name and that of its log group, behind the stack's: unique in the stack. */
  readonly name: string;
  readonly definition: IChainable;
  /** Functions that its states call. */
  readonly functions: readonly SheafFunction[];
  /** Environment variable by which a function that starts it knows it. */
  readonly startVariable: (typeof ENV)[
    'taskWorkflow' | 'ingestWorkflow' | 'trialWorkflow' | 'scheduleWorkflow' | 'deliveryWorkflow'];
}

/**
 * A state machine of Sheaf: Standard, traced, with logs of its events but not of their data. It has a name of
 * its own, by which whoever starts it knows it: its own functions among them, which could not be made before
 * it nor after it, if they had to wait for its ARN and it for theirs.
 */
export class Workflow extends StateMachine {
  private readonly startVariable: string;
  private readonly machineName: string;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    const machineName = `${Stack.of(scope).stackName}-${props.name}`;
    super(scope, id, {
      stateMachineName: machineName,
      comment: props.comment,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromChainable(props.definition),
      tracingEnabled: true,
      logs: {
        destination: eventLog(scope, id, props.name),
        level: LogLevel.ALL,
        // Data are ids and counts only, but an error text is nobody's business either.
        includeExecutionData: false,
      },
    });
    this.startVariable = props.startVariable;
    this.machineName = machineName;
    this.explainWildcards(props.functions);
  }

  /** Tells a function the workflow's ARN and lets it start executions, and see how one was started. */
  allowStart(starter: SheafFunction): void {
    const arn = this.arnOf('stateMachine');
    const executions = `${this.arnOf('execution')}:*`;
    starter.addEnvironment(this.startVariable, arn);
    const grants = { StartExecution: arn, DescribeExecution: executions };
    for (const [action, resource] of Object.entries(grants)) {
      starter.addToRolePolicy(
        new PolicyStatement({ actions: [`states:${action}`], resources: [resource] }),
      );
    }
    explainWildcard(
      starter.role,
      nagText(this, executions),
      'Executions are named by ids; the asterisk stands for those of this one state machine.',
    );
  }

  /** Lets a function end executions, too, of a workflow that it may start. */
  allowStop(starter: SheafFunction): void {
    starter.addToRolePolicy(
      new PolicyStatement({
        actions: ['states:StopExecution'],
        resources: [`${this.arnOf('execution')}:*`],
      }),
    );
  }

  /** Lets a function change how many children the runs of a map have at a time. */
  allowMapLimits(user: SheafFunction, label: string): void {
    const executions = `${this.arnOf('execution')}:*`;
    const runs = `${this.arnOf('mapRun')}/${label}:*`;
    const grants = { ListMapRuns: executions, UpdateMapRun: runs };
    for (const [action, resource] of Object.entries(grants)) {
      user.addToRolePolicy(
        new PolicyStatement({ actions: [`states:${action}`], resources: [resource] }),
      );
      explainWildcard(
        user.role,
        nagText(this, resource),
        'Executions and map runs are named by ids; the asterisk stands for those of this one machine.',
      );
    }
  }

  /** Lets a function end states that wait by a token, in executions and in the children of a map. */
  allowAnswer(answerer: SheafFunction, label: string): void {
    const arn = this.arnOf('stateMachine');
    answerer.addToRolePolicy(
      new PolicyStatement({
        actions: ['states:SendTaskSuccess'],
        resources: [arn, `${arn}/${label}`],
      }),
    );
  }

  private arnOf(resource: 'stateMachine' | 'execution' | 'mapRun'): string {
    return Stack.of(this).formatArn({
      service: 'states',
      resource,
      resourceName: this.machineName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  private explainWildcards(functions: readonly SheafFunction[]): void {
    explainWildcard(
      this.role,
      '*',
      'Log deliveries and X-Ray belong to a whole account: their actions know no resources.',
    );
    for (const lambda of functions) {
      explainWildcard(
        this.role,
        `${nagArn(lambda)}:*`,
        'The colon and asterisk are versions of this one function.',
      );
    }
  }
}

function eventLog(scope: Construct, id: string, name: string): LogGroup {
  return new LogGroup(scope, `${id}Logs`, {
    // The log delivery of Step Functions fits only so many names in its policy, except of this prefix.
    logGroupName: `/aws/vendedlogs/${Stack.of(scope).stackName}/${name}`,
    retention: LOG_RETENTION,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
