/** What a task gives to tell: pure functions from a task, or from a change of it, to events. */
import { linkTo, taskPaths } from '../api/paths.ts';
import type { RowFailure } from '../schemas/common.ts';
import type { LastingEvent, OwedEvent } from '../schemas/events.ts';
import type { KeptDocuments, TaskItem } from '../schemas/items.ts';
import type { TaskEvent } from '../schemas/stream.ts';
import type { ShardRef } from '../schemas/workflow.ts';
import { isFinal } from '../tasks/lifeCycle.ts';
import { progressOf } from '../tasks/progress.ts';

/** A document that failed, as it is told to subscribers. */
export interface FailedDocument {
  readonly row: number;
  readonly template: string;
  readonly failure: RowFailure;
}

/** An event of the stream before it is numbered. */
export type Passing = {
  [E in TaskEvent as E['type']]: Pick<E, 'type' | 'payload'>;
}['task_progress' | 'document_failed'];

/** The run that an event is of, or that it begins, by its key; 0 for what is of none. */
export function runOf({ key }: Pick<OwedEvent, 'key'>): number {
  const [, run] = /^(?!scheduled)[a-z]+-(\d+)/.exec(key) ?? [];
  return Number(run ?? 0);
}

const iso = (ms: number) => new Date(ms).toISOString();

/** How far the task is, and documents that failed; told to whoever listens, and then forgotten. */
export const progressEvents = (task: TaskItem, failed: readonly FailedDocument[]): Passing[] => [
  ...failed.map(({ row, template, failure: { code, detail } }) => ({
    type: 'document_failed' as const,
    payload: { taskId: task.taskId, row, template, code, detail },
  })),
  { type: 'task_progress', payload: progressOf(task) },
];

/** What should be looked at before a task is started, found when it was created: its first event. */
export const warningsEvent = (
  { taskId, createdAt, ownerId }: TaskItem,
  warnings: readonly string[],
): LastingEvent => ({
  type: 'warnings_found',
  key: 'created',
  at: iso(createdAt),
  by: ownerId,
  seq: FIRST_SEQ,
  payload: { taskId, warnings: [...warnings] },
});

/** Nobody numbers events of a task before it is there. */
const FIRST_SEQ = 1;

/**
 * The work of the present run has begun.
 * @param estimatedSeconds how long it will take, as far as is known
 */
export const startedEvent = (task: TaskItem, estimatedSeconds: number, at: number): OwedEvent => ({
  type: 'task_started',
  key: `started-${task.run}`,
  at: iso(at),
  payload: {
    taskId: task.taskId,
    mode: task.mode,
    totalDocuments: task.totalDocuments,
    estimatedDuration: Math.round(estimatedSeconds * 10) / 10,
  },
});

/** Where the task is, in a sentence. */
function whereabouts(task: TaskItem) {
  const { taskId, progress, message } = progressOf(task);
  return { taskId, progress, message };
}

/** The end of a task whose state is final. The same task gives the same event. */
export function endEvent(task: TaskItem): OwedEvent {
  const { taskId } = task;
  const base = { key: `end-${task.run}`, at: iso(task.finishedAt ?? task.createdAt) };
  if (task.status === 'cancelled') {
    return { ...base, type: 'task_cancelled', payload: whereabouts(task) };
  }
  if (task.status === 'failed') {
    const error = task.error ?? { code: 'GENERATION_FAILED', message: 'The task failed.' };
    return { ...base, type: 'task_failed', payload: { taskId, error } };
  }
  return {
    ...base,
    type: 'task_completed',
    payload: {
      taskId,
      status: task.status,
      result: {
        total: task.totalDocuments,
        successful: task.succeeded,
        failed: task.failed,
        skipped: task.skipped,
        duration: ((task.finishedAt ?? 0) - (task.startedAt ?? task.createdAt)) / 1000,
        ...(task.baseTaskId !== undefined && { reused: task.reused ?? 0 }),
      },
      downloadUrl: linkTo(taskPaths.download, { taskId }),
    },
  };
}

/**
 * A shard whose last attempt failed: its documents are failures, the other shards go on.
 * @param cause as part of a sentence
 */
export const shardFailedEvent = (
  { taskId, run, layer, firstRow, rowCount }: ShardRef,
  cause: string,
  at: number,
): OwedEvent => ({
  type: 'shard_failed',
  key: layer === undefined ? `shard-${run}-${firstRow}` : `shard-${run}-${layer}.${firstRow}`,
  at: iso(at),
  payload: { taskId, firstRow, rowCount, cause },
});

/** Documents that were made before and could not be made anew in the present run. */
export const documentsKeptEvent = (
  { taskId, run }: TaskItem,
  kept: KeptDocuments,
  at: number,
): OwedEvent => ({
  type: 'documents_kept',
  key: `kept-${run}`,
  at: iso(at),
  payload: { taskId, ...kept },
});

function goingOn(task: TaskItem) {
  const { taskId, progress, current, total } = progressOf(task);
  const [done, all] = [current, total].map((n) => n.toLocaleString('en-US'));
  return { taskId, progress, message: `Going on after ${done} of ${all} documents.` };
}

/**
 * A task waits for its turn, because its owner has as many tasks at work as may be.
 * @param position of the tasks that wait, counted from 1
 */
export const queuedEvent = (
  { taskId, run, queuedAt = 0 }: TaskItem,
  position: number,
): OwedEvent => ({
  type: 'task_queued',
  // Behind the call that asked for it, in the same moment.
  key: `start-${run + 1}-queued-${queuedAt}`,
  at: iso(queuedAt),
  payload: { taskId, position },
});

/** Of a task that was paused, or was about to be. */
const wasPaused = ({ status }: TaskItem) => status === 'paused' || status === 'pausing';

/** What a call gives to tell that begins another run, or has it wait for its turn; and that turn. */
function beginningEvents(
  before: TaskItem,
  after: TaskItem,
  call: Pick<OwedEvent, 'at' | 'by'>,
): OwedEvent[] {
  const base = { ...call, key: `start-${before.run + 1}` };
  const waited = before.status === 'queued';
  if (wasPaused(before) || (waited && before.queuedFrom === 'paused')) {
    const resumed: OwedEvent = { ...base, type: 'task_resumed', payload: goingOn(after) };
    return after.status === 'queued' ? [] : [resumed];
  }
  if (waited) return [];
  const type = before.run === 0 ? 'start_requested' : 'retry_requested';
  return [{ ...base, type, payload: { taskId: after.taskId } }];
}

/** What a change of a task's state gives to tell, in the order in which it is told. */
export function eventsOfChange(
  before: TaskItem,
  after: TaskItem,
  { at, by }: { at: number; by?: string | undefined },
): OwedEvent[] {
  const events: OwedEvent[] = [];
  const call = { at: iso(at), ...(by === undefined ? {} : { by }) };
  const { taskId, run } = after;
  const begins = run > before.run && after.status === 'running';
  if (begins || (after.status === 'queued' && before.status !== 'queued')) {
    events.push(...beginningEvents(before, after, call));
  }
  const waitsAnew =
    after.status === 'scheduled' && after.scheduleRevision !== before.scheduleRevision;
  if (waitsAnew && after.startAt !== undefined) {
    const payload = { taskId, startAt: iso(after.startAt) };
    const key = `scheduled-${after.scheduleRevision ?? 0}`;
    events.push({ ...call, type: 'task_scheduled', key, payload });
  }
  if (wasPaused(after) && !wasPaused(before)) {
    events.push({ ...call, type: 'pause_requested', key: `pause-${run}`, payload: { taskId } });
  }
  if (after.stopReason === 'cancel' && before.stopReason !== 'cancel') {
    events.push({ ...call, type: 'cancel_requested', key: `cancel-${run}`, payload: { taskId } });
  }
  if (after.status === 'paused' && before.status !== 'paused') {
    // Told by the workflow, or by the call itself where nobody works on the task.
    events.push({
      at: call.at,
      type: 'task_paused',
      key: `paused-${run}`,
      payload: whereabouts(after),
    });
  }
  if (isFinal(after.status) && !isFinal(before.status)) events.push(endEvent(after));
  return events;
}
