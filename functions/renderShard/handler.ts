/** The map's step: renders one shard's rows into a segment. */
import { ShardOutcomeSchema, ShardRefSchema } from '../../shared/schemas/workflow.ts';
import { renderShard } from '../../shared/shards/renderShard.ts';
import { openWork } from '../runtime/ports/work.ts';
import { step } from '../runtime/step.ts';

export const handler = step({
  ports: openWork(),
  input: ShardRefSchema,
  output: ShardOutcomeSchema,
  run: renderShard,
});
