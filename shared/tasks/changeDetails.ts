/**
 * Changing what a task is called, what is noted with it, and how it is worked on. Each call is one write,
 * conditional on what was read; what the task is like now is for later plans. How many shards are rendered at a time
 * changes in a round that is under way, too.
 */
import { executionNames } from '../keys.ts';
import { MAP_STARTS_MS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { changePriority } from '../queue/priority.ts';
import { unchanged } from '../queue/revision.ts';
import type { QueuePorts } from '../queue/runs.ts';
import { changeStart } from '../schedules/changeStart.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { ChangeTask, TaskView } from '../schemas/taskApi.ts';
import { requireNoTime } from './approval.ts';
import { changeTask, loadOwnedTask } from './taskStore.ts';
import { taskView } from './taskViews.ts';

type ChangePorts = QueuePorts & Pick<Ports, 'workflow'>;

/** Tries to find the map of a round whose plan is made: it begins a moment later. */
const MAP_TRIES = 4;

/** What a call changes of the task as it is; its place in the queue is another matter. */
function detailsOf({ options }: TaskItem, { name, metadata, options: changed }: ChangeTask) {
  const { concurrency } = changed ?? {};
  return {
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata }),
    ...(concurrency !== undefined && { options: { ...options, concurrency } }),
  };
}

/** One try at a call; undefined when the task has changed since it was read. */
async function tryToChange(
  ports: ChangePorts,
  before: TaskItem,
  body: ChangeTask,
): Promise<TaskItem | undefined> {
  const { startAt, options: { priority } = {} } = body;
  requireNoTime(before, startAt);
  const timed =
    startAt === undefined ? before : await changeStart(ports, before, startAt, before.ownerId);
  const moved =
    timed && priority !== undefined ? await changePriority(ports, timed, priority) : timed;
  const set = moved && detailsOf(moved, body);
  if (!set || Object.keys(set).length === 0) return moved;
  // Options are changed as a whole: whoever changes others of them at the same time looks again.
  return changeTask(ports, moved.taskId, { set, add: { revision: 1 } }, unchanged(moved));
}

/**
 * Changes details of a task in any state, and when one starts that was not started yet.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE, VALIDATION_ERROR (startAt)
 */
export async function changeDetails(
  ports: ChangePorts,
  ownerId: string,
  taskId: string,
  body: ChangeTask,
): Promise<TaskView> {
  for (;;) {
    const before = await loadOwnedTask(ports, ownerId, taskId);
    const changed = await tryToChange(ports, before, body);
    if (!changed) continue;
    if (body.options?.concurrency !== undefined) await followConcurrency(ports, changed);
    return taskView(changed);
  }
}

/**
 * Has the round that is under way go on with the task's concurrency. A round whose plan is not made yet is
 * planned with it. May be repeated.
 */
async function followConcurrency(ports: ChangePorts, task: TaskItem): Promise<void> {
  const { taskId, run, status, stage, mapMost, options } = task;
  const hasMap = status === 'running' && stage === 'rendering' && mapMost !== undefined;
  if (!hasMap) return;
  const wanted = Math.min(options.concurrency, mapMost);
  for (let tries = 1; ; tries++) {
    const name = executionNames.task(taskId, run);
    if (await ports.workflow.limitMaps('task', name, wanted)) return;
    if (tries === MAP_TRIES) return;
    await ports.clock.sleep(MAP_STARTS_MS);
  }
}
