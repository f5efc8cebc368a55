/** Joins the shards' segments into the archive. */
import * as z from 'zod';
import { TaskRunSchema } from '../../shared/schemas/workflow.ts';
import { assembleTask } from '../../shared/tasks/assembleTask.ts';
import { openConnections, openObjects, openTable, ownPorts } from '../runtime/ports.ts';
import { step } from '../runtime/step.ts';

const ports = {
  ...ownPorts(),
  table: openTable(),
  objects: openObjects(),
  connections: openConnections(),
};

export const handler = step({ ports, input: TaskRunSchema, output: z.void(), run: assembleTask });
