/**
 * The steps of a task, in order: the state machine, a run in memory, and the picture in the documents
 * are made from this list.
 */

/** A step works on the whole task; a stage on each shard of the plan, side by side. */
export interface TaskStep {
  readonly name: string;
  readonly over: 'task' | 'shards';
  /** Of a stage: the one that plans name it by (schemas/workflow.ts, Plan); a round has one. */
  readonly stage?: 'call' | 'render';
  /** The field of the run's input that must be true for it (schemas/workflow.ts, TaskStart). */
  readonly when?: string;
  /** Where the run goes back to while something is left (schemas/workflow.ts, Assembled). */
  readonly backTo?: string;
}

export const TASK_STEPS = [
  { name: 'CheckRows', over: 'task', when: 'check' },
  { name: 'PlanShards', over: 'task' },
  { name: 'CallRows', over: 'shards', stage: 'call' },
  { name: 'RenderShards', over: 'shards', stage: 'render' },
  { name: 'AssembleArchive', over: 'task', backTo: 'PlanShards' },
  { name: 'FinishTask', over: 'task' },
] as const satisfies readonly TaskStep[];

export type TaskStepName = (typeof TASK_STEPS)[number]['name'];
