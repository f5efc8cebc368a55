/** The row steps of a task as they are kept: one object, written before the task is, and never changed. */
import * as z from 'zod';
import type { Spellings } from '../columns/spellings.ts';
import { objectKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import { readJson } from '../readJson.ts';
import type { TaskItem } from '../schemas/items.ts';
import { RowStepSchema } from '../schemas/rowSteps.ts';
import { loadSpellings } from '../tasks/taskNames.ts';
import { compileSteps, namesRead, type CompiledStep } from './compileSteps.ts';

const TaskStepsSchema = z.object({
  steps: z.array(RowStepSchema).min(1),
  /** Where the connections led when the task was made. */
  baseUrls: z.record(z.string(), z.string()),
});
export type TaskSteps = z.infer<typeof TaskStepsSchema>;

type ObjectsPort = Pick<Ports, 'objects'>;

export async function keepSteps(
  { objects }: ObjectsPort,
  taskId: string,
  steps: TaskSteps,
): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(steps));
  await objects.put(objectKeys.steps(taskId), bytes, { contentType: 'application/json' });
}

/** @throws ObjectMissing */
export const readSteps = async (ports: ObjectsPort, taskId: string): Promise<TaskSteps> =>
  TaskStepsSchema.parse(await readJson(ports, objectKeys.steps(taskId)));

/** Steps that are ready for the rows of a task. */
export interface LoadedSteps {
  readonly steps: readonly CompiledStep[];
  /** Names that each reads. */
  readonly reads: readonly (readonly string[])[];
  /** How those are spelt among the columns. */
  readonly spellings: readonly (Spellings | undefined)[];
}

/** @throws ObjectMissing */
export async function loadSteps(ports: ObjectsPort, task: TaskItem): Promise<LoadedSteps> {
  const { steps, baseUrls } = await readSteps(ports, task.taskId);
  const { templates } = await loadSpellings(ports, task);
  return {
    // They were found in order when the task was made.
    steps: compileSteps(steps, (id) => baseUrls[id], []),
    reads: steps.map(namesRead),
    spellings: templates.slice(task.templates.length),
  };
}
