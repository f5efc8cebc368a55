/** The workflow port over Step Functions. */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { Workflow, WorkflowName } from '../../shared/ports.ts';
import { calling } from './calling.ts';
import { CALL_LIMITS, type CallLimits } from './callLimits.ts';
import type { JsonService } from './clients/jsonService.ts';
import { isNamed } from './sdkErrors.ts';

const DescribedSchema = z.object({ input: z.string().default('null') });
const MapRunsSchema = z.object({
  mapRuns: z.array(z.object({ mapRunArn: z.string(), stopDate: z.unknown().optional() })),
});

/**
 * Starts executions of the Standard state machines whose ARNs are given. A name that was used before
 * is harmless where the input is the same: that execution did, or does, the same work.
 */
export function createWorkflow(
  arns: Readonly<Partial<Record<WorkflowName, string>>>,
  client: JsonService,
  limits: Pick<CallLimits, 'start'> = CALL_LIMITS,
): Workflow {
  const call = (operation: string, input: object): Promise<unknown> =>
    calling('Step Functions', limits.start, (options) => client(operation, input, options));

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
    return JSON.parse(
      DescribedSchema.parse(await call('DescribeExecution', { executionArn })).input,
    );
  }

  return {
    async stop(workflow, executionName) {
      const executionArn = executionArnOf(workflow, executionName);
      try {
        await call('StopExecution', { executionArn });
      } catch (error) {
        if (!isNamed(error, 'ExecutionDoesNotExist')) throw error;
      }
    },

    async start(workflow, executionName, input) {
      const text = JSON.stringify(input);
      try {
        await call('StartExecution', {
          stateMachineArn: arnOf(workflow),
          name: executionName,
          input: text,
        });
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
      const executionArn = executionArnOf(workflow, executionName);
      const { mapRuns } = await call('ListMapRuns', { executionArn }).then(
        (output) => MapRunsSchema.parse(output),
        (error: unknown) => {
          if (isNamed(error, 'ExecutionDoesNotExist')) return { mapRuns: [] };
          throw error;
        },
      );
      let isUnderWay = false;
      for (const { mapRunArn } of mapRuns.filter(({ stopDate }) => stopDate === undefined)) {
        try {
          await call('UpdateMapRun', { mapRunArn, maxConcurrency: children });
          isUnderWay = true;
        } catch (error) {
          // It has ended since it was listed.
          if (!isNamed(error, 'ValidationException', 'ResourceNotFound')) throw error;
        }
      }
      return isUnderWay;
    },

    async answerTask(taskToken, output) {
      try {
        await call('SendTaskSuccess', { taskToken, output: JSON.stringify(output) });
        return true;
      } catch (error) {
        if (isNamed(error, 'TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken')) return false;
        throw error;
      }
    },
  };
}
