/** Tries an order before a document is made: a step of the trial workflow, and of a task's. */
import * as z from 'zod';
import { TrialRunSchema } from '../../shared/schemas/workflow.ts';
import { runTrial } from '../../shared/trials/runTrial.ts';
import { openObjects } from '../runtime/ports/objects.ts';
import { openTable } from '../runtime/ports/table.ts';
import { ownPorts } from '../runtime/ports.ts';
import { step } from '../runtime/step.ts';

const ports = { ...ownPorts(), table: openTable(), objects: openObjects() };

export const handler = step({ ports, input: TrialRunSchema, output: z.void(), run: runTrial });
