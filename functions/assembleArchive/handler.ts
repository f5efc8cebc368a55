/** Joins the shards' segments into the archive. */
import { AssembledSchema, EndedRoundSchema } from '../../shared/schemas/workflow.ts';
import { assembleTask } from '../../shared/tasks/assembleTask.ts';
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
  input: EndedRoundSchema,
  output: AssembledSchema,
  run: assembleTask,
});
