/** The end of a task: exact totals, the final state, and the word to everyone who listens. */
import { METRICS, WORKFLOW_ERRORS } from '../names.ts';
import type { Condition, Ports } from '../ports.ts';
import type { Counts } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';
import { ThrownErrorSchema, type FailedTask, type TaskRun } from '../schemas/workflow.ts';
import { TASK_RETENTION_SECONDS } from '../limits.ts';
import { publishEnd } from '../events/publish.ts';
import { isFinal, nextStatus, statusesBefore, type TaskTransition } from './lifeCycle.ts';
import { tried } from './progress.ts';
import { changeTask, inStatus, loadTask, shardsOf } from './taskStore.ts';

type FinishPorts = Pick<Ports, 'table' | 'connections' | 'clock' | 'log' | 'metrics'>;
type Ending = Pick<TaskItem, 'error'> & { transition: TaskTransition };

const failed = (message: string): Ending => ({
  transition: 'fail',
  error: { code: 'GENERATION_FAILED', message },
});

/** Sums over what the shards recorded; the live counters were only close. */
async function exactCounts(ports: Pick<Ports, 'table'>, taskId: string): Promise<Counts> {
  const sum: Counts = { succeeded: 0, failed: 0, skipped: 0 };
  for await (const { counts } of shardsOf(ports, taskId)) {
    sum.succeeded += counts?.succeeded ?? 0;
    sum.failed += counts?.failed ?? 0;
    sum.skipped += counts?.skipped ?? 0;
  }
  return sum;
}

/** How a task ends whose work is done. */
function endingOf(task: TaskItem, counts: Counts): Ending {
  if (task.status === 'cancelling') return { transition: 'stop' };
  const untried = task.totalDocuments - tried(counts);
  if (task.stopReason === 'error') {
    return failed(
      `Stopped at a document that failed, as onError "stop" asks. ${counts.succeeded} documents were made, ${untried} were not tried. See the failures, correct the data and make a new task.`,
    );
  }
  if (untried > 0) {
    return failed(`${untried} documents were not tried. What was made can be downloaded.`);
  }
  if (counts.failed === 0) return { transition: 'complete' };
  if (counts.succeeded > 0) return { transition: 'completePartially' };
  return failed(
    `None of the ${counts.failed} documents could be made. See the failures for the reasons.`,
  );
}

/** Writes the end and tells of it. A task that has ended already is only told of again. */
async function end(
  ports: FinishPorts,
  taskId: string,
  decide: (task: TaskItem, counts: Counts) => Ending,
): Promise<void> {
  const counts = await exactCounts(ports, taskId);
  for (;;) {
    const task = await loadTask(ports, taskId);
    if (isFinal(task.status)) return publishEnd(ports, task);
    const { transition, error } = decide(task, counts);
    const status = nextStatus(task.status, transition);
    if (!status) {
      const expected = statusesBefore(transition).join(' or ');
      throw new Error(`Task ${taskId} is ${task.status}; to ${transition} it must be ${expected}.`);
    }
    const now = ports.clock.now();
    const unchanged: Condition = inStatus([task.status]);
    const ended = await changeTask(
      ports,
      taskId,
      {
        set: {
          status,
          stage: 'done',
          ...counts,
          finishedAt: now,
          expiresAt: Math.floor(now / 1000) + TASK_RETENTION_SECONDS,
          ...(status === 'failed' && error ? { error } : {}),
        },
      },
      unchanged,
    );
    if (!ended) continue; // Cancelled in this moment, perhaps: decide again.
    ports.log.info('Task finished.', { taskId, status, ...counts });
    ports.metrics.count(METRICS.tasksFinished, 1);
    return publishEnd(ports, ended);
  }
}

/** The last step of a task's workflow. May be repeated. */
export const finishTask = (ports: FinishPorts, { taskId }: TaskRun): Promise<void> =>
  end(ports, taskId, endingOf);

/** The message of a function's error; undefined when it was not a function that gave the cause. */
function messageOf(cause: string): string | undefined {
  try {
    return ThrownErrorSchema.parse(JSON.parse(cause)).errorMessage;
  } catch {
    return undefined;
  }
}

/**
 * Why a workflow broke. The error's cause is logged by the step that raised it; here only its name is
 * kept, because causes may quote anything. One error has a message that was written for the user.
 */
function reasonOf({ Error: name, Cause }: FailedTask['error']): string {
  const forUser = name === WORKFLOW_ERRORS.tooMuchWork ? messageOf(Cause) : undefined;
  if (forUser !== undefined) return forUser;
  return `The task could not be finished (${name}). Nothing that was made is lost; try a new task, or ask the operator to look at the workflow's execution.`;
}

/** The last step of a workflow that broke: what the shards made stays recorded. */
export const failTask = (ports: FinishPorts, { taskId, error }: FailedTask): Promise<void> =>
  end(ports, taskId, () => failed(reasonOf(error)));
