/**
 * Deleting a task, because its owner says so or because its time has passed. It is marked first: from
 * that write on it is there for nobody, and no call or late step of it changes anything. Then its objects
 * go, then what else it has in the table, then its item. Each step may be repeated, and whatever a process
 * left undone the sweeper does: a note of it lasts until all is gone (deletion/dueNotes.ts).
 */
import { clearItems, clearObjects } from '../deletion/clear.ts';
import { taskNotes, type DueNote } from '../deletion/dueNotes.ts';
import { objectPrefixes, tableKeys } from '../keys.ts';
import { DELETION_STALE_SECONDS, SECOND_DELETION_SECONDS } from '../limits.ts';
import type { Change, Condition, Ports } from '../ports.ts';
import { comeToRest, leaveQueue } from '../queue/rest.ts';
import type { QueuePorts } from '../queue/runs.ts';
import { endWait } from '../schedules/schedule.ts';
import { invalidState, isAtWork } from './lifeCycle.ts';
import { inStatus, loadOwnedTask, taskStore } from './taskStore.ts';

export type DeletionPorts = Pick<Ports, 'table' | 'objects' | 'clock' | 'log'>;

const seconds = ({ clock }: Pick<Ports, 'clock'>) => Math.floor(clock.now() / 1000);

/** Hides the task from every reader, and from the indexes of its owner. */
const marking = (ports: Pick<Ports, 'clock'>): Change => ({
  set: { deletedAt: ports.clock.now(), expiresAt: seconds(ports) - DELETION_STALE_SECONDS },
  remove: ['ownerKey', 'ownerSort', 'activeSort'],
});

const unmarked: Condition = { absent: 'deletedAt' };

/**
 * Deletes a task on which nobody works. What of it one call does not come to is deleted in the minutes
 * after it; the task is not there any more at once.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE
 */
export async function deleteTask(
  ports: DeletionPorts & QueuePorts,
  ownerId: string,
  taskId: string,
): Promise<void> {
  for (;;) {
    const task = await loadOwnedTask(ports, ownerId, taskId);
    if (isAtWork(task.status)) throw invalidState(task.status, 'deleted');
    // What it made counts, also if the process died that was to count it; once it is gone, nobody knows.
    if (task.slot !== undefined) await comeToRest(ports, task);
    const dueAt = seconds(ports);
    await taskNotes.note(ports, { id: taskId, dueAt, notedAt: ports.clock.now() });
    const asSeen: Condition = {
      all: [{ attribute: 'run', is: '=', value: task.run }, inStatus([task.status]), unmarked],
    };
    const marked = await ports.table.update(tableKeys.task(taskId), marking(ports), asSeen);
    if (!marked) continue; // Somebody began it in this moment, or deletes it, too.
    if (task.status === 'queued') await leaveQueue(ports, task);
    await endWait(ports, task);
    ports.log.info('Task deleted.', { taskId });
    try {
      await finishDeletion(ports, taskId);
    } catch (error) {
      // It is deleted for everybody; what is left of it is the sweeper's.
      const { name } = error instanceof Error ? error : { name: 'unknown' };
      ports.log.warn('A deletion is to be finished by the sweeper.', { taskId, error: name });
    }
    return;
  }
}

/** What is left to be done of a deletion. */
export type Deletion = 'done' | 'more' | 'wanted';

/**
 * Deletes what is left of a task that is marked, has expired, or is gone already; bounded work.
 * @returns more: call again. wanted: it is a task like any other, and nothing was deleted
 */
export async function finishDeletion(ports: DeletionPorts, taskId: string): Promise<Deletion> {
  const key = tableKeys.task(taskId);
  if (await taskStore.find(ports, taskId)) return 'wanted';
  const expired: Condition = {
    all: [unmarked, { attribute: 'expiresAt', is: '<=', value: seconds(ports) }],
  };
  await ports.table.update(key, marking(ports), expired);
  // Begun anew in the moment in which it expired, perhaps: marked, it cannot be any more.
  if (await taskStore.find(ports, taskId)) return 'wanted';
  if (await clearObjects(ports, objectPrefixes.task(taskId))) return 'more';
  if (await clearItems(ports, key)) return 'more';
  await ports.table.delete(key, { present: 'deletedAt' });
  return 'done';
}

/**
 * Deletes the tasks whose time has passed, and what earlier deletions left: for the sweeper. What does not
 * fit into the time is left to the next call.
 * @param untilMs no further page is begun after this, by the monotonic clock
 * @returns how many tasks were deleted
 */
export async function expireTasks(
  ports: DeletionPorts,
  { untilMs }: { readonly untilMs: number },
): Promise<number> {
  let deleted = 0;
  const isOver = () => ports.clock.monotonicMs() >= untilMs;
  for await (const due of taskNotes.at(ports, seconds(ports))) {
    let deletion: Deletion = 'more';
    while (deletion === 'more' && !isOver()) deletion = await finishDeletion(ports, due.id);
    if (deletion === 'done') {
      await settle(ports, due);
      if (!due.isSecond) deleted++;
    }
    if (deletion === 'wanted') await taskNotes.dropIfOld(ports, due);
    if (isOver()) break;
  }
  return deleted;
}

/** A worker that was frozen may still write something of it: that is looked for once more, later. */
async function settle(ports: DeletionPorts, due: DueNote): Promise<void> {
  if (!due.isSecond) {
    const dueAt = seconds(ports) + SECOND_DELETION_SECONDS;
    await taskNotes.note(ports, { id: due.id, dueAt, isSecond: true });
  }
  await taskNotes.drop(ports, due);
}
