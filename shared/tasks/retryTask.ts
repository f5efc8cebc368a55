/** Going on with a task that has ended. */
import { telling } from '../events/owed.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { TaskView } from '../schemas/taskApi.ts';
import { beginningOf, FIRST_RUN, follow, LEFT_BEHIND } from './controlTask.ts';
import { changeRun, inStatus, loadOwnedTask } from './taskStore.ts';

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
  ports: Pick<Ports, 'table' | 'workflow' | 'clock'>,
  ownerId: string,
  taskId: string,
): Promise<TaskView> {
  const before = await loadOwnedTask(ports, ownerId, taskId);
  const now = ports.clock.now();
  const finished = before.status === 'failed' ? whyFinished(before) : undefined;
  if (finished !== undefined) throw new Problem('INVALID_STATE', finished);
  const changed = await changeRun(
    ports,
    before,
    {
      set: telling(
        before,
        {
          ...beginningOf(before.run + 1, now),
        },
        { at: now, by: ownerId },
      ),
      remove: LEFT_BEHIND,
    },
    inStatus(['failed']),
  );
  return follow(ports, ownerId, taskId, { changed, from: FIRST_RUN + 1, what: 'retried' });
}
