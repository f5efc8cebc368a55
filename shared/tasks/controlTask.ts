/** Control calls. Each may be repeated: a call on a task that is already there answers with the task. */
import { executionNames } from '../keys.ts';
import type { Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { TaskView } from '../schemas/taskApi.ts';
import type { Round } from '../schemas/workflow.ts';
import { telling } from '../events/owed.ts';
import { publishEnd } from '../events/publish.ts';
import { inStatus, changeTask, loadOwnedTask } from './taskStore.ts';
import { invalidState, isFinal, nextStatus, statusesBefore } from './lifeCycle.ts';
import { taskView } from './taskViews.ts';

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

/** What a task that waits is changed by when its owner starts it at this time. */
export const startOf = (before: TaskItem, ownerId: string, now: number) =>
  telling(before, { ...beginningOf(FIRST_RUN, now), startedAt: now }, { at: now, by: ownerId });

/** Starts the execution of the task's present run; the name makes a repeat harmless. */
export async function startRun(
  ports: Pick<Ports, 'workflow'>,
  { taskId, run }: TaskItem,
): Promise<void> {
  const input: Round = { taskId, run, round: 1 };
  await ports.workflow.start('task', executionNames.task(taskId, run), input);
}

interface BegunRun {
  /** The task as the call changed it; undefined when it was not in a state for that. */
  readonly changed: TaskItem | undefined;
  /** The first run that such a call begins: a task that has come so far was told so before. */
  readonly from: number;
  /** What the call does, as in "cannot be …". */
  readonly what: string;
}

/**
 * Starts the execution of a run that this call began, or one before whose process ended too soon.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE
 */
export async function follow(
  ports: Pick<Ports, 'table' | 'workflow'>,
  ownerId: string,
  taskId: string,
  { changed, from, what }: BegunRun,
): Promise<TaskView> {
  const task = changed ?? (await loadOwnedTask(ports, ownerId, taskId));
  if (!changed && (isFinal(task.status) || task.run < from)) throw invalidState(task.status, what);
  if (task.stage === 'planning') await startRun(ports, task);
  return taskView(task);
}

/**
 * Starts a pending task.
 * The state is written first; should the process end before the execution is started, the same call
 * again starts it, because an execution is idempotent by its name.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE
 */
export async function startTask(
  ports: Pick<Ports, 'table' | 'workflow' | 'clock'>,
  ownerId: string,
  taskId: string,
): Promise<TaskView> {
  const before = await loadOwnedTask(ports, ownerId, taskId);
  const changed = await changeTask(
    ports,
    taskId,
    { set: startOf(before, ownerId, ports.clock.now()) },
    inStatus(statusesBefore('start')),
  );
  return follow(ports, ownerId, taskId, { changed, from: FIRST_RUN, what: 'started' });
}

/**
 * Cancels a task. One that was not started ends at once; a running one stops at the next document
 * boundary of each shard and keeps what it made.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE
 */
export async function cancelTask(
  ports: Pick<Ports, 'table' | 'connections' | 'clock' | 'log'>,
  ownerId: string,
  taskId: string,
): Promise<TaskView> {
  for (;;) {
    const task = await loadOwnedTask(ports, ownerId, taskId);
    if (task.status === 'cancelled' || task.status === 'cancelling') {
      // The call before may have broken down before it told of the end.
      if (task.status === 'cancelled') await publishEnd(ports, task);
      return taskView(task);
    }
    const status = nextStatus(task.status, 'abandon') ?? nextStatus(task.status, 'cancel');
    if (!status) throw invalidState(task.status, 'cancelled');
    const now = ports.clock.now();
    const ended: Partial<TaskItem> = isFinal(status) ? { stage: 'done', finishedAt: now } : {};
    const changes = { status, stopReason: 'cancel', ...ended } as const;
    const cancelled = await changeTask(
      ports,
      taskId,
      { set: telling(task, changes, { at: now, by: ownerId }) },
      inStatus([task.status]),
    );
    if (!cancelled) continue; // The task moved on meanwhile: look again.
    if (isFinal(status)) await publishEnd(ports, cancelled);
    return taskView(cancelled);
  }
}
