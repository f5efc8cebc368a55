/** The workflow port over its implementations. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createStepFunctionsClient } from '../../functions/adapters/clients/stepFunctions.ts';
import { createWorkflow } from '../../functions/adapters/stepFunctionsWorkflow.ts';
import { createStepFunctionsEndpoint } from '../../local/stepFunctions/endpoint.ts';
import { createWorkflowEngine } from '../../local/stepFunctions/engine.ts';
import type { InvokeOutcome } from '../../local/stepFunctions/services.ts';
import type { WorkflowName } from '../../shared/ports.ts';
import { ACCOUNT, clientConfig, createTestAccess, REGION, serve } from '../support/localAws.ts';
import { createMemoryPorts } from '../support/memoryPorts.ts';
import { workflowSuite } from './suites/workflowSuite.ts';

workflowSuite('in memory', async () => {
  const { workflow } = createMemoryPorts();
  return {
    workflow,
    async begun(machine, executionName) {
      const first = workflow.starts.find(
        (start) => start.workflow === machine && start.executionName === executionName,
      );
      return first ? [first.input] : [];
    },
    endAll: async () => undefined,
    close: async () => undefined,
  };
});

workflowSuite('over the adapter and the local Step Functions', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sheaf-workflow-port-'));
  const arns = {
    task: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:Tasks`,
    ingest: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:Ingest`,
    trial: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:Trial`,
    schedule: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:Schedule`,
    delivery: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:Delivery`,
  };
  /** What the starter may do, as infra/ grants it. */
  const access = createTestAccess({
    policies: {
      Starter: Object.values(arns).map((arn) => ({
        Statement: [
          { Effect: 'Allow', Action: 'states:StartExecution', Resource: arn },
          {
            Effect: 'Allow',
            Action: ['states:DescribeExecution', 'states:StopExecution', 'states:ListMapRuns'],
            Resource: `${arn.replace(':stateMachine:', ':execution:')}:*`,
          },
        ],
      })),
    },
  });
  const invocations: { machine: string; name: string; input: unknown }[] = [];
  let waiting: (() => void)[] = [];
  const definition = {
    StartAt: 'Hold',
    States: {
      Hold: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: {
          FunctionName: 'hold',
          Payload: {
            'machine.$': '$$.StateMachine.Id',
            'name.$': '$$.Execution.Name',
            'input.$': '$',
          },
        },
        End: true,
      },
    },
  };
  const engine = createWorkflowEngine({
    dataDir,
    clock: { now: () => Date.now(), sleep: async () => undefined },
    random: { bytes: (count) => randomBytes(count) },
    async invoke(_, payload): Promise<InvokeOutcome> {
      invocations.push(payload as (typeof invocations)[number]);
      await new Promise<void>((resolve) => waiting.push(resolve));
      return { ok: true, payload: null };
    },
    objects: {
      read: () => Promise.reject(new Error('unused')),
      write: () => Promise.reject(new Error('unused')),
    },
    log: { info: () => undefined, warn: () => undefined, error: console.error },
    stateMachines: Object.values(arns).map((arn) => ({
      arn,
      name: arn.split(':').at(-1) ?? '',
      type: 'STANDARD',
      definition,
    })),
  });
  const server = await serve(createStepFunctionsEndpoint(engine, access));
  const client = createStepFunctionsClient(() => clientConfig(server.url, 'Starter'));
  return {
    workflow: createWorkflow(arns, client),
    begun: async (machine: WorkflowName, executionName) =>
      invocations
        .filter((call) => call.machine === arns[machine] && call.name === executionName)
        .map(({ input }) => input),
    async endAll() {
      for (const resolve of waiting) resolve();
      waiting = [];
      for (const { machine, name } of invocations) {
        const arn = `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
        await expect.poll(() => engine.describe(arn).status).not.toBe('RUNNING');
      }
    },
    async close() {
      await server.close();
      await engine.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
});
