/** The map's step: renders one shard's rows into a segment. */
import { ShardOutcomeSchema, ShardRefSchema } from '../../shared/schemas/workflow.ts';
import { renderShard } from '../../shared/shards/renderShard.ts';
import { openConnections, openObjects, openTable, ownPorts } from '../runtime/ports.ts';
import { step } from '../runtime/step.ts';

const ports = {
  ...ownPorts(),
  table: openTable(),
  objects: openObjects(),
  connections: openConnections(),
};

export const handler = step({
  ports,
  input: ShardRefSchema,
  output: ShardOutcomeSchema,
  run: renderShard,
});
