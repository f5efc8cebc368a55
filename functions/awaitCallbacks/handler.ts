/** The step that waits for services to call back: keeps by which token the workflow is told that they did. */
import * as z from 'zod';
import { awaitCallbacks } from '../../shared/callbacks/waits.ts';
import { AwaitingSchema } from '../../shared/schemas/workflow.ts';
import { openTable } from '../runtime/ports/table.ts';
import { openWorkflow } from '../runtime/ports/workflow.ts';
import { ownPorts } from '../runtime/ports.ts';
import { step } from '../runtime/step.ts';

export const handler = step({
  ports: { ...ownPorts(), table: openTable(), workflow: openWorkflow() },
  input: AwaitingSchema,
  output: z.void(),
  run: awaitCallbacks,
});
