/** What is done when the time of a task has come. */
import { WORKFLOW_ERRORS } from '../names.ts';
import { WorkflowError } from '../problems.ts';
import { beginOrQueue } from '../queue/begin.ts';
import type { QueuePorts } from '../queue/runs.ts';
import type { ScheduledStart } from '../schemas/workflow.ts';
import { taskStore } from '../tasks/taskStore.ts';
import { waitOf } from './schedule.ts';

/**
 * Starts a task if it still waits for this very time; where its owner has as many tasks at work as may be, it
 * is queued. May be repeated.
 * @throws WorkflowError ScheduleUnknown when the task does not know of this time (yet)
 */
export async function startScheduled(ports: QueuePorts, wait: ScheduledStart): Promise<void> {
  for (;;) {
    const task = await taskStore.find(ports, wait.taskId);
    if (!task || (task.scheduleRevision ?? 0) < wait.revision) {
      const what = `Task ${wait.taskId} does not wait for this time, or does not say so yet.`;
      throw new WorkflowError(WORKFLOW_ERRORS.scheduleUnknown, what);
    }
    const known = task.status === 'scheduled' ? waitOf(task) : undefined;
    if (known?.revision !== wait.revision || known.startAt !== wait.startAt) return;
    // Nobody is there to be told that its documents do not fit into the budget now.
    if (await beginOrQueue(ports, task, { overBudget: 'wait' })) return;
  }
}
