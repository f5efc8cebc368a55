/** What the simulator takes from the synthesized template: its workflows, and the functions that they call. */
import { definitionOf } from '../infra/asl.ts';
import { functionsOf, synthesize } from '../infra/support.ts';
import type { Deployment } from './world/world.ts';

const ARN = 'arn:aws:lambda:eu-central-1:111122223333:function:';

/** Synthesizes the stack, in some seconds. */
export function readDeployment(): Deployment {
  const template = synthesize();
  const machine = (name: string, prefix: string) => ({
    arn: `arn:aws:states:eu-central-1:111122223333:stateMachine:${name}`,
    definition: definitionOf(template, prefix),
  });
  return {
    machines: {
      task: machine('task', 'Tasks'),
      ingest: machine('ingest', 'Ingest'),
      trial: machine('trial', 'Trials'),
      schedule: machine('schedule', 'Schedules'),
      delivery: machine('delivery', 'Webhooks'),
    },
    functions: Object.fromEntries(
      [...functionsOf(template)].map(([name, { logicalId, timeoutSeconds }]) => [
        ARN + logicalId,
        { name, seconds: timeoutSeconds },
      ]),
    ),
  };
}
