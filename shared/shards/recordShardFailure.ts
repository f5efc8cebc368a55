/** Recording a shard that failed for good, so that the others go on and its rows are accounted for. */
import { METRICS } from '../names.ts';
import type { Ports } from '../ports.ts';
import type { KeptDocuments, ShardItem, TaskItem } from '../schemas/items.ts';
import type { FailedShard, ShardOutcome } from '../schemas/workflow.ts';
import { owing } from '../events/owed.ts';
import type { ListenerPorts } from '../events/listener.ts';
import { publishProgress } from '../events/publish.ts';
import { shardFailedEvent } from '../events/taskEvents.ts';
import { unreported } from '../tasks/progress.ts';
import { changeRun, isOpen, taskStore } from '../tasks/taskStore.ts';
import { outcomesOf, restOf, withKept } from './coverage.ts';
import { claimShard, endAttempt, outcomeOf, renewLease, untouched } from './lease.ts';
import { causeOf } from './shardFailure.ts';
import { readShardRows } from './shardRows.ts';
import { partsOf } from '../tasks/parts.ts';

/**
 * Gives a shard up: what it reached stays, and every document of its rest counts as failed. A shard that
 * has ended otherwise meanwhile stays as it is. Like every attempt, it writes to the task, conditional on
 * the run, before what it did counts.
 */
export async function recordShardFailure(
  ports: ListenerPorts & Pick<Ports, 'objects' | 'metrics'>,
  { shard: ref, error }: FailedShard,
): Promise<ShardOutcome> {
  const task = await taskStore.find(ports, ref.taskId);
  if (task?.run !== ref.run) return untouched(ref);
  const shard = await claimShard(ports, ref, task);
  if (!('attempt' in shard)) return shard;

  if (shard.stage === 'call') return recordCallFailure(ports, task, shard, error);
  const lost = await lostRetry(ports, task, shard);
  const counts = outcomesOf({ ...shard, status: 'failed', lost }, partsOf(task).length);
  const delta = unreported(shard.reported, counts);
  await renewLease(ports, shard, counts);
  // The step may be repeated behind this write: what is owed twice under one key is told once.
  const event = shardFailedEvent(
    { ...ref, ...(lost && rowsOfLost(lost)) },
    causeOf(error),
    ports.clock.now(),
  );
  const change = {
    add: { ...delta },
    set: {
      ...owing([event]),
      ...(task.options.onError === 'stop' ? { stopReason: 'error' } : {}),
    },
  };
  const changed = await changeRun(ports, ref, change, isOpen(ref));
  if (!changed) return untouched(ref);
  const message = `${triesOf(shard)}: ${causeOf(error)}.`;
  const failed = await endAttempt(ports, shard, {
    status: 'failed',
    error: { code: 'SHARD_FAILED', message },
    ...(lost && { lost }),
  });
  ports.log.error('A shard failed for good.', {
    taskId: ref.taskId,
    firstRow: ref.firstRow,
    error: error.Error,
  });
  ports.metrics.count(METRICS.shardsFailed, 1);
  ports.metrics.count(METRICS.documentsFailed, counts.failed - shard.counts.failed);
  await publishProgress(ports, changed);
  return outcomeOf(failed, task);
}

/** Its rows go without what was not answered: their documents fail, and say so. */
async function recordCallFailure(
  ports: ListenerPorts & Pick<Ports, 'metrics'>,
  task: TaskItem,
  shard: ShardItem,
  error: FailedShard['error'],
): Promise<ShardOutcome> {
  const message = `${triesOf(shard)}: ${causeOf(error)}.`;
  if (task.options.onError === 'stop') {
    const changed = await changeRun(ports, task, { set: { stopReason: 'error' } }, isOpen(task));
    if (!changed) return untouched(shard);
  }
  const failed = await endAttempt(ports, shard, {
    status: 'failed',
    error: { code: 'SHARD_FAILED', message },
  });
  const { taskId, firstRow } = shard;
  ports.log.error('Calls of a shard failed for good.', { taskId, firstRow, error: error.Error });
  ports.metrics.count(METRICS.shardsFailed, 1);
  return outcomeOf(failed, task);
}

/** From the first to the last row that a retry lost; others may lie between them. */
const rowsOfLost = ({ firstRow, lastRow }: NonNullable<ShardItem['lost']>) => ({
  firstRow,
  rowCount: lastRow - firstRow + 1,
});

/** What a shard of a retry does not come to, as it was before; undefined for the task's own rows. */
async function lostRetry(
  ports: Pick<Ports, 'objects'>,
  task: TaskItem,
  shard: ShardItem,
): Promise<ShardItem['lost']> {
  const range = restOf(shard);
  if (shard.layer === undefined || !range) return undefined;
  const superseded = { succeeded: 0, failed: 0, skipped: 0 };
  let kept: KeptDocuments = { count: 0, rows: [] };
  let [firstRow, lastRow] = [0, 0];
  let done = shard.reached.parts;
  for await (const { rows } of readShardRows(ports, task, shard.layer, range)) {
    for (const { row, before = [] } of rows) {
      if (firstRow === 0) firstRow = row;
      lastRow = row;
      for (const was of before.slice(done)) {
        if (was) superseded[was]++;
        if (was === 'succeeded') kept = withKept(kept, row);
      }
      done = 0;
    }
  }
  return { superseded, kept, firstRow, lastRow };
}

/** How often the shard was tried since it last came on; the last attempt is the claim. */
function triesOf({ attempt, tries }: ShardItem): string {
  const made = Math.min(tries, attempt - 1);
  if (made === 0) return 'It could not be begun';
  return `It was tried ${made === 1 ? 'once' : `${made} times`}`;
}
