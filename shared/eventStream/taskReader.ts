/**
 * Following one task by looking at it: at its item, which says how far its events are numbered, and at
 * those of them that last. What was missed between two looks is told in order; of progress only the
 * numbers of the moment.
 *
 * Events that last are written by whoever tells them, several at a time, after they were numbered in the
 * task's item. So what is numbered there and not yet in the list holds up everything behind it: nothing is
 * told before what comes first, and no number is passed over that an event may still appear under.
 */
import { isForClients, messageOf } from '../stream/sockets.ts';
import { numberedEvents, seqOfEnd } from '../events/owed.ts';
import { readPassing } from '../events/passing.ts';
import { everyItem } from '../everyItem.ts';
import { sortPrefixes, tableKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import { EventItemSchema, type LastingEvent } from '../schemas/events.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { Snapshot } from '../schemas/stream.ts';
import { isFinal } from '../tasks/lifeCycle.ts';
import { progressOf, snapshotOf } from '../tasks/progress.ts';
import { taskStore } from '../tasks/taskStore.ts';
import type { Frame } from './frames.ts';

export interface Look {
  readonly frames: readonly Frame[];
  /** The task has ended and its end was told, or it is gone: there is nothing to come. */
  readonly isOver: boolean;
}

export interface TaskReader {
  /** The number of the last event that was told. */
  readonly seq: number;
  /** What happened since the look before. */
  look(): Promise<Look>;
}

/** @param seq what is known up to; undefined for what a stream that begins now need not be told */
export function createTaskReader(
  ports: Pick<Ports, 'table'>,
  taskId: string,
  seq: number | undefined,
): TaskReader {
  let told = seq ?? 0;
  let isNew = seq === undefined;
  /** `seq` of the item at the last look, once everything up to it was told. */
  let settledAt: number | undefined;
  /** Documents that had failed at the last look. */
  let failed: number | undefined;

  return {
    get seq() {
      return told;
    },
    async look() {
      const task = await taskStore.find(ports, taskId);
      if (!task) return { frames: [], isOver: true };
      if (isNew) told = snapshotToFollow(task).seq;
      isNew = false;
      const owed = numberedEvents(task).filter((event) => event.seq > told);
      if (settledAt === task.seq && owed.length === 0) return { frames: [], isOver: false };

      const written = await eventsBetween(ports, taskId, told + 1, task.seq);
      const isThere = new Set(written.map((event) => event.seq));
      const missing = owed.filter((event) => !isThere.has(event.seq)).map((event) => event.seq);
      const upTo = Math.min(task.seq, ...missing.map((first) => first - 1));
      const passing =
        task.failed === failed ? [] : await readPassing(ports, taskId, told + 1, upTo);
      failed = task.failed;
      const frames: Frame[] = [];
      for (const event of [...written, ...passing].sort((a, b) => a.seq - b.seq)) {
        if (event.seq > upTo || !isForClients(event)) continue;
        frames.push({ event: event.type, id: event.seq, data: messageOf(event) });
        told = event.seq;
      }
      if (hasEnded(task, told)) return { frames, isOver: true };
      if (upTo > told && !isFinal(task.status)) frames.push(progressFrame(task, upTo));
      told = Math.max(told, upTo);
      settledAt = missing.length === 0 ? task.seq : undefined;
      return { frames, isOver: false };
    },
  };
}

/** Whether the task has ended, and its end is among the events up to this number. */
export const hasEnded = (task: TaskItem, seq: number): boolean =>
  isFinal(task.status) && (seqOfEnd(task) ?? Infinity) <= seq;

/**
 * A task as a stream begins with it: its `seq` is that of the last event that whoever gets it need not
 * be told any more. The end is told in any case.
 */
export function snapshotToFollow(task: TaskItem): Snapshot {
  const open = numberedEvents(task).map((event) => event.seq);
  const end = isFinal(task.status) ? seqOfEnd(task) : undefined;
  if (end !== undefined) open.push(end);
  return { ...snapshotOf(task), seq: Math.min(task.seq, ...open.map((first) => first - 1)) };
}

const progressFrame = (task: TaskItem, seq: number): Frame => ({
  event: 'task_progress',
  id: seq,
  data: messageOf({
    type: 'task_progress',
    seq,
    at: new Date(task.pushedAt).toISOString(),
    payload: progressOf(task),
  }),
});

async function eventsBetween(
  ports: Pick<Ports, 'table'>,
  taskId: string,
  first: number,
  last: number,
): Promise<LastingEvent[]> {
  const { pk, sk: from } = tableKeys.event(taskId, first);
  const { sk: to } = tableKeys.event(taskId, last);
  if (first > last) return [];
  const events: LastingEvent[] = [];
  const query = { partition: pk, prefix: sortPrefixes.events, from, to };
  for await (const item of everyItem(ports, query)) events.push(EventItemSchema.parse(item));
  return events;
}
