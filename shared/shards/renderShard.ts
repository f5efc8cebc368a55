/**
 * Rendering one shard: its rows in, one segment out. The hot path of everything.
 *
 * A bad row is a value: it becomes a line of the reports. What is thrown is a broken world, and then
 * the whole attempt is repeated by the workflow.
 */
import { createSegmentWriter, type SegmentWriter } from '../archive/segmentWriter.ts';
import { createSideWork, giveTurn } from '../boundedWork.ts';
import { isBlankRow, readRows } from '../dataSources/rows.ts';
import { objectKeys } from '../keys.ts';
import {
  FAILURE_PATIENCE_MS,
  FLUSH_INTERVAL_MS,
  LEASE_MS,
  SHARD_RESERVE_MS,
  TASK_WRITES_PER_SECOND,
} from '../limits.ts';
import { METRICS, WORKFLOW_ERRORS } from '../names.ts';
import type { Ports } from '../ports.ts';
import { WorkflowError } from '../problems.ts';
import { compileNames } from '../rendering/documentNames.ts';
import type { CompiledTemplate, RenderOptions } from '../rendering/renderer.ts';
import type { Counts, Row, RowFailure } from '../schemas/common.ts';
import type { ShardItem, TaskItem } from '../schemas/items.ts';
import type { ShardOutcome, ShardRef } from '../schemas/workflow.ts';
import { FAILURES_PER_PUSH, publishProgress, type FailedDocument } from '../events/publish.ts';
import { unreported } from '../tasks/progress.ts';
import { changeTask, loadTask } from '../tasks/taskStore.ts';
import { publishSegment, releaseShard, renewLease, takeShard } from './lease.ts';
import { compiledTemplate } from './templateCache.ts';

type RenderPorts = Pick<Ports, 'table' | 'objects' | 'connections' | 'clock' | 'log' | 'metrics'>;

/** What limits an attempt from outside. */
export interface AttemptLimits {
  /** Milliseconds until the function is ended. */
  remainingMs(): number;
}

/**
 * The time between two flushes of one shard, in ms: with every worker of the task flushing this
 * often, the task's item takes at most TASK_WRITES_PER_SECOND.
 */
export const flushInterval = (concurrency: number) =>
  Math.max(FLUSH_INTERVAL_MS, Math.ceil((1000 * concurrency) / TASK_WRITES_PER_SECOND));

/**
 * Rows that have arrived are rendered without waiting, hundreds of them one after the other: this
 * often, in ms, reports and parts that are on their way get a turn.
 */
const TURN_MS = 20;
/**
 * A flush that is this late, in ms, is waited for. One takes some ten turns, and a turn comes after a
 * document at the soonest: beside slow documents the lease would end before it is renewed.
 */
const OVERDUE_MS = LEASE_MS / 4;

/** The state of an attempt while it works. */
interface Attempt {
  readonly task: TaskItem;
  shard: ShardItem;
  readonly counts: Counts;
  /** Failed documents that subscribers have not been told of: the newest few. */
  untold: FailedDocument[];
  stopped: boolean;
}

/** Fills every template with one row. */
function rowRenderer(
  task: TaskItem,
  templates: readonly CompiledTemplate[],
  writer: SegmentWriter,
  attempt: Attempt,
) {
  const names = compileNames(task.fileName, templates.length);
  const options: RenderOptions = {
    missingValue: task.options.missingValue,
    timeoutMs: task.options.documentTimeoutSeconds * 1000,
  };
  const { counts } = attempt;

  const fail = (row: number, template: string, failure: RowFailure) => {
    writer.failure({ row, template, failure });
    counts.failed++;
    if (attempt.untold.length < FAILURES_PER_PUSH) attempt.untold.push({ row, template, failure });
  };

  return (row: number, values: Row) => {
    const blank = isBlankRow(values);
    const taken = new Set<string>();
    for (const [i, compiled] of templates.entries()) {
      const template = task.templates[i]?.label ?? '';
      if (blank) {
        writer.skipped({ row, template });
        counts.skipped++;
        continue;
      }
      const named = names.name({ row, template, values, taken });
      if (!named.ok) {
        fail(row, template, named.failure);
        continue;
      }
      const { name } = named;
      const rendered = compiled.render(values, options, (bytes) => writer.room(name, bytes));
      if (rendered.ok) {
        writer.document({ row, template, name, bytes: rendered.document, head: rendered.head });
        counts.succeeded++;
      } else {
        fail(row, template, rendered.failure);
      }
    }
  };
}

/**
 * Flushes the progress: renews the lease, adds what is new to the task's counters, and learns in the
 * same write whether the task is to stop.
 */
async function report(ports: RenderPorts, attempt: Attempt, patienceMs = 0): Promise<void> {
  const { reported } = attempt.shard;
  const delta = unreported(reported, attempt.counts);
  const stop = attempt.task.options.onError === 'stop' && attempt.counts.failed > 0;
  attempt.shard = await renewLease(ports, attempt.shard, {
    succeeded: reported.succeeded + delta.succeeded,
    failed: reported.failed + delta.failed,
    skipped: reported.skipped + delta.skipped,
  });
  const task = await changeTask(ports, attempt.task.taskId, {
    add: { ...delta },
    ...(stop ? { set: { stopReason: 'error' } } : {}),
  });
  if (!task) return;
  attempt.stopped ||= task.stopReason !== undefined;
  const telling = attempt.untold;
  attempt.untold = [];
  if (await publishProgress(ports, task, telling, patienceMs)) return;
  attempt.untold = [...telling, ...attempt.untold].slice(0, FAILURES_PER_PUSH);
}

async function renderRows(
  ports: RenderPorts,
  ref: ShardRef,
  attempt: Attempt,
  writer: SegmentWriter,
  limits: AttemptLimits,
): Promise<void> {
  const { task } = attempt;
  const templates = await Promise.all(
    task.templates.map((template) => compiledTemplate(ports, template)),
  );
  const renderRow = rowRenderer(task, templates, writer, attempt);
  const interval = flushInterval(task.options.concurrency);
  const stopAtFailure = task.options.onError === 'stop';
  let flushedAt = ports.clock.now();
  let turnedAt = flushedAt;
  /** Rendering goes on while a report is written. */
  const reporting = createSideWork(1);

  try {
    for await (const rows of readRows(ports, task.rowsKey, ref)) {
      for (const { row, values } of rows) {
        renderRow(row, values);
        if (writer.full) await writer.flush();
        if (ports.clock.now() - turnedAt >= TURN_MS) {
          await giveTurn();
          turnedAt = ports.clock.now();
        }
        if (attempt.stopped) return;
        const stops = stopAtFailure && attempt.counts.failed > 0;
        const late = ports.clock.now() - flushedAt - interval;
        const overdue = late >= OVERDUE_MS;
        const due = late >= 0 && (reporting.free || overdue);
        if (!due && !stops) continue;
        if (limits.remainingMs() < SHARD_RESERVE_MS) {
          throw new WorkflowError(
            WORKFLOW_ERRORS.retriesExhausted,
            `Shard ${ref.shard} needs longer than its function may run.`,
          );
        }
        await reporting.begin(() => report(ports, attempt));
        if (stops) return;
        if (overdue) await reporting.settle();
        flushedAt = ports.clock.now();
      }
    }
  } finally {
    await reporting.settle();
  }
}

/**
 * Renders the shard, or answers at once when it has ended already.
 * @throws WorkflowError ShardBusy, LeaseLost, RetriesExhausted, ServiceUnavailable
 */
export async function renderShard(
  ports: RenderPorts,
  ref: ShardRef,
  limits: AttemptLimits,
): Promise<ShardOutcome> {
  const task = await loadTask(ports, ref.taskId);
  const nothing: Counts = { succeeded: 0, failed: 0, skipped: 0 };
  if (task.stopReason !== undefined) return { shard: ref.shard, status: 'stopped', ...nothing };

  const shard = await takeShard(ports, ref, task);
  if (!('attempt' in shard)) return shard;

  const key = objectKeys.segment(ref.taskId, ref.shard, shard.attempt);
  const writer = createSegmentWriter(ports, key);
  const attempt: Attempt = { task, shard, counts: nothing, untold: [], stopped: false };
  try {
    await renderRows(ports, ref, attempt, writer, limits);
    const segment = await writer.finish();
    // Before the segment is published, because only a shard that is worked on can be reported.
    await report(ports, attempt, attempt.untold.length > 0 ? FAILURE_PATIENCE_MS : 0);
    const status = attempt.stopped ? 'stopped' : 'done';
    const ended = await publishSegment(ports, attempt.shard, {
      status,
      counts: attempt.counts,
      segment,
    });
    ports.metrics.count(METRICS.documentsRendered, attempt.counts.succeeded);
    ports.metrics.count(METRICS.documentsFailed, attempt.counts.failed);
    ports.metrics.count(METRICS.shardsRendered, 1);
    return { shard: ended.shard, status, ...attempt.counts };
  } catch (error) {
    // Whatever becomes of cleaning up: the next attempt may begin, and this one's failure is told.
    await Promise.allSettled([writer.abort(), releaseShard(ports, attempt.shard)]);
    throw error;
  }
}
