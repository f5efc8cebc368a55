/** First step of a task's workflow: cuts the rows into shards and writes the map's manifest. */
import { PlanSchema, RoundSchema } from '../../shared/schemas/workflow.ts';
import { planShards } from '../../shared/shards/planShards.ts';
import { openConnections } from '../runtime/ports/connections.ts';
import { openDeliveries } from '../runtime/ports/deliveries.ts';
import { openObjects } from '../runtime/ports/objects.ts';
import { openTable } from '../runtime/ports/table.ts';
import { ownPorts } from '../runtime/ports.ts';
import { step } from '../runtime/step.ts';
import { readTaskConcurrency } from '../runtime/taskConcurrency.ts';

const ports = {
  ...ownPorts(),
  table: openTable(),
  objects: openObjects(),
  connections: openConnections(),
  workflow: openDeliveries(),
  taskConcurrency: readTaskConcurrency(),
};

export const handler = step({ ports, input: RoundSchema, output: PlanSchema, run: planShards });
