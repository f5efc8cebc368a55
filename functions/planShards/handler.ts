/** First step of a task's workflow: cuts the rows into shards and writes the map's manifest. */
import { PlanSchema, RoundSchema } from '../../shared/schemas/workflow.ts';
import { planShards } from '../../shared/shards/planShards.ts';
import { openWork } from '../runtime/ports/work.ts';
import { step } from '../runtime/step.ts';
import { readTaskConcurrency } from '../runtime/taskConcurrency.ts';

const ports = { ...openWork(), taskConcurrency: readTaskConcurrency() };

export const handler = step({ ports, input: RoundSchema, output: PlanSchema, run: planShards });
