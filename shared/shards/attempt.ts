/**
 * One attempt at a shard, whatever is done with its rows (work.ts): the lease, reports, checkpoints,
 * being told to stop, running out of time, and the end. What breaks is thrown, and the workflow
 * repeats the attempt from the last checkpoint.
 */
import { createSideWork, giveTurn } from '../boundedWork.ts';
import type { RowBatch } from '../dataSources/rows.ts';
import { objectKeys } from '../keys.ts';
import {
  CHECKPOINT_MS,
  FAILURE_PATIENCE_MS,
  FLUSH_INTERVAL_MS,
  LEASE_MS,
  LONG_PART_MS,
  SHARD_RESERVE_MS,
  TASK_WRITES_PER_SECOND,
} from '../limits.ts';
import { METRICS } from '../names.ts';
import { ObjectMissing, type Ports } from '../ports.ts';
import type { Counts } from '../schemas/common.ts';
import type { KeptDocuments, Reached, ShardItem, TaskItem } from '../schemas/items.ts';
import type { ShardOutcome, ShardRef } from '../schemas/workflow.ts';
import type { ListenerPorts } from '../events/listener.ts';
import { FAILURES_PER_PUSH, publishProgress, type FailedDocument } from '../events/publish.ts';
import { createTurnWatch, type TurnWatch } from '../events/turn.ts';
import { unreported } from '../tasks/progress.ts';
import { AT_WORK } from '../tasks/lifeCycle.ts';
import { changeRun, inStatus, isOpen, shardOfRow, taskStore } from '../tasks/taskStore.ts';
import { restOf, withKept } from './coverage.ts';
import {
  outcomeOf,
  overtaken,
  publishCheckpoint,
  releaseShard,
  renewLease,
  takeShard,
  untouched,
} from './lease.ts';
import { readAnsweredRows, type ShardRow } from './shardRows.ts';
import {
  WorkOtherwise,
  type PartOutcome,
  type PrepareWork,
  type Work,
  type WorkSession,
} from './work.ts';

export type AttemptPorts = ListenerPorts & Pick<Ports, 'objects' | 'metrics'>;

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
 * Rows that have arrived are worked on without waiting, hundreds of them one after the other: this
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
  /** Of the shard so far, over all attempts. */
  readonly counts: Counts;
  readonly superseded: Counts;
  kept: KeptDocuments;
  /** A document failed in this attempt: in an older run of the shard some may have, too. */
  failed: boolean;
  /** Failed documents that subscribers have not been told of: the newest few. */
  untold: FailedDocument[];
  /** The first row of the shard of which a document failed. */
  firstFailedRow: number | undefined;
  /** Whose turn it is to tell of the task, as its reports see it. */
  readonly turns: TurnWatch;
  /** It was told to end at the next part. */
  stopped: boolean;
}

/**
 * Flushes the progress: renews the lease, adds what is new to the task's counters, and learns in the
 * same write whether the task is to stop.
 * @throws WorkflowError LeaseLost
 */
async function report(ports: AttemptPorts, attempt: Attempt, patienceMs = 0): Promise<void> {
  const { firstRow, attempt: number, reported } = attempt.shard;
  const delta = unreported(reported, attempt.counts);
  attempt.shard = await renewLease(ports, attempt.shard, {
    succeeded: reported.succeeded + delta.succeeded,
    failed: reported.failed + delta.failed,
    skipped: reported.skipped + delta.skipped,
  });
  const { taskId, run, options } = attempt.task;
  const stops = options.onError === 'stop' && attempt.failed;
  const task = await changeRun(
    ports,
    { taskId, run },
    { add: { ...delta }, ...(stops ? { set: { stopReason: 'error' } } : {}) },
    // A worker that was frozen must not count for a task that waits, or whose archive is joined.
    { all: [inStatus(AT_WORK), isOpen({ run })] },
  );
  if (!task) throw overtaken(firstRow, number);
  attempt.stopped ||= task.stopReason !== undefined;
  const telling = attempt.untold;
  attempt.untold = [];
  if (await publishProgress(ports, task, telling, { patienceMs, watch: attempt.turns })) return;
  attempt.untold = [...telling, ...attempt.untold].slice(0, FAILURES_PER_PUSH);
}

/**
 * Counts a part; false for one that another attempt is to try again. A document that was made before stays
 * when it cannot be made anew.
 */
function count(
  attempt: Attempt,
  { row, before }: ShardRow,
  part: number,
  outcome: PartOutcome,
): boolean {
  const { status } = outcome;
  if (status === 'unfinished') return false;
  const was = before?.[part] ?? undefined;
  if (was) attempt.superseded[was]++;
  if (was === 'succeeded' && status !== 'succeeded') {
    attempt.counts.succeeded++;
    attempt.kept = withKept(attempt.kept, row);
    return true;
  }
  attempt.counts[status]++;
  if (status !== 'failed') return true;
  attempt.failed = true;
  const { label, failure } = outcome;
  attempt.firstFailedRow ??= row;
  if (attempt.untold.length < FAILURES_PER_PUSH) {
    attempt.untold.push({ row, template: label, failure });
  }
  if (attempt.task.options.onError === 'stop') attempt.stopped = true;
  return true;
}

/** The time that an attempt has, and what is due when, by a clock that nobody sets. */
function timesOf(ports: AttemptPorts, ref: ShardRef, task: TaskItem, limits: AttemptLimits) {
  const now = () => ports.clock.monotonicMs();
  const startedAt = now();
  const endsAt = startedAt + limits.remainingMs() - SHARD_RESERVE_MS;
  const budgetEndsAt = startedAt + (ref.budgetMs ?? Infinity);
  const interval = flushInterval(task.options.concurrency);
  return { now, startedAt, endsAt, budgetEndsAt, interval };
}

/** Where the work on a shard is: counted up part by part, told in bytes when a checkpoint asks. */
function createCursor(from: Reached, partsOfRow: number) {
  let { rows, parts } = from;
  let batch: RowBatch<unknown> | undefined;
  let index = 0;
  let doneBatch: RowBatch<unknown> | undefined;
  let doneIndex = 0;
  return {
    /** The next part is one of this row. */
    enter(of: RowBatch<unknown>, i: number) {
      batch = of;
      index = i;
    },
    /** The part that is next, from 0. */
    get part() {
      return parts;
    },
    advance() {
      if (++parts < partsOfRow) return;
      rows++;
      parts = 0;
      doneBatch = batch;
      doneIndex = index;
    },
    reached(): Reached {
      const bytes = from.bytes + (doneBatch?.endOf(doneIndex) ?? 0);
      if (parts === 0) return { rows, parts, bytes, begunBytes: bytes };
      const begunBytes = batch ? from.bytes + batch.endOf(index) : from.begunBytes;
      return { rows, parts, bytes, begunBytes };
    },
  };
}

/** Works on what is left of the shard until its end, or until it has to stop. */
async function workThrough(
  ports: AttemptPorts,
  ref: ShardRef,
  attempt: Attempt,
  work: Work,
  limits: AttemptLimits,
): Promise<void> {
  const { task } = attempt;
  const times = timesOf(ports, ref, task, limits);
  const cursor = createCursor(attempt.shard.reached, work.parts);
  /** The work goes on while a report is written. */
  const reporting = createSideWork(1);
  let session: WorkSession | undefined;
  let made = 0;
  let flushedAt = times.startedAt;
  let turnedAt = times.startedAt;
  /** Since the checkpoint before. */
  let workedFrom = times.startedAt;

  function open(): Promise<WorkSession> {
    const { taskId, layer, firstRow, attempt: number, segments } = attempt.shard;
    const key = objectKeys.segment(taskId, firstRow, number, segments.length, layer);
    return work.open(key, segments.at(-1));
  }

  /** Publishes what was done since the checkpoint before. */
  async function checkpoint(status: ShardItem['status'], patienceMs = 0): Promise<void> {
    await reporting.settle();
    const segment = await session?.finish();
    session = undefined;
    // Before it is published, because only a shard that is worked on can be reported.
    await report(ports, attempt, patienceMs);
    const { segments, workMs, counts } = attempt.shard;
    const now = times.now();
    attempt.shard = await publishCheckpoint(ports, attempt.shard, {
      status,
      reached: cursor.reached(),
      counts: { ...attempt.counts },
      superseded: { ...attempt.superseded },
      kept: attempt.kept,
      segments: segment ? [...segments, segment] : segments,
      workMs: workMs + (now - workedFrom),
      ...(attempt.firstFailedRow !== undefined && { firstFailedRow: attempt.firstFailedRow }),
    });
    countMade(ports, counts, attempt.counts);
    workedFrom = now;
    flushedAt = now;
  }

  /** How long the next part may take, in ms; undefined when it is better left to another attempt. */
  function timeForPart(now: number): number | undefined {
    const left = times.endsAt - now;
    // One part is tried in any case, so that the shard comes on.
    if (made === 0) return Math.max(1, Math.min(work.partMs, left));
    const outOfTime = now >= times.budgetEndsAt || left < Math.min(work.partMs, LONG_PART_MS);
    return outOfTime ? undefined : Math.min(work.partMs, left);
  }

  /** Between two parts: what is buffered is sent, reports and what is under way get a turn. */
  async function between(now: number): Promise<void> {
    if (session?.full) await session.flush();
    if (now - turnedAt < TURN_MS) return;
    turnedAt = now;
    await giveTurn();
    if (now - workedFrom >= CHECKPOINT_MS) return checkpoint('working');
    const late = now - flushedAt - times.interval;
    const overdue = late >= OVERDUE_MS;
    if (late < 0 || !(reporting.free || overdue)) return;
    await reporting.begin(() => report(ports, attempt));
    if (overdue) await reporting.settle();
    flushedAt = times.now();
  }

  /** Row by row, part by part, until the last or until the attempt has to stop. */
  async function workOnRows(): Promise<void> {
    const range = restOf(attempt.shard);
    if (!range) return;
    let now = times.startedAt;
    for await (const batch of readAnsweredRows(ports, task, ref.layer, range)) {
      for (const [i, row] of batch.rows.entries()) {
        cursor.enter(batch, i);
        /** Who was told of this row: a checkpoint within it begins another session. */
        let told: WorkSession | undefined;
        do {
          const timeMs = timeForPart(now);
          if (timeMs === undefined || attempt.stopped) return;
          const present = (session ??= await open());
          if (present !== told) present.row(row, cursor.part);
          told = present;
          const part = present.part(timeMs);
          const outcome = part instanceof Promise ? await part : part;
          now = times.now();
          if (!count(attempt, row, cursor.part, outcome)) return;
          cursor.advance();
          made++;
          if (present.full || now - turnedAt >= TURN_MS) await between(now);
        } while (cursor.part > 0);
      }
    }
  }

  try {
    await workOnRows();
    const patienceMs = attempt.untold.length > 0 ? FAILURE_PATIENCE_MS : 0;
    const ended = restOf({ ...attempt.shard, reached: cursor.reached() }) === undefined;
    await checkpoint(ended ? 'done' : 'stopped', patienceMs);
    if (ended) ports.metrics.count(METRICS.shardsRendered, 1);
  } catch (error) {
    // Whatever becomes of cleaning up: the next attempt may begin, and this one's failure is told.
    await Promise.allSettled([reporting.settle(), session?.abort()]);
    throw error;
  }
}

/** What a checkpoint made sure of. */
function countMade({ metrics }: Pick<Ports, 'metrics'>, before: Counts, after: Counts): void {
  metrics.count(METRICS.documentsRendered, after.succeeded - before.succeeded);
  metrics.count(METRICS.documentsFailed, after.failed - before.failed);
}

/**
 * Whether a shard's turn has come: of a task that keeps the order of its rows it has when the rows
 * before it were all tried.
 */
async function hasTurn(ports: AttemptPorts, { mode, taskId }: TaskItem, ref: ShardRef) {
  if (mode !== 'sequential' || ref.firstRow === 1) return true;
  const before = await shardOfRow(ports, taskId, ref.firstRow - 1, ref.layer);
  return before?.status === 'done' || before?.status === 'failed';
}

/**
 * Works on the shard, or answers at once when there is nothing to do for it: it has ended, the task is
 * to stop, or another run has begun. A shard of which something is left when it stops is taken up by
 * the next plan.
 * @throws WorkflowError ShardBusy, LeaseLost, RetriesExhausted, ServiceUnavailable
 */
export async function workOnShard(
  ports: AttemptPorts,
  ref: ShardRef,
  prepare: PrepareWork,
  limits: AttemptLimits,
): Promise<ShardOutcome> {
  const task = await taskStore.find(ports, ref.taskId);
  if (task?.run !== ref.run || task.stopReason !== undefined) return untouched(ref);
  if (!(await hasTurn(ports, task, ref))) return untouched(ref);
  const shard = await takeShard(ports, ref, task);
  if (!('attempt' in shard)) return shard;

  const turns = createTurnWatch(ports);
  let attempt = attemptFrom(task, shard, turns);
  try {
    let work: Work | undefined = await prepare(ports, task, shard);
    while (work) {
      work = await workThrough(ports, ref, attempt, work, limits).then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof WorkOtherwise) return error.work;
          throw error;
        },
      );
      if (work) attempt = attemptFrom(task, attempt.shard, turns);
    }
  } catch (error) {
    await releaseShard(ports, attempt.shard).catch(() => undefined);
    // A worker that was frozen may come to a task that was deleted since.
    if (error instanceof ObjectMissing && !(await taskStore.find(ports, ref.taskId))) {
      return untouched(ref);
    }
    throw error;
  }
  return outcomeOf(attempt.shard, task);
}

/** An attempt that begins where the shard is. */
const attemptFrom = (task: TaskItem, shard: ShardItem, turns: TurnWatch): Attempt => ({
  task,
  shard,
  counts: { ...shard.counts },
  superseded: { ...shard.superseded },
  kept: shard.kept,
  failed: false,
  untold: [],
  turns,
  firstFailedRow: shard.firstFailedRow,
  stopped: false,
});
