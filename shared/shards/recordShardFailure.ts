/** Recording a shard that failed for good, so that the others go on and its rows are accounted for. */
import { tableKeys } from '../keys.ts';
import { METRICS } from '../names.ts';
import type { Ports } from '../ports.ts';
import type { Counts } from '../schemas/common.ts';
import type { FailedShard, ShardOutcome } from '../schemas/workflow.ts';
import { publishProgress } from '../events/publish.ts';
import { unreported } from '../tasks/progress.ts';
import { changeTask, loadTask } from '../tasks/taskStore.ts';
import { endedOutcome, loadShard, shardIdentity } from './lease.ts';

/**
 * Marks the shard failed: every document of its rows counts as failed. A shard that has ended
 * otherwise meanwhile stays as it is. The cause is kept by its name only, because a message of a
 * library might quote a row.
 */
export async function recordShardFailure(
  ports: Pick<Ports, 'table' | 'connections' | 'clock' | 'log' | 'metrics'>,
  input: FailedShard,
): Promise<ShardOutcome> {
  const task = await loadTask(ports, input.taskId);
  const before = await loadShard(ports, input.taskId, input.shard);
  const counts: Counts = {
    succeeded: 0,
    failed: input.rowCount * task.templates.length,
    skipped: 0,
  };
  const attempts = before?.attempt ?? 0;
  const message = `The shard failed ${attempts} ${attempts === 1 ? 'time' : 'times'}; at last with ${input.error.Error}.`;
  const failed = await ports.table.update(
    tableKeys.shard(input.taskId, input.shard),
    {
      set: {
        ...shardIdentity(input, task),
        status: 'failed',
        attempt: Math.max(1, attempts),
        leaseUntil: 0,
        counts,
        reported: counts,
        error: { code: 'SHARD_FAILED', message },
      },
    },
    { any: [{ absent: 'pk' }, { attribute: 'status', is: '=', value: 'working' }] },
  );
  if (!failed) {
    const ended = await loadShard(ports, input.taskId, input.shard);
    const outcome = ended && endedOutcome(ended);
    if (outcome) return outcome;
  }
  ports.log.error('A shard failed for good.', {
    taskId: input.taskId,
    shard: input.shard,
    error: input.error.Error,
  });
  ports.metrics.count(METRICS.shardsFailed, 1);
  const delta = unreported(before?.reported ?? { succeeded: 0, failed: 0, skipped: 0 }, counts);
  const changed = await changeTask(ports, input.taskId, {
    add: { ...delta },
    ...(task.options.onError === 'stop' ? { set: { stopReason: 'error' } } : {}),
  });
  if (changed) await publishProgress(ports, changed);
  return { shard: input.shard, status: 'failed', ...counts };
}
