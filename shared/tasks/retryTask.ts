/** Going on with a task that has ended or waits: what failed or is named is made anew. */
import { noteUses } from '../deletion/uses.ts';
import { objectKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import { beginOrQueue } from '../queue/begin.ts';
import type { QueuePorts } from '../queue/runs.ts';
import type { Retry, TaskItem } from '../schemas/items.ts';
import { RetryTaskSchema, type RetryTask, type TaskView } from '../schemas/taskApi.ts';
import { putRetryRequest, readRetryRequest } from '../shards/retryRequest.ts';
import { FIRST_RUN, LEFT_BEHIND } from './beginRun.ts';
import { follow } from './controlTask.ts';
import { invalidState, nextStatus } from './lifeCycle.ts';
import { checkRetry, type CheckedRetry } from './retryChecks.ts';
import { keepComparedNames, loadWarnings } from './taskNames.ts';
import { loadOwnedTask } from './taskStore.ts';
import { taskView } from './taskViews.ts';

type RetryPorts = QueuePorts & Pick<Ports, 'objects' | 'random'>;

/** Two calls of one moment never have the same. */
const ID_BYTES = 10;

const CALL = { from: FIRST_RUN + 1, action: 'retry', what: 'retried' } as const;

/** The same for calls that say the same, however their JSON is spaced and its fields are ordered. */
const textOf = (body: RetryTask) =>
  JSON.stringify(body, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

/** Whether it is this very call that the task is under way for. */
async function isSameCall(ports: RetryPorts, task: TaskItem, body: RetryTask): Promise<boolean> {
  const last = task.retries?.at(-1);
  if (!last) return false;
  const { call } = await readRetryRequest(ports, task.taskId, last.id);
  return call === textOf(body);
}

/** A call on a task that is under way: the same again starts what it did not come to start. */
async function repeated(ports: RetryPorts, task: TaskItem, body: RetryTask): Promise<TaskView> {
  if (!(await isSameCall(ports, task, body))) throw invalidState(task.status, CALL.what);
  return follow(ports, task.ownerId, task.taskId, { changed: undefined, ...CALL });
}

/** Writes what the run reads: it counts once the task names it. */
async function keep(
  ports: RetryPorts,
  task: TaskItem,
  id: string,
  body: RetryTask,
  { request, corrections, compared }: CheckedRetry,
): Promise<void> {
  const { taskId } = task;
  await Promise.all([
    putRetryRequest(ports, taskId, id, { ...request, call: textOf(body) }),
    corrections && ports.objects.put(objectKeys.corrections(taskId, id), corrections),
    compared && keepComparedNames(ports, task, id, compared),
  ]);
}

/** What of the task is another when the run begins. */
function changesOf(task: TaskItem, retry: Retry, checked: CheckedRetry): Partial<TaskItem> {
  const { changes, corrections, compared } = checked;
  return {
    ...changes,
    retries: [...(task.retries ?? []), retry],
    ...(corrections && { correctedBy: retry.id }),
    ...(compared && {
      comparedBy: retry.id,
      hasSpellings: compared.spellings !== undefined,
      warningCount: compared.warnings.length,
    }),
  };
}

/** Checks a retry, and once more behind the note that the task uses what it names: then that stays. */
async function checkUses(
  ports: RetryPorts,
  task: TaskItem,
  body: RetryTask,
): Promise<CheckedRetry> {
  const checked = await checkRetry(ports, task, body);
  const { templateIds = [], dataSourceId } = body;
  const named = [...templateIds, ...(dataSourceId === undefined ? [] : [dataSourceId])];
  if (named.length === 0) return checked;
  await noteUses(ports, task.taskId, named);
  return checkRetry(ports, task, body);
}

/**
 * Makes documents anew in another run: those that failed, or those of named rows, with corrections laid
 * over their values and, where they are given, other templates or another data source. What was never
 * tried is tried in the same run. The archive is joined anew and holds the newest of every document; one
 * that cannot be made anew stays as it was.
 *
 * What is asked for is written first, then the state, then the execution is started. A call that is sent
 * again while its run goes on finds its own and starts what is not started.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE, VALIDATION_ERROR, DATA_INVALID, LIMIT_EXCEEDED,
 *   TEMPLATE_NOT_FOUND, TEMPLATE_INVALID, DATA_SOURCE_NOT_FOUND
 */
export async function retryTask(
  ports: RetryPorts,
  ownerId: string,
  taskId: string,
  body: RetryTask = RetryTaskSchema.parse({}),
): Promise<TaskView> {
  for (;;) {
    const before = await loadOwnedTask(ports, ownerId, taskId);
    if (!nextStatus(before.status, 'retry')) return repeated(ports, before, body);
    const checked = await checkUses(ports, before, body);
    const { replacesRows } = checked;
    // One that was called for and did not begin, because the task was paused in the queue, has its number.
    const run = Math.max(before.run, before.retries?.at(-1)?.run ?? 0) + 1;
    const retry: Retry = {
      run,
      id: `${run}-${Buffer.from(ports.random.bytes(ID_BYTES)).toString('hex')}`,
      ...(replacesRows && { replacesRows }),
    };
    await keep(ports, before, retry.id, body, checked);
    const begun = await beginOrQueue(ports, before, {
      by: ownerId,
      set: changesOf(before, retry, checked),
      remove: [...LEFT_BEHIND, ...(replacesRows && !checked.corrections ? ['correctedBy'] : [])],
    });
    // Otherwise another call came first: look at what it did.
    if (!begun) continue;
    const view = taskView(begun);
    return checked.compared ? { ...view, warnings: await loadWarnings(ports, begun) } : view;
  }
}
