/** The end of a task: exact totals, the final state, and the word to everyone who listens. */
import { sideBySide } from '../boundedWork.ts';
import { METRICS, WORKFLOW_ERRORS } from '../names.ts';
import type { Condition, Ports } from '../ports.ts';
import { comeToRest } from '../queue/rest.ts';
import type { QueuePorts } from '../queue/runs.ts';
import type { Counts } from '../schemas/common.ts';
import type { ShardItem, TaskItem } from '../schemas/items.ts';
import type { FailedTask, TaskRun } from '../schemas/workflow.ts';
import { keptIn, reusedIn, sumAtWork, sumOf } from '../shards/coverage.ts';
import { changeToTell, publishEnd } from '../events/publish.ts';
import { documentsKeptEvent } from '../events/taskEvents.ts';
import { trialStore } from '../trials/trialStore.ts';
import { isAtWork, nextStatus, statusesBefore, type TaskTransition } from './lifeCycle.ts';
import { tried } from './progress.ts';
import { inStatus, loadRetriedShards, loadShards, taskStore } from './taskStore.ts';
import { partsOf } from './parts.ts';

type FinishPorts = QueuePorts & Pick<Ports, 'metrics'>;
type Ending = Pick<TaskItem, 'error'> & { transition: TaskTransition };

const failed = (message: string): Ending => ({
  transition: 'fail',
  error: { code: 'GENERATION_FAILED', message },
});

/** The first row that is known to have failed; shards beside each other may have met others. */
function firstFailedRow(shards: readonly ShardItem[]): number | undefined {
  const rows = shards.flatMap(({ firstFailedRow: row, counts, status, firstRow, reached }) => [
    // Made anew since, perhaps.
    ...(row === undefined || counts.failed === 0 ? [] : [row]),
    ...(status === 'failed' ? [firstRow + reached.rows] : []),
  ]);
  return rows.length > 0 ? Math.min(...rows) : undefined;
}

/** How a task ends whose work is done. */
function endingOf(
  task: TaskItem,
  counts: Counts,
  untried: number,
  failedRow: number | undefined,
): Ending {
  if (task.status === 'cancelling') return { transition: 'stop' };
  if (task.stopReason === 'error') {
    return failed(
      `Stopped at a document that failed${failedRow === undefined ? '' : `, of row ${count(failedRow)}`}, as onError "stop" asks. ${counts.succeeded} documents were made, ${untried} were not tried. See the failures, and retry the task with corrections of their rows.`,
    );
  }
  if (untried > 0) {
    return failed(
      `${count(untried)} documents were not tried: round after round, their workers ended without having made one. What was made can be downloaded; retry the task to try the rest again.`,
    );
  }
  if (counts.failed === 0) return { transition: 'complete' };
  if (counts.succeeded > 0) return { transition: 'completePartially' };
  return failed(
    `None of the ${counts.failed} documents could be made. See the failures for the reasons.`,
  );
}

/**
 * Writes the end and tells of it. A task that has ended already is only told of again; a step of an older
 * run, or of a task that was deleted since, changes nothing.
 */
async function end(
  ports: FinishPorts,
  run: TaskRun,
  decide: (
    task: TaskItem,
    counts: Counts,
    untried: number,
    failedRow: number | undefined,
  ) => Ending,
): Promise<void> {
  const { taskId } = run;
  const [seen, own] = await Promise.all([taskStore.find(ports, taskId), loadShards(ports, taskId)]);
  if (!seen) return;
  const shards = [...own, ...(await loadRetriedShards(ports, seen))];
  // What the shards recorded; the live counters were only close.
  const counts = sumOf(shards, partsOf(seen).length);
  const kept = keptIn(shards, run.run);
  // Documents that were to be made anew, too: of those the counts tell what became of them before.
  const untried = seen.totalDocuments - tried(sumAtWork(shards, seen));
  for (let task: TaskItem | undefined = seen; ; task = await taskStore.find(ports, taskId)) {
    if (task?.run !== run.run) return;
    if (!isAtWork(task.status)) {
      const rested = task;
      await sideBySide(
        () => comeToRest(ports, rested),
        () => publishEnd(ports, rested),
      );
      return;
    }
    const { transition, error } = decide(task, counts, untried, firstFailedRow(own));
    const status = nextStatus(task.status, transition);
    if (!status) {
      const expected = statusesBefore(transition).join(' or ');
      throw new Error(`Task ${taskId} is ${task.status}; to ${transition} it must be ${expected}.`);
    }
    const now = ports.clock.now();
    const changes: Partial<TaskItem> = {
      status,
      stage: 'done',
      ...counts,
      ...(task.baseTaskId !== undefined && { reused: reusedIn(own) }),
      charged: counts.succeeded,
      finishedAt: now,
      ...(status === 'failed' && error ? { error } : {}),
    };
    const condition: Condition = {
      all: [{ attribute: 'run', is: '=', value: run.run }, inStatus([task.status])],
    };
    const also = kept.count > 0 ? [documentsKeptEvent(task, kept, now)] : [];
    const ended = await changeToTell(ports, task, { changes, condition, at: now, also });
    if (!ended) continue; // Cancelled in this moment, perhaps: decide again.
    ports.log.info('Task finished.', { taskId, status, ...counts });
    ports.metrics.count(METRICS.tasksFinished, 1);
    const { task: rested, tell } = ended;
    // Others need not wait until everybody has heard of it, nor those who hear for the others.
    await sideBySide(() => comeToRest(ports, rested), tell);
    return;
  }
}

/** The last step of a task's workflow. May be repeated. */
export const finishTask = (ports: FinishPorts, run: TaskRun): Promise<void> =>
  end(ports, run, endingOf);

/**
 * Why a task failed whose workflow broke. The cause is in the log, by the step that met it; here it would
 * be a program's word, and it may quote anything.
 */
function brokenEnding({ status }: TaskItem, { succeeded }: Counts): Ending {
  const isCancelled = status === 'cancelling';
  if (succeeded > 0) {
    const advice = isCancelled
      ? 'retry the task to have them joined, and cancel it again to have no more made'
      : 'retry the task to go on from there';
    return failed(
      `The task broke off before its archive was joined. The ${count(succeeded)} documents that were made are kept: ${advice}. The operator's log has the cause.`,
    );
  }
  if (isCancelled) return { transition: 'stop' };
  return failed(
    'The task broke off before a document was made. Retry it, or ask the operator: the log has the cause.',
  );
}

const count = (n: number) => n.toLocaleString('en-US');

/** Why nothing is made of a task whose check found errors. */
async function checkedEnding(ports: Pick<Ports, 'table'>, taskId: string): Promise<Ending> {
  const summary = (await trialStore.find(ports, taskId))?.summary;
  const found = summary
    ? `found ${summary.errors === 1 ? 'errors of one kind' : `errors of ${count(summary.errors)} kinds`} in ${count(summary.rows)} rows`
    : 'could not be made';
  const advice = summary
    ? 'See the findings of the check; correct the rows, or retry the task to make it all the same.'
    : 'Retry the task to make it without a check.';
  return {
    transition: 'fail',
    error: {
      code: 'DATA_INVALID',
      message: `Nothing was made: the check of the rows ${found}, and check "strict" asks for that. ${advice}`,
    },
  };
}

/** The last step of a workflow that broke: what the shards made stays recorded. */
export async function failTask(ports: FinishPorts, { error, ...run }: FailedTask): Promise<void> {
  if (error.Error === WORKFLOW_ERRORS.checkFailed) {
    const ending = await checkedEnding(ports, run.taskId);
    await end(ports, run, ({ status }) =>
      status === 'cancelling' ? { transition: 'stop' } : ending,
    );
    return;
  }
  ports.log.error('A task broke off.', { taskId: run.taskId, run: run.run, error: error.Error });
  await end(ports, run, brokenEnding);
}
