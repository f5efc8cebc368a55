/** The beginning of a run: what it changes of its task, and its execution. */
import { executionNames } from '../keys.ts';
import type { Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import { hasCheck } from '../trials/taskCheck.ts';
import type { TaskStart } from '../schemas/workflow.ts';

export const FIRST_RUN = 1;

/** What a run begins with. */
export const beginningOf = (run: number, now: number) => ({
  status: 'running' as const,
  stage: 'planning' as const,
  run,
  round: 0,
  idleRounds: 0,
  pushedAt: now,
});

/** What is left of the run before, and goes when another one begins. */
export const LEFT_BEHIND = [
  'stopReason',
  'error',
  'finishedAt',
  'pausedBecause',
  'failedCalls',
  'spentMicroUsd',
  'callFigures',
] as const;

/** Starts the execution of the task's present run; the name makes a repeat harmless. */
export async function startRun(
  ports: Pick<Ports, 'workflow'>,
  { taskId, run, options }: TaskItem,
): Promise<void> {
  const input: TaskStart = { taskId, run, round: 1, check: hasCheck(options) };
  await ports.workflow.start('task', executionNames.task(taskId, run), input);
}
