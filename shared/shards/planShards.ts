/** Cutting a task into shards. */
import { cutRows, readIndex } from '../dataSources/rows.ts';
import { mapResultsPrefix, objectKeys } from '../keys.ts';
import { MAX_SHARDS, SHARD_DOCUMENTS, SHARD_MIN_DOCUMENTS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { Plan, ShardRef, TaskRun } from '../schemas/workflow.ts';
import { publishStart } from '../stream/publish.ts';
import { changeTask, inStatus, loadTask } from '../tasks/taskStore.ts';

/**
 * How many rows a shard of this task gets: enough to be worth its calls, few enough for every worker
 * to have some, never so few that there would be more than MAX_SHARDS.
 */
export function rowsPerShard(task: {
  rowCount: number;
  templates: number;
  concurrency: number;
}): number {
  const most = Math.max(1, Math.floor(SHARD_DOCUMENTS / task.templates));
  const least = Math.max(1, Math.ceil(SHARD_MIN_DOCUMENTS / task.templates));
  const share = Math.ceil(task.rowCount / task.concurrency);
  const wanted = Math.min(most, Math.max(least, share));
  return Math.max(wanted, Math.ceil(task.rowCount / MAX_SHARDS));
}

/** A sequential task is rendered one shard at a time, in order. */
const concurrencyOf = (task: TaskItem) =>
  task.mode === 'sequential' ? 1 : task.options.concurrency;

/**
 * Cuts the rows into shards and writes the manifest that the map reads. The same task gives the same
 * manifest, so a repeat overwrites it with itself.
 */
export async function planShards(
  ports: Pick<Ports, 'table' | 'objects' | 'connections' | 'clock' | 'log'>,
  { taskId, run }: TaskRun,
): Promise<Plan> {
  const task = await loadTask(ports, taskId);
  const index = await readIndex(ports, task.indexKey);
  const rows = rowsPerShard({
    rowCount: task.rowCount,
    templates: task.templates.length,
    concurrency: task.options.concurrency,
  });
  // A task that was cancelled before it was planned has nothing to render.
  const ranges = task.stopReason === undefined ? cutRows(index, rows) : [];
  const manifest: ShardRef[] = ranges.map((range, shard) => ({ taskId, run, shard, ...range }));
  const manifestKey = objectKeys.manifest(taskId, run);
  await ports.objects.put(manifestKey, Buffer.from(JSON.stringify(manifest)), {
    contentType: 'application/json',
  });

  const planned = await changeTask(
    ports,
    taskId,
    { set: { stage: 'rendering', shardCount: manifest.length, pushedAt: ports.clock.now() } },
    inStatus(['running', 'cancelling']),
  );
  if (planned?.status === 'running') await publishStart(ports, planned);
  return {
    taskId,
    run,
    manifestKey,
    resultsPrefix: mapResultsPrefix(taskId),
    concurrency: concurrencyOf(task),
    shards: manifest.length,
  };
}
