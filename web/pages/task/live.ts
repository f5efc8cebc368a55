/** A task as the page knows it: its view, with what was told of it since. */
import type { StreamEvent } from '../../../client/events.ts';
import type { TaskStatus } from '../../../shared/schemas/common.ts';
import type { Progress } from '../../../shared/schemas/stream.ts';
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import { isFinal } from '../../../shared/tasks/lifeCycle.ts';
import { addRate, type RatePoint } from './rates.ts';

export interface LiveTask {
  readonly task: TaskView;
  /** Documents a second, lately; undefined until it was told. */
  readonly ratePerSecond: number | undefined;
  readonly etaSeconds: number | null;
  readonly calls: Progress['calls'];
  /** The rate since the page was opened. */
  readonly rates: readonly RatePoint[];
}

export const liveOf = (task: TaskView): LiveTask => ({
  task,
  ratePerSecond: undefined,
  etaSeconds: null,
  calls: undefined,
  rates: [],
});

/** A newer view; what its answer alone has is kept. */
export const withView = (live: LiveTask | undefined, view: TaskView): LiveTask =>
  live ? { ...live, task: { ...live.task, ...view } } : liveOf(view);

const WAITING: ReadonlySet<TaskStatus> = new Set(['pending', 'scheduled', 'queued']);

/** What progress says of a state: the view that is fetched at every change says the rest. */
function statusBy(status: TaskStatus, { stage }: Progress): TaskStatus {
  if (WAITING.has(status)) return 'running';
  return status === 'running' && stage === 'assembling' ? 'assembling' : status;
}

function withNumbers(live: LiveTask, progress: Progress, status: TaskStatus, at: number): LiveTask {
  const { ratePerSecond, etaSeconds } = progress;
  return {
    task: {
      ...live.task,
      status,
      stage: progress.stage,
      progress: progress.progress,
      totalDocuments: progress.total,
      succeeded: progress.succeeded,
      failed: progress.failed,
      skipped: progress.skipped,
      pending: progress.total - progress.current,
    },
    ratePerSecond,
    etaSeconds,
    calls: progress.calls ?? live.calls,
    rates:
      progress.stage === 'rendering'
        ? addRate(live.rates, { at, rate: ratePerSecond })
        : live.rates,
  };
}

/**
 * The task after an event; the same where it says nothing new of it.
 * @param at when it was heard, in ms
 */
export function takeEvent(live: LiveTask, event: StreamEvent, at: number): LiveTask {
  const { taskId, status } = live.task;
  if (event.type === 'snapshot') {
    const snapshot = event.tasks.find((one) => one.taskId === taskId);
    return snapshot ? withNumbers(live, snapshot, snapshot.status, at) : live;
  }
  const isOfIt = event.type === 'task_progress' && event.payload.taskId === taskId;
  // Late news of a task that has ended are older than its view.
  if (!isOfIt || isFinal(status)) return live;
  return withNumbers(live, event.payload, statusBy(status, event.payload), at);
}

/** Whether an event changes what only the view of the task tells. */
export const changesView = (event: StreamEvent, taskId: string): boolean =>
  event.type !== 'snapshot' &&
  event.type !== 'task_progress' &&
  event.type !== 'document_failed' &&
  event.payload.taskId === taskId;
