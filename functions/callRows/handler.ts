/** The step of the stage that calls: asks services for the rows of one shard. */
import { ShardOutcomeSchema, ShardRefSchema } from '../../shared/schemas/workflow.ts';
import { callShard } from '../../shared/shards/callShard.ts';
import { openConnectionSecrets } from '../runtime/ports/connectionSecrets.ts';
import { openServiceWeb } from '../runtime/ports/web.ts';
import { openWork } from '../runtime/ports/work.ts';
import { step } from '../runtime/step.ts';

export const handler = step({
  ports: {
    ...openWork(),
    web: openServiceWeb(),
    connectionSecrets: openConnectionSecrets(),
  },
  input: ShardRefSchema,
  output: ShardOutcomeSchema,
  run: callShard,
});
