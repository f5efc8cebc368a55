/** Children of distributed maps share the places of one machine. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createAdmission } from '../../local/stepFunctions/admission.ts';
import { createWorkflowEngine, type WorkflowEngine } from '../../local/stepFunctions/engine.ts';

const ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine:Many';
const definition = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      MaxConcurrency: 20,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
        StartAt: 'Work',
        // Waiting for a place takes longer than this, working does not.
        States: {
          Work: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke',
            Parameters: { FunctionName: 'f', 'Payload.$': '$' },
            OutputPath: '$.Payload',
            TimeoutSeconds: 1,
            End: true,
          },
        },
      },
      End: true,
    },
  },
};

let folder: string | undefined;
let engine: WorkflowEngine | undefined;
afterEach(async () => {
  await engine?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

describe('admitChild', () => {
  it('keeps all map runs together below its places, and their clocks stand while they wait', async () => {
    folder = mkdtempSync(join(tmpdir(), 'sheaf-admission-'));
    let running = 0;
    let peak = 0;
    engine = createWorkflowEngine({
      dataDir: folder,
      stateMachines: [{ arn: ARN, name: 'Many', type: 'STANDARD', definition }],
      clock: { now: () => Date.now(), sleep: (ms) => new Promise((r) => setTimeout(r, ms)) },
      random: { bytes: (count) => randomBytes(count) },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      objects: {
        read: () => Promise.reject(new Error('unused')),
        write: () => Promise.reject(new Error('unused')),
      },
      async invoke(_, payload) {
        peak = Math.max(peak, ++running);
        await new Promise((resolve) => setTimeout(resolve, 120));
        running--;
        return { ok: true, payload };
      },
      admitChild: createAdmission(2),
    });
    const input = JSON.stringify(Array.from({ length: 12 }, (_, i) => i));
    const started = ['one', 'two'].map((name) =>
      engine?.start({ stateMachineArn: ARN, name, input }),
    );
    for (const execution of started) {
      const describeIt = () => engine?.describe(execution?.executionArn ?? '');
      await expect.poll(() => describeIt()?.status, { timeout: 30_000 }).toBe('SUCCEEDED');
      expect(describeIt()?.output).toBe(input);
    }
    expect(peak).toBe(2);
  });
});
