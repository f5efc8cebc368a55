/** Answers to task tokens, by the adapter and as infra/ grants them, at the local Step Functions. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { createStepFunctionsClient } from '../../functions/adapters/clients/stepFunctions.ts';
import { createWorkflow } from '../../functions/adapters/stepFunctionsWorkflow.ts';
import { createStepFunctionsEndpoint } from '../../local/stepFunctions/endpoint.ts';
import { createWorkflowEngine, type WorkflowEngine } from '../../local/stepFunctions/engine.ts';
import { ACCOUNT, clientConfig, createTestAccess, REGION, serve } from '../support/localAws.ts';

const ARN = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:Tasks`;
const LABEL = 'CallRows';
const PayloadSchema = z.object({ token: z.string() });

const asking = {
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
      End: true,
    },
  },
};
const definition = {
  StartAt: 'Choose',
  States: {
    Choose: {
      Type: 'Choice',
      Choices: [{ Variable: '$.items', IsPresent: true, Next: 'Each' }],
      Default: 'Ask',
    },
    ...asking.States,
    Each: {
      Type: 'Map',
      Label: LABEL,
      ItemsPath: '$.items',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        ...asking,
      },
      End: true,
    },
  },
};

const dataDir = mkdtempSync(join(tmpdir(), 'sheaf-answer-task-'));
const tokens: string[] = [];
let engine: WorkflowEngine;
let server: Awaited<ReturnType<typeof serve>>;
const allow = (...Resource: string[]) => [
  { Statement: [{ Effect: 'Allow' as const, Action: 'states:SendTaskSuccess', Resource }] },
];
const access = createTestAccess({
  policies: { Waker: allow(ARN, `${ARN}/${LABEL}`), Stranger: allow(`${ARN}-others`) },
});
const workflowOf = (role: string) =>
  createWorkflow(
    {},
    createStepFunctionsClient(() => clientConfig(server.url, role)),
  );

beforeAll(async () => {
  engine = createWorkflowEngine({
    dataDir,
    clock: { now: () => Date.now(), sleep: async () => undefined },
    random: { bytes: (count) => randomBytes(count) },
    async invoke(_, payload) {
      tokens.push(PayloadSchema.parse(payload).token);
      return { ok: true, payload: null };
    },
    objects: {
      read: () => Promise.reject(new Error('unused')),
      write: () => Promise.reject(new Error('unused')),
    },
    log: { info: () => undefined, warn: () => undefined, error: console.error },
    stateMachines: [{ arn: ARN, name: 'Tasks', type: 'STANDARD', definition }],
  });
  server = await serve(createStepFunctionsEndpoint(engine, access));
});
afterAll(async () => {
  await server.close();
  await engine.close();
  rmSync(dataDir, { recursive: true, force: true });
});

it.each([
  ['an execution', {}],
  ['a child of a map', { items: [1] }],
])('ends a state of %s that waits, once', async (_, input) => {
  tokens.length = 0;
  const { executionArn } = engine.start({ stateMachineArn: ARN, input: JSON.stringify(input) });
  await expect.poll(() => tokens).toHaveLength(1);
  const [token = ''] = tokens;
  await expect(workflowOf('Stranger').answerTask(token, {})).rejects.toThrow();
  expect(engine.describe(executionArn).status).toBe('RUNNING');
  expect(await workflowOf('Waker').answerTask(token, { came: 1 })).toBe(true);
  await expect.poll(() => engine.describe(executionArn).status).toBe('SUCCEEDED');
  expect(engine.describe(executionArn).output).toContain('{"came":1}');
  expect(await workflowOf('Waker').answerTask(token, {})).toBe(false);
});

it('takes it for harmless that nobody waits by a token, or that it is none', async () => {
  expect(await workflowOf('Waker').answerTask('bm90aGluZw', {})).toBe(false);
});
