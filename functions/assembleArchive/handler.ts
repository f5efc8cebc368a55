/** Joins the shards' segments into the archive. */
import { AssembledSchema, EndedRoundSchema } from '../../shared/schemas/workflow.ts';
import { assembleTask } from '../../shared/tasks/assembleTask.ts';
import { openWork } from '../runtime/ports/work.ts';
import { step } from '../runtime/step.ts';

export const handler = step({
  ports: openWork(),
  input: EndedRoundSchema,
  output: AssembledSchema,
  run: assembleTask,
});
