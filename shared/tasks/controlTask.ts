/**
 * Control calls. Each may be repeated: a call on a task that is already there answers with the task.
 *
 * Each changes the state in one conditional write, and only then starts the execution that the new state
 * asks for. Should the process end in between, the same call again starts it: an execution is idempotent
 * by its name, which has the number of the run.
 */
import type { Condition, Ports } from '../ports.ts';
import { beginOrQueue } from '../queue/begin.ts';
import { wakeAll } from '../callbacks/waits.ts';
import { leaveQueue } from '../queue/rest.ts';
import type { QueuePorts } from '../queue/runs.ts';
import { endWait } from '../schedules/schedule.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { StartTask, TaskView } from '../schemas/taskApi.ts';
import { requireApproval } from './approval.ts';
import { telling } from '../events/owed.ts';
import { publishEnd } from '../events/publish.ts';
import { beginningOf, FIRST_RUN, LEFT_BEHIND, startRun } from './beginRun.ts';
import { inStatus, changeRun, loadOwnedTask } from './taskStore.ts';
import { invalidState, isAtWork, nextStatus } from './lifeCycle.ts';
import { tried } from './progress.ts';
import { taskView } from './taskViews.ts';
import { noteToTell } from '../events/tellDue.ts';

/** Whether a call that begins a run has nothing left to do. */
const isUnderWay = ({ status }: TaskItem) => status === 'running' || status === 'assembling';

/** Whether a task waits for its turn because of such a call. */
const waitsFor = ({ status, queuedFrom }: TaskItem, action: BegunRun['action']) =>
  status === 'queued' && queuedFrom !== undefined && nextStatus(queuedFrom, action) !== undefined;

interface BegunRun {
  /** The task as the call changed it; undefined when it was not in a state for that. */
  readonly changed: TaskItem | undefined;
  /** The first run that such a call begins: a task that has come so far was told so before. */
  readonly from: number;
  readonly action: 'start' | 'resume' | 'retry';
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
  { changed, from, action, what }: BegunRun,
): Promise<TaskView> {
  const task = changed ?? (await loadOwnedTask(ports, ownerId, taskId));
  const isToldSo = isUnderWay(task) ? task.run >= from : waitsFor(task, action);
  if (!changed && !isToldSo) throw invalidState(task.status, what);
  if (task.stage === 'planning') await startRun(ports, task);
  return taskView(task);
}

/**
 * Starts a task that was not started; where its owner has as many tasks at work as may be, it is queued.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE; LIMIT_EXCEEDED, DATA_INVALID (the owner's budget);
 *   VALIDATION_ERROR, DOWNLOAD_FAILED (the approval)
 */
export async function startTask(
  ports: QueuePorts & Pick<Ports, 'objects'>,
  ownerId: string,
  taskId: string,
  { approval }: StartTask = {},
): Promise<TaskView> {
  const call = { from: FIRST_RUN, action: 'start', what: 'started' } as const;
  for (;;) {
    const before = await loadOwnedTask(ports, ownerId, taskId);
    if (!nextStatus(before.status, 'start')) {
      return follow(ports, ownerId, taskId, { changed: undefined, ...call });
    }
    await requireApproval(ports, before, approval);
    const begun = await beginOrQueue(ports, before, { by: ownerId });
    if (!begun) continue; // The task moved on meanwhile: look again.
    await endWait(ports, before);
    return taskView(begun);
  }
}

/**
 * Pauses a task. No new shard starts, one that is worked on stops at its next document, and what was made
 * is kept; then the task waits, for as long as it takes. One that waits for its turn waits at once.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE
 */
export async function pauseTask(
  ports: QueuePorts,
  ownerId: string,
  taskId: string,
): Promise<TaskView> {
  for (;;) {
    const task = await loadOwnedTask(ports, ownerId, taskId);
    if (task.status === 'paused' || task.status === 'pausing') return settled(ports, task);
    const status = nextStatus(task.status, 'pause');
    if (!status) throw invalidState(task.status, 'paused');
    // A document that failed may have stopped it a moment ago: then that is how it ends.
    const { stopReason = 'pause' } = task;
    const waits: Partial<TaskItem> = status === 'paused' ? { stage: 'waiting' } : {};
    if (status === 'paused') await noteToTell(ports, taskId);
    const paused = await changeRun(
      ports,
      task,
      { set: telling(task, { status, stopReason, ...waits }, said(ports, ownerId)) },
      { all: [inStatus([task.status]), sameReason(task)] },
    );
    if (!paused) continue;
    if (task.status === 'queued') await leaveQueue(ports, task);
    return settled(ports, paused);
  }
}

/**
 * Goes on with a task that was paused, at once or when its turn has come: another run takes up the rows that
 * were not tried. One that has not stopped yet goes on at once; what its shards made and did not publish by
 * then is made anew.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE; LIMIT_EXCEEDED, DATA_INVALID (the owner's budget)
 */
export async function resumeTask(
  ports: QueuePorts,
  ownerId: string,
  taskId: string,
): Promise<TaskView> {
  const call = { from: FIRST_RUN + 1, action: 'resume', what: 'resumed' } as const;
  for (;;) {
    const before = await loadOwnedTask(ports, ownerId, taskId);
    if (!nextStatus(before.status, 'resume')) {
      return follow(ports, ownerId, taskId, { changed: undefined, ...call });
    }
    const begun = await beginOrQueue(ports, before, { by: ownerId, remove: LEFT_BEHIND });
    if (begun) return taskView(begun);
  }
}

/** How a task is cancelled: at once, by its run, or by another run that only joins what was made. */
function cancelOf(task: TaskItem, now: number): Partial<TaskItem> | undefined {
  const stopReason = 'cancel';
  const abandoned = nextStatus(task.status, 'abandon');
  if (abandoned && tried(task) === 0) {
    return { status: abandoned, stopReason, stage: 'done', finishedAt: now };
  }
  const status = nextStatus(task.status, 'cancel');
  if (!status) return undefined;
  if (!abandoned) return { status, stopReason };
  return { ...beginningOf(task.run + 1, now), status, stopReason };
}

/**
 * Cancels a task for good. One of which nothing was made, and on which nobody works, ends at once. One
 * that is worked on stops at the next document boundary of each shard. What was made is joined.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE
 */
export async function cancelTask(
  ports: QueuePorts,
  ownerId: string,
  taskId: string,
): Promise<TaskView> {
  for (;;) {
    const task = await loadOwnedTask(ports, ownerId, taskId);
    if (task.status === 'cancelled' || task.status === 'cancelling') return settled(ports, task);
    const changes = cancelOf(task, ports.clock.now());
    if (!changes) throw invalidState(task.status, 'cancelled');
    if (changes.status === 'cancelled') await noteToTell(ports, taskId);
    const cancelled = await changeRun(
      ports,
      task,
      { set: telling(task, changes, said(ports, ownerId)) },
      inStatus([task.status]),
    );
    if (!cancelled) continue; // The task moved on meanwhile: look again.
    if (task.status === 'queued') await leaveQueue(ports, task);
    await endWait(ports, task);
    return settled(ports, cancelled);
  }
}

/**
 * Does what the state of a task asks for, whoever brought it there: the call that did may have broken down
 * behind its write. A run is to come to the end of it; where none comes, what happened is told here.
 */
async function settled(ports: QueuePorts, task: TaskItem): Promise<TaskView> {
  if (!isAtWork(task.status)) await publishEnd(ports, task);
  else if (task.stage === 'planning') await startRun(ports, task);
  await wakeWaiting(ports, task);
  return taskView(task);
}

/** Shards that wait for callbacks learn at once that the task is to stop. */
async function wakeWaiting(ports: QueuePorts, task: TaskItem): Promise<void> {
  if (task.steps && isAtWork(task.status)) await wakeAll(ports, task.taskId);
}

/** Holds while the run is to end for the reason that was seen, or for none. */
const sameReason = ({ stopReason }: TaskItem): Condition =>
  stopReason === undefined
    ? { absent: 'stopReason' }
    : { attribute: 'stopReason', is: '=', value: stopReason };

const said = ({ clock }: Pick<Ports, 'clock'>, by: string) => ({ at: clock.now(), by });
