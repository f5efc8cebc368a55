/** Catch of a task's workflow: the task failed, and its clients are told. */
import * as z from 'zod';
import { FailedTaskSchema } from '../../shared/schemas/workflow.ts';
import { failTask } from '../../shared/tasks/finishTask.ts';
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

export const handler = step({ ports, input: FailedTaskSchema, output: z.void(), run: failTask });
