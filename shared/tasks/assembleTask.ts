/** The step that joins the segments of a task to its archive. */
import { assembleArchive, type ShardContribution } from '../archive/assembleArchive.ts';
import { objectKeys } from '../keys.ts';
import { METRICS } from '../names.ts';
import type { Ports } from '../ports.ts';
import type { ShardItem, TaskItem } from '../schemas/items.ts';
import type { TaskRun } from '../schemas/workflow.ts';
import { publishProgress } from '../events/publish.ts';
import { nextStatus } from './lifeCycle.ts';
import { failureOfShard } from './shardFailure.ts';
import { changeTask, inStatus, loadTask, shardsOf } from './taskStore.ts';

/** Characters that a file name cannot have somewhere, and control characters. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f<>:"/\\|?*]+/g;

/** The archive's name for people who download it. */
const archiveFileName = (task: TaskItem) =>
  `${
    task.name
      .normalize('NFC')
      .replace(UNSAFE, '-')
      .replace(/^[.\s-]+|[.\s-]+$/g, '') || 'documents'
  }.zip`;

function contributionOf(task: TaskItem, shard: ShardItem): ShardContribution | undefined {
  if (shard.segment) return { kind: 'segment', segment: shard.segment };
  if (shard.status !== 'failed') return undefined;
  return {
    kind: 'failed',
    firstRow: shard.firstRow,
    rowCount: shard.rowCount,
    templates: task.templates.map((template) => template.label),
    failure: failureOfShard(shard),
  };
}

/** The task in its assembling stage; undefined when it has ended. A cancelling task stays cancelling. */
async function enterAssembling(
  ports: Pick<Ports, 'table'>,
  taskId: string,
): Promise<TaskItem | undefined> {
  for (;;) {
    const before = await loadTask(ports, taskId);
    const status = nextStatus(before.status, 'assemble');
    if (!status) return undefined;
    const change = { set: { status, stage: 'assembling' } };
    const task = await changeTask(ports, taskId, change, inStatus([before.status]));
    if (task) return task;
  }
}

/**
 * Assembles the archive from what every ended shard wrote, and records it. A cancelled task gets the
 * archive of what it made; one that made nothing gets none. The same shards give the same bytes, so a
 * repeat overwrites the archive with itself.
 */
export async function assembleTask(
  ports: Pick<Ports, 'table' | 'objects' | 'connections' | 'clock' | 'log' | 'metrics'>,
  { taskId }: TaskRun,
): Promise<void> {
  const task = await enterAssembling(ports, taskId);
  if (!task) return;
  await publishProgress(ports, task);

  const contributions: ShardContribution[] = [];
  for await (const shard of shardsOf(ports, taskId)) {
    const contribution = contributionOf(task, shard);
    if (contribution) contributions.push(contribution);
  }
  if (contributions.length === 0) return;

  const archive = await assembleArchive(ports, {
    archiveKey: objectKeys.archive(taskId),
    failuresKey: objectKeys.failures(taskId),
    contributions,
  });
  ports.metrics.count(METRICS.archiveBytes, archive.bytes);
  await changeTask(ports, taskId, {
    set: {
      archive: {
        bytes: archive.bytes,
        documents: archive.documents,
        fileName: archiveFileName(task),
      },
    },
  });
}
