import { RemovalPolicy, Stack } from 'aws-cdk-lib';
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
import { explainWildcard, nagArn, nagExecutionsArn } from '../wildcards.ts';

export interface WorkflowProps {
  /** What it does, for the console. */
  readonly comment: string;
  /** Name of its log group, unique in the stack. */
  readonly logName: string;
  readonly definition: IChainable;
  /** Functions that its states call. */
  readonly functions: readonly SheafFunction[];
  /** Environment variable by which a function that starts it knows it. */
  readonly startVariable: (typeof ENV)['taskWorkflow' | 'ingestWorkflow'];
}

/** A state machine of Sheaf: Standard, traced, with logs of its events but not of their data. */
export class Workflow extends StateMachine {
  private readonly startVariable: string;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id, {
      comment: props.comment,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromChainable(props.definition),
      tracingEnabled: true,
      logs: {
        destination: eventLog(scope, id, props.logName),
        level: LogLevel.ALL,
        // Data are ids and counts only, but an error text is nobody's business either.
        includeExecutionData: false,
      },
    });
    this.startVariable = props.startVariable;
    this.explainWildcards(props.functions);
  }

  /** Tells a function the workflow's ARN and lets it start executions, and see how one was started. */
  allowStart(starter: SheafFunction): void {
    starter.addEnvironment(this.startVariable, this.stateMachineArn);
    starter.addToRolePolicy(
      new PolicyStatement({
        actions: ['states:StartExecution'],
        resources: [this.stateMachineArn],
      }),
    );
    this.grantExecution(starter, 'states:DescribeExecution');
    explainWildcard(
      starter.role,
      nagExecutionsArn(this),
      'Executions are named by ids; the asterisk stands for those of this one state machine.',
    );
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
