/**
 * A process that runs one execution of a distributed map to its end, to be killed while it does:
 * `workflowProcess.ts FOLDER CHILDREN`. Each invocation is noted in FOLDER/invocations.log before it
 * is answered; the end of the execution is printed as JSON.
 */
import { appendFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createWorkflowEngine } from '../../../local/stepFunctions/engine.ts';

const [folder = '', children = '0'] = process.argv.slice(2);
const prefix = 'arn:aws:states:us-east-1:111122223333';
const states = {
  Before: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: 'before' },
    ResultPath: null,
    Next: 'Each',
  },
  Each: {
    Type: 'Map',
    Label: 'Each',
    ItemsPath: '$.items',
    MaxConcurrency: 8,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
      StartAt: 'Work',
      States: {
        Work: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke',
          Parameters: { FunctionName: 'work', 'Payload.$': '$' },
          OutputPath: '$.Payload',
          End: true,
        },
      },
    },
    End: true,
  },
};

const quiet = () => undefined;
const engine = createWorkflowEngine({
  dataDir: join(folder, 'workflow'),
  clock: { now: () => Date.now(), sleep: (ms) => pause(ms) },
  random: { bytes: (count) => randomBytes(count) },
  async invoke(name, payload) {
    appendFileSync(join(folder, 'invocations.log'), `${name} ${JSON.stringify(payload)}\n`);
    await pause(2);
    return { ok: true, payload };
  },
  objects: { read: async () => new Uint8Array(), write: async () => undefined },
  log: { info: quiet, warn: quiet, error: console.error },
  stateMachines: [
    {
      arn: `${prefix}:stateMachine:Killed`,
      name: 'Killed',
      type: 'STANDARD',
      definition: { StartAt: 'Before', States: states },
    },
  ],
});
engine.resumeAll();
const executionArn = `${prefix}:execution:Killed:one`;
try {
  engine.describe(executionArn);
} catch {
  engine.start({
    stateMachineArn: `${prefix}:stateMachine:Killed`,
    name: 'one',
    input: JSON.stringify({ items: Array.from({ length: Number(children) }, (_, i) => i) }),
  });
}
while (engine.describe(executionArn).status === 'RUNNING') await pause(10);
console.log(JSON.stringify(engine.describe(executionArn)));
await engine.close();
