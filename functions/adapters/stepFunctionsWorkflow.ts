/** The workflow port over Step Functions. */
import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Workflow, WorkflowName } from '../../shared/ports.ts';
import { calling } from './calling.ts';
import { CALL_LIMITS, type CallLimits } from './callLimits.ts';
import { createStepFunctionsClient } from './clients/stepFunctions.ts';
import { isNamed } from './sdkErrors.ts';

/**
 * Starts executions of the Standard state machines whose ARNs are given. A name that was used before
 * is harmless: names are pure functions of ids, so that execution did, or does, the same work.
 */
export function createWorkflow(
  arns: Record<WorkflowName, string>,
  client: SFNClient = createStepFunctionsClient(),
  limits: Pick<CallLimits, 'start'> = CALL_LIMITS,
): Workflow {
  return {
    async start(workflow, executionName, input) {
      const command = new StartExecutionCommand({
        stateMachineArn: arns[workflow],
        name: executionName,
        input: JSON.stringify(input),
      });
      try {
        await calling('Step Functions', limits.start, (options) => client.send(command, options));
      } catch (error) {
        if (!isNamed(error, 'ExecutionAlreadyExists')) throw error;
      }
    },
  };
}
