/** Cutting a task into shards. */
import { cutRows, readIndex } from '../dataSources/rows.ts';
import { mapResultsPrefix, objectKeys } from '../keys.ts';
import { WORKFLOW_ERRORS } from '../names.ts';
import type { Ports } from '../ports.ts';
import { WorkflowError } from '../problems.ts';
import type { TaskItem } from '../schemas/items.ts';
import { ShardRefSchema, type Plan, type ShardRef, type TaskRun } from '../schemas/workflow.ts';
import { publishStart } from '../events/publish.ts';
import { changeTask, inStatus, loadTask } from '../tasks/taskStore.ts';
import * as z from 'zod';
import { measureRowCost } from './sample.ts';
import {
  costOf,
  rowsPerShard,
  shardsAtOnce,
  shardSeconds,
  tooMuchWork,
  workersOf,
  type RowCost,
} from './shardSize.ts';

type PlanPorts = Pick<Ports, 'table' | 'objects' | 'connections' | 'clock' | 'log'>;

const ManifestSchema = z.array(ShardRefSchema);

/** A sequential task is rendered one shard at a time, in order. */
const concurrencyOf = ({ mode, options }: TaskItem, shard: RowCost) =>
  mode === 'sequential' ? 1 : shardsAtOnce(options.concurrency, shard);

/** The shards of a task, in the order of its rows, and the cost they were cut by. */
async function cutTask(ports: PlanPorts, task: TaskItem, run: number) {
  // A task that was cancelled before it was planned has nothing to render.
  if (task.stopReason !== undefined) return { shards: [], cost: { ms: 0, bytes: 0 } };
  const index = await readIndex(ports, task.indexKey);
  const cost = await measureRowCost(ports, task, index);
  const { rowCount } = task;
  const workers = workersOf(task.options.concurrency, costOf(rowCount, cost));
  const rows = rowsPerShard({ rowCount, concurrency: workers }, cost);
  const shards = cutRows(index, rows).map((range, shard): ShardRef => ({
    taskId: task.taskId,
    run,
    shard,
    ...range,
  }));
  refuseTooMuch(task, shards, cost.ms);
  return { shards, cost };
}

/** Now, rather than after hours of shards that run out of time one by one. */
function refuseTooMuch({ rowCount }: TaskItem, shards: readonly ShardRef[], rowMs: number) {
  const largestShard = shards.reduce((most, shard) => Math.max(most, shard.rowCount), 0);
  const refused = tooMuchWork({ rowCount, largestShard }, rowMs);
  if (!refused) return;
  const count = (n: number) => n.toLocaleString('en-US');
  throw new WorkflowError(
    WORKFLOW_ERRORS.tooMuchWork,
    `A row takes about ${count(Number(rowMs.toPrecision(2)))} ms, as a sample of them shows. A task of such rows can have ${count(refused.mostRows)} of them; this one has ${count(rowCount)}. Split the data source over ${count(refused.tasks)} tasks.`,
  );
}

/**
 * Cuts the rows into shards and writes the manifest that the map reads. The cut depends on what was
 * measured, so the first manifest of a run stands: whoever repeats this step takes that one.
 * @throws WorkflowError TooMuchWork when shards would outlast their function
 */
export async function planShards(ports: PlanPorts, { taskId, run }: TaskRun): Promise<Plan> {
  const task = await loadTask(ports, taskId);
  const manifestKey = objectKeys.manifest(taskId, run);
  const { shards, cost } = await cutTask(ports, task, run);
  const manifest = Buffer.from(JSON.stringify(shards));
  const first = await ports.objects.put(manifestKey, manifest, {
    contentType: 'application/json',
    ifAbsent: true,
  });
  const planned = first ? shards : await readManifest(ports, manifestKey);

  const shard = costOf(task.rowCount / Math.max(1, planned.length), cost);
  const concurrency = concurrencyOf(task, shard);
  const begun = await changeTask(
    ports,
    taskId,
    { set: { stage: 'rendering', shardCount: planned.length, pushedAt: ports.clock.now() } },
    inStatus(['running', 'cancelling']),
  );
  if (begun?.status === 'running') {
    const workers = Math.min(concurrency, planned.length);
    const seconds = workers > 0 ? (shardSeconds(shard) * planned.length) / workers : 0;
    await publishStart(ports, begun, seconds);
  }
  return {
    taskId,
    run,
    manifestKey,
    resultsPrefix: mapResultsPrefix(taskId),
    concurrency,
    shards: planned.length,
  };
}

async function readManifest({ objects }: Pick<Ports, 'objects'>, key: string) {
  const bytes = await objects.read(key);
  return ManifestSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}
