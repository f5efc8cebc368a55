/** The time of a task has come. */
import * as z from 'zod';
import { ScheduledStartSchema } from '../../shared/schemas/workflow.ts';
import { startScheduled } from '../../shared/schedules/startScheduled.ts';
import { openConnections } from '../runtime/ports/connections.ts';
import { openTable } from '../runtime/ports/table.ts';
import { openWorkflow } from '../runtime/ports/workflow.ts';
import { ownPorts } from '../runtime/ports.ts';
import { step } from '../runtime/step.ts';

const ports = {
  ...ownPorts(),
  table: openTable(),
  connections: openConnections(),
  workflow: openWorkflow('task', 'delivery'),
};

export const handler = step({
  ports,
  input: ScheduledStartSchema,
  output: z.void(),
  run: startScheduled,
});
