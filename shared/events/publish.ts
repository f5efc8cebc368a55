/**
 * Pushing events of a task to its subscribers: coalesced, throttled, in the order of `seq`.
 *
 * Many shards report at the same time, but one push is made at a time: a pusher takes the task's push
 * lease in the same conditional write that numbers its events, sends, and gives the lease back. A
 * pusher that was killed holds up the next one for PUSH_LEASE_MS. State is always written before it
 * is pushed, so whoever reads after a push sees at least what was pushed.
 */
import { linkTo, taskPaths } from '../api/paths.ts';
import { tableKeys } from '../keys.ts';
import { FAILURE_EVENTS_PER_SECOND, PUSH_INTERVAL_MS, PUSH_LEASE_MS } from '../limits.ts';
import type { Condition, Ports } from '../ports.ts';
import type { RowFailure } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { TaskEvent } from '../schemas/stream.ts';
import { isFinal } from '../tasks/lifeCycle.ts';
import { nextRate, progressOf, tried } from '../tasks/progress.ts';
import { changeTask, loadTask } from '../tasks/taskStore.ts';
import { activeSubscribers, connectionExpiry, removeConnection } from '../stream/subscribers.ts';

export type PublishPorts = Pick<Ports, 'table' | 'connections' | 'clock' | 'log'>;

/** A document that failed, as it is told to subscribers. */
export interface FailedDocument {
  readonly row: number;
  readonly template: string;
  readonly failure: RowFailure;
}

/** document_failed events in one push: what an interval's share of the allowed rate is. */
export const FAILURES_PER_PUSH = Math.floor((FAILURE_EVENTS_PER_SECOND * PUSH_INTERVAL_MS) / 1000);

/** How long to wait between two tries for the push lease. */
const LEASE_POLL_MS = 25;

/** A TaskEvent before it is numbered. */
type Unnumbered = { [E in TaskEvent as E['type']]: Pick<E, 'type' | 'payload'> }[TaskEvent['type']];

/** Takes the push lease and numbers `count` events; undefined when another push came first. */
async function takeLease(
  ports: PublishPorts,
  task: TaskItem,
  count: number,
  throttled: boolean,
): Promise<TaskItem | undefined> {
  const now = ports.clock.now();
  const conditions: Condition[] = [
    { attribute: 'pushLeaseUntil', is: '<=', value: now },
    // The rate is computed from the push before this one: it must still be that one.
    { attribute: 'seq', is: '=', value: task.seq },
  ];
  if (throttled) {
    conditions.push({ attribute: 'pushedAt', is: '<=', value: now - PUSH_INTERVAL_MS });
  }
  const current = tried(task);
  const ratePerSecond = nextRate(
    { ratePerSecond: task.ratePerSecond, at: task.pushedAt, current: task.pushedCount },
    { at: now, current },
  );
  return changeTask(
    ports,
    task.taskId,
    {
      set: {
        pushedAt: now,
        pushedCount: current,
        ratePerSecond,
        pushLeaseUntil: now + PUSH_LEASE_MS,
      },
      add: { seq: count },
    },
    { all: conditions },
  );
}

async function giveBack(ports: PublishPorts, leased: TaskItem): Promise<void> {
  const { taskId, pushLeaseUntil } = leased;
  const mine: Condition = { attribute: 'pushLeaseUntil', is: '=', value: pushLeaseUntil };
  await changeTask(ports, taskId, { set: { pushLeaseUntil: 0 } }, mine);
}

async function sendTo(ports: PublishPorts, connectionId: string, message: string): Promise<void> {
  try {
    const outcome = await ports.connections.send(connectionId, message);
    if (outcome === 'gone') await removeConnection(ports, connectionId);
  } catch (error) {
    // A subscriber that cannot be reached must not stop the work; the state is in the table.
    ports.log.warn('An event could not be sent.', { connectionId, error: (error as Error).name });
  }
}

/** Sends numbered events to everyone who does not have them yet. */
async function sendAll(ports: PublishPorts, task: TaskItem, events: TaskEvent[]): Promise<void> {
  const subscribers = await activeSubscribers(ports, task.ownerId, task.taskId);
  await Promise.all(
    [...subscribers].map(async ([connectionId, sinceSeq]) => {
      for (const event of events) {
        if (event.seq > sinceSeq) await sendTo(ports, connectionId, JSON.stringify(event));
      }
    }),
  );
}

/** Numbers events so that the last has the task's seq. */
function numbered(task: TaskItem, at: number, events: readonly Unnumbered[]): TaskEvent[] {
  const first = task.seq - events.length + 1;
  return events.map((event, i) => ({ ...event, seq: first + i, at: new Date(at).toISOString() }));
}

/** Pushes once the lease is free, unless the task ends meanwhile: then the end is all there is. */
async function push(
  ports: PublishPorts,
  task: TaskItem,
  makeEvents: (task: TaskItem) => readonly Unnumbered[],
  options: { throttled: boolean; patienceMs: number },
): Promise<boolean> {
  const deadline = ports.clock.now() + options.patienceMs;
  for (let latest = task; !isFinal(latest.status); latest = await loadTask(ports, task.taskId)) {
    const count = makeEvents(latest).length;
    // Most reports come too soon after a push: they need not write to learn it.
    const due = !options.throttled || latest.pushedAt <= ports.clock.now() - PUSH_INTERVAL_MS;
    const leased = due && (await takeLease(ports, latest, count, options.throttled));
    if (leased) {
      if (!isFinal(leased.status)) {
        await sendAll(ports, leased, numbered(leased, ports.clock.now(), makeEvents(leased)));
      }
      await giveBack(ports, leased);
      return true;
    }
    if (ports.clock.now() >= deadline) return false;
    await ports.clock.sleep(LEASE_POLL_MS);
  }
  return false;
}

/**
 * Pushes the numbers of a task, and failed documents with them; at most one push every
 * PUSH_INTERVAL_MS is made, by whoever comes first.
 * @param patienceMs how long to wait for the turn; 0 gives up at once
 * @returns whether this push was made (then the failures were told, too)
 */
export function publishProgress(
  ports: PublishPorts,
  task: TaskItem,
  failures: readonly FailedDocument[] = [],
  patienceMs = 0,
): Promise<boolean> {
  const told = failures.slice(0, FAILURES_PER_PUSH);
  return push(
    ports,
    task,
    (latest) => [
      ...told.map(({ row, template, failure }) => ({
        type: 'document_failed' as const,
        payload: {
          taskId: latest.taskId,
          row,
          template,
          code: failure.code,
          detail: failure.detail,
        },
      })),
      { type: 'task_progress', payload: progressOf(latest) },
    ],
    { throttled: true, patienceMs },
  );
}

/**
 * Tells that the work has begun.
 * @param estimatedSeconds how long it will take, as far as is known
 */
export async function publishStart(
  ports: PublishPorts,
  task: TaskItem,
  estimatedSeconds: number,
): Promise<void> {
  await push(
    ports,
    task,
    (latest) => [
      {
        type: 'task_started',
        payload: {
          taskId: latest.taskId,
          mode: latest.mode,
          totalDocuments: latest.totalDocuments,
          estimatedDuration: Math.round(estimatedSeconds * 10) / 10,
        },
      },
    ],
    { throttled: false, patienceMs: PUSH_LEASE_MS },
  );
}

function endEvent(task: TaskItem): Unnumbered {
  const { taskId } = task;
  if (task.status === 'cancelled') {
    const { progress, message } = progressOf(task);
    return { type: 'task_cancelled', payload: { taskId, progress, message } };
  }
  if (task.status === 'failed') {
    const error = task.error ?? { code: 'GENERATION_FAILED', message: 'The task failed.' };
    return { type: 'task_failed', payload: { taskId, error } };
  }
  return {
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
      },
      downloadUrl: linkTo(taskPaths.download, { taskId }),
    },
  };
}

/** Tells one connection of the end, unless it was told before. */
export async function tellEnd(
  ports: PublishPorts,
  task: TaskItem,
  connectionId: string,
): Promise<void> {
  const first = await ports.table.put(
    tableKeys.endTold(task.taskId, task.run, connectionId),
    { connectionId, expiresAt: connectionExpiry(ports) },
    { absent: 'pk' },
  );
  if (!first) return;
  const [event] = numbered(task, ports.clock.now(), [endEvent(task)]);
  await sendTo(ports, connectionId, JSON.stringify(event));
}

/**
 * Tells every subscriber of the end of a task whose final state is written: once each, and as the
 * last event. May be repeated.
 */
export async function publishEnd(ports: PublishPorts, ended: TaskItem): Promise<void> {
  const deadline = ports.clock.now() + PUSH_LEASE_MS;
  let task = ended;
  for (;;) {
    const leased = await takeLease(ports, task, 1, false);
    if (leased) {
      task = leased;
      break;
    }
    task = await loadTask(ports, task.taskId);
    if (ports.clock.now() >= deadline) break; // Whoever holds the lease that long is gone.
    await ports.clock.sleep(LEASE_POLL_MS);
  }
  const subscribers = await activeSubscribers(ports, task.ownerId, task.taskId);
  await Promise.all([...subscribers.keys()].map((id) => tellEnd(ports, task, id)));
  await giveBack(ports, task);
}
