/** The step of the stage that calls: asks services for the rows of one shard. */
import { CallOutcomeSchema, ShardRefSchema } from '../../shared/schemas/workflow.ts';
import { callShard } from '../../shared/shards/callShard.ts';
import { openConnectionSecrets } from '../runtime/ports/connectionSecrets.ts';
import { openSecrets } from '../runtime/ports/secrets.ts';
import { openServiceWeb } from '../runtime/ports/web.ts';
import { readApiUrl } from '../runtime/environment.ts';
import { openWork } from '../runtime/ports/work.ts';
import { step } from '../runtime/step.ts';

export const handler = step({
  ports: {
    ...openWork(),
    web: openServiceWeb(),
    connectionSecrets: openConnectionSecrets(),
    secrets: openSecrets(),
    ...readApiUrl(),
  },
  input: ShardRefSchema,
  output: CallOutcomeSchema,
  run: callShard,
});
