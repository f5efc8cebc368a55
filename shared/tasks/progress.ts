/** The arithmetic of progress: per cent, rate, time left, and what is said of them. */
import type { Counts, Stage } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { Progress, Snapshot } from '../schemas/stream.ts';
import { isAtWork, isFinal } from './lifeCycle.ts';

/** How fast the rate follows a change: about two thirds of it within this time. */
const RATE_MEMORY_MS = 5_000;

/** Documents that were tried. */
export const tried = (counts: Counts) => counts.succeeded + counts.failed + counts.skipped;

/**
 * What people are shown of a task's counters. While it works these may have run ahead: what a worker adds is added once
 * more where the answer was lost and the call was sent again, or where another worker tried the same rows. The sum of
 * what is shown never exceeds the total; once the task rests, the counters are those of its shards, and exact.
 */
export function shownCounts(task: Counts & Pick<TaskItem, 'totalDocuments'>): Counts {
  let room = task.totalDocuments;
  const take = (count: number) => {
    const shown = Math.min(count, room);
    room -= shown;
    return shown;
  };
  // Failures first: people act on them.
  const failed = take(task.failed);
  const skipped = take(task.skipped);
  return { succeeded: take(task.succeeded), failed, skipped };
}

/** Whole per cent of the way; 100 is kept for a finished task. */
export function percent(current: number, total: number, finished: boolean): number {
  if (finished && current >= total) return 100;
  return Math.min(99, Math.floor((100 * current) / total));
}

/**
 * The rate after another observation: an exponential moving average over time, so that it settles
 * quickly and does not flicker. The first observation counts in full.
 * @returns documents a second
 */
export function nextRate(
  before: { ratePerSecond: number; at: number; current: number },
  now: { at: number; current: number },
): number {
  const elapsed = now.at - before.at;
  if (elapsed <= 0) return before.ratePerSecond;
  const observed = (Math.max(0, now.current - before.current) * 1000) / elapsed;
  if (before.ratePerSecond === 0) return observed;
  const weight = 1 - Math.exp(-elapsed / RATE_MEMORY_MS);
  return before.ratePerSecond + weight * (observed - before.ratePerSecond);
}

/** Seconds left at this rate; null while there is no rate to go by. */
export function secondsLeft(current: number, total: number, ratePerSecond: number): number | null {
  if (current >= total) return 0;
  return ratePerSecond > 0 ? Math.round((10 * (total - current)) / ratePerSecond) / 10 : null;
}

/** What of `counts` has not been reported yet, given that `reported` was. Never negative. */
export function unreported(reported: Counts, counts: Counts): Counts {
  // An attempt that repeats rows may sort them otherwise than the one before it (a timeout, say):
  // the sum of what is added never exceeds the rows that are new.
  let room = Math.max(0, tried(counts) - tried(reported));
  const take = (field: keyof Counts) => {
    const delta = Math.min(room, Math.max(0, counts[field] - reported[field]));
    room -= delta;
    return delta;
  };
  return { failed: take('failed'), skipped: take('skipped'), succeeded: take('succeeded') };
}

const number = (n: number) => n.toLocaleString('en-US');

function describe(stage: Stage, task: TaskItem, current: number): string {
  const of = `${number(current)} of ${number(task.totalDocuments)} documents`;
  if (task.status === 'cancelled') return `Cancelled after ${of}.`;
  if (task.status === 'cancelling') return `Stopping after ${of}.`;
  if (task.status === 'queued') return `Waits for its turn after ${of}.`;
  if (task.status === 'scheduled' && task.startAt !== undefined) {
    return `Starts at ${new Date(task.startAt).toISOString()}.`;
  }
  if (task.status === 'pausing') return `Pausing after ${of}.`;
  if (task.status === 'paused') return task.pausedBecause ?? `Paused after ${of}.`;
  if (task.status === 'failed') return task.error?.message ?? `Failed after ${of}.`;
  switch (stage) {
    case 'calling':
      return describeCalls(task);
    case 'waiting':
      return `${number(task.totalDocuments)} documents to make.`;
    case 'planning':
      return 'Planning the work.';
    case 'rendering':
      return `Rendered ${of}${task.failed > 0 ? `, ${number(task.failed)} failed` : ''}.`;
    case 'assembling':
      return `Assembling the archive of ${number(task.succeeded)} documents.`;
    case 'done':
      return task.failed > 0
        ? `${number(task.succeeded)} documents are ready, ${number(task.failed)} failed.`
        : `All ${number(task.succeeded)} documents are ready.`;
  }
}

function describeCalls({ rowsToCall = 0, calledRows = 0, failedCalls = 0, callFigures }: TaskItem) {
  const failed = failedCalls > 0 ? `, ${number(failedCalls)} failed` : '';
  const waiting = callFigures?.waiting ?? 0;
  const wait = waiting > 0 ? `; ${number(waiting)} calls wait for their turn` : '';
  return `Called the services of ${number(Math.min(calledRows, rowsToCall))} of ${number(rowsToCall)} rows${failed}${wait}.`;
}

/** How its calls go; undefined for a task that calls nothing. */
function callsOf({
  steps,
  rowsToCall = 0,
  calledRows = 0,
  failedCalls = 0,
  spentMicroUsd = 0,
  callFigures,
}: TaskItem): Progress['calls'] {
  if (!steps) return undefined;
  return {
    called: Math.min(calledRows, rowsToCall),
    total: rowsToCall,
    failed: failedCalls,
    spentUsd: spentMicroUsd / 1_000_000,
    waiting: 0,
    ratePerSecond: 0,
    ...callFigures,
  };
}

/** How much of a task that calls services the calls are. */
const CALLS_SHARE = 0.9;

/** Per cent of a task: its documents, and before them its calls. */
function percentOf(task: TaskItem, current: number, finished: boolean): number {
  const { steps, rowsToCall = 0, calledRows = 0, totalDocuments } = task;
  if (!steps || finished) return percent(current, totalDocuments, finished);
  const called = Math.min(1, calledRows / Math.max(1, rowsToCall));
  const made = current / totalDocuments;
  return percent(CALLS_SHARE * called + (1 - CALLS_SHARE) * made, 1, false);
}

/** The numbers of a task at this moment. */
export function progressOf(item: TaskItem): Progress {
  const counts = shownCounts(item);
  const task = { ...item, ...counts };
  const finished = isFinal(task.status);
  const ratePerSecond = finished || isAtWork(task.status) ? task.ratePerSecond : 0;
  const current = tried(counts);
  const calls = callsOf(item);
  return {
    taskId: task.taskId,
    progress: percentOf(task, current, finished),
    current,
    total: task.totalDocuments,
    ...counts,
    ratePerSecond: Math.round(ratePerSecond * 10) / 10,
    etaSeconds: finished ? 0 : secondsLeft(current, task.totalDocuments, ratePerSecond),
    stage: task.stage,
    message: describe(task.stage, task, current),
    ...(calls && { calls }),
  };
}

/** The numbers with the state and the number of the last push. */
export const snapshotOf = (task: TaskItem): Snapshot => ({
  ...progressOf(task),
  status: task.status,
  seq: task.seq,
});
