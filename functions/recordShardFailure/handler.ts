/** Catch of the map's step: notes that a shard failed for good, so that the others go on. */
import { FailedShardSchema, ShardOutcomeSchema } from '../../shared/schemas/workflow.ts';
import { recordShardFailure } from '../../shared/shards/recordShardFailure.ts';
import { openWork } from '../runtime/ports/work.ts';
import { step } from '../runtime/step.ts';

export const handler = step({
  ports: openWork(),
  input: FailedShardSchema,
  output: ShardOutcomeSchema,
  run: recordShardFailure,
});
