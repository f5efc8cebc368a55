/** The workflow port over Step Functions. */
import { isDeepStrictEqual } from 'node:util';
import {
  DescribeExecutionCommand,
  ListMapRunsCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from '@aws-sdk/client-sfn';
import type { Workflow, WorkflowName } from '../../shared/ports.ts';
import { calling } from './calling.ts';
import { CALL_LIMITS, type CallLimits } from './callLimits.ts';
import { createStepFunctionsClient } from './clients/stepFunctions.ts';
import { isNamed } from './sdkErrors.ts';

/**
 * Starts executions of the Standard state machines whose ARNs are given. A name that was used before
 * is harmless where the input is the same: that execution did, or does, the same work.
 */
export function createWorkflow(
  arns: Readonly<Partial<Record<WorkflowName, string>>>,
  client: SFNClient = createStepFunctionsClient(),
  limits: Pick<CallLimits, 'start'> = CALL_LIMITS,
): Workflow {
  function arnOf(workflow: WorkflowName): string {
    const arn = arns[workflow];
    if (arn === undefined) throw new Error(`This function does not know the workflow ${workflow}.`);
    return arn;
  }

  const executionArnOf = (workflow: WorkflowName, executionName: string) =>
    `${arnOf(workflow).replace(':stateMachine:', ':execution:')}:${executionName}`;

  /** Step Functions refuses a name as well whose execution has ended, whatever its input was. */
  async function inputOf(workflow: WorkflowName, executionName: string): Promise<unknown> {
    const executionArn = executionArnOf(workflow, executionName);
    const describe = new DescribeExecutionCommand({ executionArn });
    const { input = 'null' } = await calling('Step Functions', limits.start, (options) =>
      client.send(describe, options),
    );
    return JSON.parse(input);
  }
  return {
    async stop(workflow, executionName) {
      const executionArn = executionArnOf(workflow, executionName);
      const command = new StopExecutionCommand({ executionArn });
      try {
        await calling('Step Functions', limits.start, (options) => client.send(command, options));
      } catch (error) {
        if (!isNamed(error, 'ExecutionDoesNotExist')) throw error;
      }
    },

    async start(workflow, executionName, input) {
      const text = JSON.stringify(input);
      const command = new StartExecutionCommand({
        stateMachineArn: arnOf(workflow),
        name: executionName,
        input: text,
      });
      try {
        await calling('Step Functions', limits.start, (options) => client.send(command, options));
      } catch (error) {
        if (!isNamed(error, 'ExecutionAlreadyExists')) throw error;
        if (isDeepStrictEqual(await inputOf(workflow, executionName), JSON.parse(text))) return;
        throw new Error(
          `The execution ${executionName} of the workflow ${workflow} was started before with another input.`,
          { cause: error },
        );
      }
    },

    async limitMaps(workflow, executionName, children) {
      const list = new ListMapRunsCommand({
        executionArn: executionArnOf(workflow, executionName),
      });
      const { mapRuns = [] } = await calling('Step Functions', limits.start, (options) =>
        client.send(list, options),
      ).catch((error: unknown) => {
        if (isNamed(error, 'ExecutionDoesNotExist')) return { mapRuns: [] };
        throw error;
      });
      let isUnderWay = false;
      for (const { mapRunArn } of mapRuns.filter(({ stopDate }) => stopDate === undefined)) {
        const update = new UpdateMapRunCommand({ mapRunArn, maxConcurrency: children });
        try {
          await calling('Step Functions', limits.start, (options) => client.send(update, options));
          isUnderWay = true;
        } catch (error) {
          // It has ended since it was listed.
          if (!isNamed(error, 'ValidationException', 'ResourceNotFound')) throw error;
        }
      }
      return isUnderWay;
    },
  };
}
