/** Going on with a task that has ended. */
import { Problem } from '../problems.ts';
import { beginOrQueue } from '../queue/begin.ts';
import type { QueuePorts } from '../queue/runs.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { TaskView } from '../schemas/taskApi.ts';
import { FIRST_RUN, LEFT_BEHIND } from './beginRun.ts';
import { follow } from './controlTask.ts';
import { loadOwnedTask } from './taskStore.ts';
import { taskView } from './taskViews.ts';

/** Why a task that failed cannot go on; undefined when it can. */
function whyFinished({ stopReason }: TaskItem): string | undefined {
  if (stopReason !== 'error') return undefined;
  return 'The task was stopped at a document that failed, as onError "stop" asks, and would stop there again. Correct the data and make a new task.';
}

/**
 * Goes on with a task that failed: another run takes up the rows that were not tried, and those of shards
 * that were given up, and the archive is joined anew from everything that was made. What was made is not
 * made again.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE
 */
export async function retryTask(
  ports: QueuePorts,
  ownerId: string,
  taskId: string,
): Promise<TaskView> {
  for (;;) {
    const before = await loadOwnedTask(ports, ownerId, taskId);
    if (before.status !== 'failed') {
      const call = { from: FIRST_RUN + 1, action: 'retry', what: 'retried' } as const;
      return follow(ports, ownerId, taskId, { changed: undefined, ...call });
    }
    const finished = whyFinished(before);
    if (finished !== undefined) throw new Problem('INVALID_STATE', finished);
    const begun = await beginOrQueue(ports, before, {
      by: ownerId,
      remove: LEFT_BEHIND,
    });
    if (begun) return taskView(begun);
  }
}
