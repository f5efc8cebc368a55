/** Called every minute: mends what processes that died have left. */
import * as z from 'zod';
import { sweep } from '../../shared/sweep/sweep.ts';
import { openConnections } from '../runtime/ports/connections.ts';
import { openConnectionSecrets } from '../runtime/ports/connectionSecrets.ts';
import { openObjects } from '../runtime/ports/objects.ts';
import { openTable } from '../runtime/ports/table.ts';
import { openWorkflow } from '../runtime/ports/workflow.ts';
import { ownPorts } from '../runtime/ports.ts';
import { step } from '../runtime/step.ts';

const ports = {
  ...ownPorts(),
  table: openTable(),
  objects: openObjects(),
  connections: openConnections(),
  connectionSecrets: openConnectionSecrets(),
  workflow: openWorkflow('task', 'delivery'),
};

/** Of a schedule (EventBridge User Guide, "Scheduled events"). */
const ScheduledEventSchema = z.looseObject({ source: z.literal('aws.events') });

export const handler = step({
  ports,
  input: ScheduledEventSchema,
  output: z.void(),
  run: (own, _, time) => sweep(own, time),
});
