/**
 * Tasks that start later. The workflow that waits is begun before the task says so: one whose task never
 * does wakes up for nothing, while a task whose workflow was never begun would wait for ever. Each setting of a
 * time has a number of its own and an execution of its own; whatever an earlier one does when it wakes is
 * in vain.
 */
import { publishOwed } from '../events/publish.ts';
import { telling } from '../events/owed.ts';
import { executionNames } from '../keys.ts';
import type { Change, Ports } from '../ports.ts';
import { unchanged } from '../queue/revision.ts';
import type { QueuePorts } from '../queue/runs.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { ScheduledStart } from '../schemas/workflow.ts';
import { changeTask } from '../tasks/taskStore.ts';

/** The wait for the time that a task says; undefined when it says none. */
export function waitOf({
  taskId,
  startAt,
  scheduleRevision,
}: TaskItem): ScheduledStart | undefined {
  if (startAt === undefined || scheduleRevision === undefined) return undefined;
  return { taskId, revision: scheduleRevision, startAt: new Date(startAt).toISOString() };
}

interface Scheduling {
  readonly startAt: number;
  readonly by: string;
  /** What else the call changes of the task. */
  readonly set?: Partial<TaskItem>;
  /** Default: changes the task. */
  readonly write?: (change: Change) => Promise<TaskItem | undefined>;
}

/**
 * Has a task start at this time, in place of another one that it may have waited for.
 * @param seen a task that was not started yet
 * @returns the task after that; undefined when it has changed since it was seen: then nothing was done
 */
export async function schedule(
  ports: QueuePorts,
  seen: TaskItem,
  { startAt, by, set, write = changeSeen(ports, seen) }: Scheduling,
): Promise<TaskItem | undefined> {
  const changes = {
    ...set,
    status: 'scheduled' as const,
    stage: 'waiting' as const,
    startAt,
    scheduleRevision: (seen.scheduleRevision ?? 0) + 1,
  };
  const wait = waitOf({ ...seen, ...changes });
  if (wait) await ports.workflow.start('schedule', executionNames.schedule(wait), wait);
  const at = ports.clock.now();
  const scheduled = await write({ set: telling(seen, changes, { at, by }) });
  if (!scheduled) return undefined;
  await endWait(ports, seen);
  await publishOwed(ports, scheduled);
  return scheduled;
}

/**
 * Takes a time back: the task waits to be started.
 * @returns the task after that; undefined when it has changed since it was seen
 */
export async function unschedule(
  ports: QueuePorts,
  seen: TaskItem,
  { by, set }: Pick<Scheduling, 'by' | 'set'>,
): Promise<TaskItem | undefined> {
  const at = ports.clock.now();
  const changes = { ...set, status: 'pending' as const };
  const pending = await changeSeen(
    ports,
    seen,
  )({
    set: telling(seen, changes, { at, by }),
    remove: ['startAt'],
  });
  if (pending) await endWait(ports, seen);
  return pending;
}

/** Ends the wait of a task that was scheduled when it was seen. Should that fail, it wakes up for nothing. */
export async function endWait(
  { workflow, log }: Pick<Ports, 'workflow' | 'log'>,
  seen: TaskItem,
): Promise<void> {
  const wait = seen.status === 'scheduled' ? waitOf(seen) : undefined;
  if (!wait) return;
  try {
    await workflow.stop('schedule', executionNames.schedule(wait));
  } catch (error) {
    const { name } = error instanceof Error ? error : { name: 'unknown' };
    log.warn('A wait could not be ended, and will be in vain.', {
      taskId: seen.taskId,
      error: name,
    });
  }
}

const changeSeen = (ports: QueuePorts, seen: TaskItem) => (change: Change) =>
  changeTask(ports, seen.taskId, change, unchanged(seen));
