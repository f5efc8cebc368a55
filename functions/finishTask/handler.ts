/** Last step of a task's workflow: exact totals, final state, last event. */
import * as z from 'zod';
import { TaskRunSchema } from '../../shared/schemas/workflow.ts';
import { finishTask } from '../../shared/tasks/finishTask.ts';
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

export const handler = step({ ports, input: TaskRunSchema, output: z.void(), run: finishTask });
