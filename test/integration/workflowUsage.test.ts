/** What the workflow engine counts for the bill. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createMeters } from '../../local/billing/meter.ts';
import { createWorkflowEngine, type WorkflowEngine } from '../../local/stepFunctions/engine.ts';

const ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine:Subject';
const work = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'f' },
};
const end = { Type: 'Pass', End: true };

const each = (ExecutionType: 'EXPRESS' | 'STANDARD') => ({
  Type: 'Map',
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType },
    StartAt: 'Work',
    States: { Work: { ...work, Next: 'After' }, After: end },
  },
  End: true,
});

let folder: string | undefined;
let engine: WorkflowEngine | undefined;
afterEach(async () => {
  await engine?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Runs a definition to its end; every Task fails as often as said before it succeeds. */
async function usageOf(States: object, input: unknown, failures = 0) {
  const meters = createMeters(() => Date.now());
  let left = failures;
  folder = mkdtempSync(join(tmpdir(), 'sheaf-workflow-usage-'));
  engine = createWorkflowEngine({
    dataDir: folder,
    stateMachines: [
      {
        arn: ARN,
        name: 'Subject',
        type: 'STANDARD',
        definition: { StartAt: Object.keys(States)[0], States },
      },
    ],
    // Time goes on by 10 ms whenever somebody looks.
    clock: { now: tickingClock(10), sleep: async () => undefined },
    random: { bytes: (count) => randomBytes(count) },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    objects: {
      read: () => Promise.reject(new Error('unused')),
      write: () => Promise.reject(new Error('unused')),
    },
    invoke: async (_, payload) =>
      left-- > 0 ? { ok: false, errorType: 'Busy', errorMessage: '' } : { ok: true, payload },
    meter: meters.workflow,
  });
  const { executionArn } = engine.start({
    stateMachineArn: ARN,
    name: 'one',
    input: JSON.stringify(input),
  });
  await expect.poll(() => engine?.describe(executionArn).status).toBe('SUCCEEDED');
  return meters.read().stepFunctions;
}

function tickingClock(stepMs: number): () => number {
  let now = 1_000_000;
  return () => (now += stepMs);
}

describe('the workflow engine counts', () => {
  it('the start and each state of a Standard execution, and each retry', async () => {
    const Retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 3 }];
    const used = await usageOf({ Work: { ...work, Retry, Next: 'End' }, End: end }, {}, 2);
    expect(used).toMatchObject({ executions: 1, transitions: 1 + 2 + 2, mapChildren: 0 });
  });

  it('Express children by their starts and their duration', async () => {
    const used = await usageOf({ Each: each('EXPRESS') }, [1, 2, 3]);
    expect(used).toMatchObject({
      executions: 1,
      transitions: 1 + 1 + 3,
      mapChildren: 3,
      expressRequests: 3,
    });
    expect(used.expressMs).toBeGreaterThanOrEqual(300);
    expect(used.expressMs % 100).toBe(0);
  });

  it('Standard children by their starts and their states', async () => {
    const used = await usageOf({ Each: each('STANDARD') }, [1, 2, 3]);
    expect(used).toEqual({
      executions: 1,
      transitions: 1 + 1 + 3 + 3 * 2,
      mapChildren: 3,
      expressRequests: 0,
      expressMs: 0,
    });
  });
});
