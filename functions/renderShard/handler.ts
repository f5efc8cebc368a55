/** The map's step: renders one shard's rows into a segment. */
import { ShardOutcomeSchema, ShardRefSchema } from '../../shared/schemas/workflow.ts';
import { renderShard } from '../../shared/shards/renderShard.ts';
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
  input: ShardRefSchema,
  output: ShardOutcomeSchema,
  run: renderShard,
});
