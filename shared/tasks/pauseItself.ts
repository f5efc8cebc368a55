/** A task that pauses by itself, and says why: it waits until somebody resumes it. */
import { telling } from '../events/owed.ts';
import type { Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import { nextStatus } from './lifeCycle.ts';
import { changeRun, inStatus } from './taskStore.ts';

/** Why a task goes no further with its calls, by what its options allow; undefined while it does. */
export function haltsItself({
  options: { maxFailures, budgetUsd },
  failedCalls = 0,
  spentMicroUsd = 0,
}: Pick<TaskItem, 'options' | 'failedCalls' | 'spentMicroUsd'>): string | undefined {
  if (maxFailures !== undefined && failedCalls > maxFailures) {
    return `Paused: the row steps of ${failedCalls} rows have failed, and maxFailures allows ${maxFailures}. Look at the failures; resume the task to go on, with as many again.`;
  }
  if (budgetUsd !== undefined && spentMicroUsd >= budgetUsd * 1_000_000) {
    return `Paused: the calls have cost $${(spentMicroUsd / 1_000_000).toFixed(2)}, which is the budget. Resume the task to spend as much again.`;
  }
  return undefined;
}

/** Pauses the present run of a task, unless it moved on meanwhile. */
export async function pauseItself(
  ports: Pick<Ports, 'table' | 'clock'>,
  task: TaskItem,
  why: string,
): Promise<void> {
  const status = nextStatus(task.status, 'pause');
  if (!status) return;
  const changes: Partial<TaskItem> = { status, stopReason: 'pause', pausedBecause: why };
  await changeRun(
    ports,
    task,
    { set: telling(task, changes, { at: ports.clock.now() }) },
    { all: [inStatus([task.status]), { absent: 'stopReason' }] },
  );
}
