/** Beginning a run of a task: at once where its owner has a slot for it, else when its turn has come. */
import { owing, telling } from '../events/owed.ts';
import { publishOwed } from '../events/publish.ts';
import { queuedEvent } from '../events/taskEvents.ts';
import { Problem } from '../problems.ts';
import type { Change } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { Quota } from '../schemas/quota.ts';
import { startRun } from '../tasks/beginRun.ts';
import { isAtWork } from '../tasks/lifeCycle.ts';
import { changeTask, taskStore } from '../tasks/taskStore.ts';
import { admit } from './admit.ts';
import { addEntry, countQueue, removeUnused } from './entries.ts';
import { hasFreeSlot, loadQuota, nextSlot, roomFor } from './quota.ts';
import { unchanged } from './revision.ts';
import { type Call, type QueuePorts, returnUnused, startChange } from './runs.ts';
import { isOutdated, noteWaiting, takeSlot } from './slots.ts';

/** Writes a change of a task; undefined when the task is not any more as it was seen. */
type Write = (change: Change) => Promise<TaskItem | undefined>;

export interface Beginning extends Call {
  /** What is done with documents beyond the owner's budget. Default: they are refused. */
  readonly overBudget?: 'refuse' | 'wait';
  /** Default: changes the task. */
  readonly write?: Write;
  /** The owner's, as it was read a moment ago; the slot is taken only of one that is still so. */
  readonly quota?: Quota | undefined;
}

/**
 * Begins the next run of a task at rest, or queues it, as it was seen. A run that has begun is in the
 * task's item, and its execution is started.
 * @returns the task after that; undefined when it has changed since it was seen: then nothing was begun
 * @throws Problem LIMIT_EXCEEDED, DATA_INVALID: its documents do not fit into the owner's budget
 */
export async function beginOrQueue(
  ports: QueuePorts,
  seen: TaskItem,
  beginning: Beginning,
): Promise<TaskItem | undefined> {
  const write: Write =
    beginning.write ?? ((change) => changeTask(ports, seen.taskId, change, unchanged(seen)));
  for (let known = beginning.quota; ; known = undefined) {
    const quota = known ?? (await loadQuota(ports, seen.ownerId));
    if (isOutdated(quota, seen)) return undefined;
    if (beginning.overBudget !== 'wait') requireRoom(quota, seen);
    // One that is about to pause has a slot, and workers who have not stopped yet.
    const goesOn = quota.slots[seen.taskId] !== undefined || isAtWork(seen.status);
    if (!goesOn && (quota.waiting || !hasFreeSlot(quota) || roomFor(quota, seen).fits !== 'now')) {
      return queue(ports, seen, beginning, write);
    }
    const slot = nextSlot(quota, seen, ports.clock.now());
    if (!(await takeSlot(ports, quota, seen, slot))) continue; // Somebody took one in this moment.
    const begun = await write(startChange(seen, slot, beginning));
    if (begun) {
      await startRun(ports, begun);
      return begun;
    }
    const after = await returnUnused(ports, seen, slot);
    if (after?.waiting) await admit(ports, seen.ownerId);
    return undefined;
  }
}

async function queue(
  ports: QueuePorts,
  seen: TaskItem,
  { by, set, remove = [] }: Beginning,
  write: Write,
): Promise<TaskItem | undefined> {
  const now = ports.clock.now();
  const { ownerId, taskId } = seen;
  const changes = {
    ...set,
    status: 'queued' as const,
    stage: 'waiting' as const,
    queuedAt: now,
    queuedFrom: seen.status,
  };
  const waiting = { ...seen, ...changes };
  // The sweeper is to find what is left here by a process that dies.
  await noteWaiting(ports, ownerId, { waiting: true, now });
  await addEntry(ports, waiting, now);
  const position = 1 + (await countQueue(ports, ownerId, waiting));
  const queued = await write({
    set: {
      ...telling(seen, changes, { at: now, ...(by !== undefined && { by }) }),
      ...owing([queuedEvent(waiting, position)]),
    },
    remove,
  });
  if (!queued) {
    await removeUnused(ports, waiting);
    return undefined;
  }
  await publishOwed(ports, queued);
  // What had the slots may have ended in the meantime.
  await admit(ports, ownerId);
  return (await taskStore.find(ports, taskId)) ?? queued;
}

const documents = (n: number) => `${n.toLocaleString('en-US')} documents`;

/** @throws Problem LIMIT_EXCEEDED, DATA_INVALID */
export function requireRoom(quota: Quota, task: TaskItem): void {
  const { fits, need, left } = roomFor(quota, task);
  if (fits === 'now') return;
  const what = `The task may make ${documents(need)}; of your budget of ${documents(quota.documentBudget ?? 0)}`;
  if (fits === 'later') {
    throw new Problem(
      'LIMIT_EXCEEDED',
      `${what} ${documents(Math.max(0, left))} are neither made nor reserved by tasks at work. Try again once they have ended: what they do not make is given back.`,
    );
  }
  throw new Problem(
    'DATA_INVALID',
    `${what} ${documents(quota.used)} are used, so it can never be done. Make a task of fewer rows, or ask the operator for a larger budget.`,
  );
}
