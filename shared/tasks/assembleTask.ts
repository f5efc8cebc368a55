/** The step that ends a round: it joins the segments of a task to its archive when nothing is left. */
import { assembleArchive, type ShardContribution } from '../archive/assembleArchive.ts';
import { FAILURES_HEADER } from '../archive/reports.ts';
import { runLanes, sideBySide } from '../boundedWork.ts';
import { objectKeys } from '../keys.ts';
import { MERGE_MS, READS_AT_ONCE, SHORT_MERGE_MS } from '../limits.ts';
import { METRICS } from '../names.ts';
import type { Ports } from '../ports.ts';
import type { Counts } from '../schemas/common.ts';
import type { ShardItem, TaskItem } from '../schemas/items.ts';
import type { Assembled, EndedRound, TaskRun } from '../schemas/workflow.ts';
import { reusedIn, sumAtWork } from '../shards/coverage.ts';
import { endAbandoned } from '../shards/lease.ts';
import { mergeRetries } from '../shards/mergeRetries.ts';
import { failureOfShard } from '../shards/shardFailure.ts';
import { publishProgress, type PublishPorts } from '../events/publish.ts';
import { haltTask, isToHalt } from './haltTask.ts';
import { nextStatus } from './lifeCycle.ts';
import { tried } from './progress.ts';
import { fileNameOf } from './taskFileName.ts';
import { changeRun, inStatus, loadRetriedShards, loadShards, taskStore } from './taskStore.ts';
import { labelsOf } from './parts.ts';

function contributionOf(task: TaskItem, shard: ShardItem): ShardContribution {
  const { segments, reached, rowCount, firstRow } = shard;
  if (shard.status !== 'failed') return { segments };
  return {
    segments,
    lost: {
      firstRow: firstRow + reached.rows,
      rowCount: rowCount - reached.rows,
      madeOfFirst: reached.parts,
      templates: labelsOf(task),
      failure: failureOfShard(shard),
    },
  };
}

/** An earlier run's report of failures that are none any more: none is left in it. */
async function forgetFailures({ objects }: Pick<Ports, 'objects'>, taskId: string): Promise<void> {
  const key = objectKeys.failures(taskId);
  if (!(await objects.head(key))) return;
  await objects.put(key, Buffer.from(FAILURES_HEADER), { contentType: 'text/csv; charset=utf-8' });
}

/**
 * The task in its assembling stage; undefined when it has ended or waits, and for a step of an older run.
 * @param counts what the shards recorded, and what of it was taken over
 */
async function enterAssembling(
  ports: PublishPorts,
  run: TaskRun,
  seen: TaskItem,
  counts: Counts & Pick<TaskItem, 'reused'>,
): Promise<TaskItem | undefined> {
  for (
    let before: TaskItem | undefined = seen;
    ;
    before = await taskStore.find(ports, run.taskId)
  ) {
    if (before?.run !== run.run) return undefined;
    if (isToHalt(before)) {
      if (await haltTask(ports, before, counts)) return undefined;
      continue;
    }
    const status = nextStatus(before.status, 'assemble');
    if (!status) return undefined;
    const change = { set: { status, stage: 'assembling' } };
    const task = await changeRun(ports, run, change, inStatus([before.status]));
    if (task) return task;
  }
}

/** Whether the run is to go on: rows are left, and the round that ended had work to do. */
function isLeft(task: TaskItem, counts: Counts, ended: EndedRound): boolean {
  if (task.stopReason !== undefined || task.run !== ended.run || ended.shards === 0) return false;
  return tried(counts) < task.totalDocuments;
}

/** Nobody works on shards any more in a run that assembles. */
const endAll = (ports: Pick<Ports, 'table' | 'clock'>, shards: readonly ShardItem[]) =>
  runLanes([
    { atOnce: READS_AT_ONCE, work: shards.map((shard) => () => endAbandoned(ports, shard)) },
  ]);

/**
 * Looks at what the shards of a round left. Is there anything, the run goes on with another round.
 * Otherwise the archive is assembled from what every shard wrote, and recorded. A cancelled task gets the
 * archive of what it made; one that made nothing gets none. One that was paused waits. The same shards give the same bytes, so a
 * repeat overwrites the archive with itself.
 */
export async function assembleTask(
  ports: PublishPorts & Pick<Ports, 'objects' | 'metrics'>,
  ended: EndedRound,
): Promise<Assembled> {
  const { taskId, run, round } = ended;
  const answer = (left: boolean): Assembled => ({ taskId, run, round: round + 1, left });
  const [before, own] = await Promise.all([
    taskStore.find(ports, taskId),
    loadShards(ports, taskId),
  ]);
  if (!before) return answer(false);
  // Whatever was called, or not: the next plan sees what is left, and makes documents of it.
  if (ended.stage === 'call') return answer(before.run === run);
  const retried = await loadRetriedShards(ports, before);
  const counts = sumAtWork([...own, ...retried], before);
  if (isLeft(before, counts, ended)) return answer(true);
  if (before.run !== run) return answer(false);
  // Where rows are left a worker that was frozen could publish behind what is read here.
  if (tried(counts) < before.totalDocuments && before.closedRun !== run) {
    const closed = await changeRun(ports, ended, { set: { closedRun: run } });
    return closed ? assembleTask(ports, ended) : answer(false);
  }
  const abandoned = [...own, ...retried].filter(({ status }) => status === 'working');
  if (abandoned.length > 0) {
    await endAll(ports, abandoned);
    return assembleTask(ports, ended);
  }
  const begunAt = ports.clock.monotonicMs();
  const shards = await mergeRetries(ports, before, own, retried, run, MERGE_MS);
  if (!shards) return answer(true);
  if (before.retries) await changeRun(ports, ended, { set: { mergedRun: run } });
  const isNew = before.retries !== undefined && before.mergedRun !== run;
  if (isNew && ports.clock.monotonicMs() - begunAt > SHORT_MERGE_MS) return answer(true);

  const reused = before.baseTaskId === undefined ? {} : { reused: reusedIn(shards) };
  const task = await enterAssembling(ports, ended, before, { ...counts, ...reused });
  if (!task) return answer(false);
  // The archive of an earlier run tells what is not so any more, also where there is nothing to tell instead.
  const isWanted = shards.length > 0 || before.archive !== undefined;
  const assemble = async () =>
    !isWanted
      ? undefined
      : assembleArchive(ports, {
          archiveKey: objectKeys.archive(taskId),
          failuresKey: objectKeys.failures(taskId),
          contributions: shards.map((shard) => contributionOf(task, shard)),
        });
  // The archive does not wait for those who are told of what was before it.
  const [archive] = await sideBySide(assemble, () => publishProgress(ports, task));
  if (!archive) return answer(false);
  if (archive.failures === 0 && run > 1) await forgetFailures(ports, taskId);
  ports.metrics.count(METRICS.archiveBytes, archive.bytes);
  await changeRun(ports, ended, {
    set: {
      archive: {
        bytes: archive.bytes,
        documents: archive.documents,
        fileName: `${fileNameOf(task, 'documents')}.zip`,
      },
    },
  });
  return answer(false);
}
