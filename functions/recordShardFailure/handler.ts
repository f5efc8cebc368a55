/** Catch of the map's step: notes that a shard failed for good, so that the others go on. */
import { FailedShardSchema, ShardOutcomeSchema } from '../../shared/schemas/workflow.ts';
import { recordShardFailure } from '../../shared/shards/recordShardFailure.ts';
import { openConnections } from '../runtime/ports/connections.ts';
import { openDeliveries } from '../runtime/ports/deliveries.ts';
import { openObjects } from '../runtime/ports/objects.ts';
import { openTable } from '../runtime/ports/table.ts';
import { ownPorts } from '../runtime/ports.ts';
import { step } from '../runtime/step.ts';

const ports = {
  ...ownPorts(),
  table: openTable(),
  objects: openObjects(),
  connections: openConnections(),
  workflow: openDeliveries(),
};

export const handler = step({
  ports,
  input: FailedShardSchema,
  output: ShardOutcomeSchema,
  run: recordShardFailure,
});
