/** Tasks that wait get the slots that are free, one after the other, in their order. */
import { telling } from '../events/owed.ts';
import { publishEnd } from '../events/publish.ts';
import { CLAIM_GRACE_MS } from '../limits.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { Quota } from '../schemas/quota.ts';
import { startRun } from '../tasks/beginRun.ts';
import { changeTask, taskStore } from '../tasks/taskStore.ts';
import { queueOf, removeEntry, removeStray, waitsAt } from './entries.ts';
import { hasFreeSlot, loadQuota, nextSlot, roomFor } from './quota.ts';
import { makeVain, unchanged } from './revision.ts';
import { type QueuePorts, returnUnused, startChange } from './runs.ts';
import { noteWaiting, takeSlot } from './slots.ts';
import { noteToTell } from '../events/tellDue.ts';

/**
 * Begins the runs of tasks of an owner that wait, as far as there is room. The first one is never
 * overtaken, also where it waits for documents that others give back. May be called at any time.
 */
export async function admit(ports: QueuePorts, ownerId: string): Promise<void> {
  for (;;) {
    const quota = await loadQuota(ports, ownerId);
    const first = await firstOf(ports, ownerId);
    if (first && hasRoom(quota, first)) {
      await begin(ports, quota, first);
      continue;
    }
    const waiting = first !== undefined;
    if (quota.waiting === waiting) return;
    const noted = await noteWaiting(ports, ownerId, { waiting, now: ports.clock.now(), quota });
    // Who gives a slot back from now on sees that somebody waits; who did so before is seen here.
    if (noted && !(first && hasRoom(noted, first))) return;
  }
}

/** Whether something can be done for the task now: its run begins, or it is told that it never will. */
const hasRoom = (quota: Quota, task: TaskItem): boolean =>
  quota.slots[task.taskId] !== undefined ||
  (hasFreeSlot(quota) && roomFor(quota, task).fits !== 'later');

/** The task whose turn is next; what stands before it and is no place of a task is cleared away. */
async function firstOf(ports: QueuePorts, ownerId: string): Promise<TaskItem | undefined> {
  for await (const entry of queueOf(ports, ownerId)) {
    const task = await taskStore.find(ports, entry.taskId);
    if (task && waitsAt(task, entry.sk)) return task;
    if (task && (task.revision ?? 0) !== entry.revision) {
      await removeStray(ports, ownerId, entry);
      continue;
    }
    // Perhaps it is about to wait there.
    if (ports.clock.now() - entry.askedAt < CLAIM_GRACE_MS) continue;
    if (await makeVain(ports, entry.taskId, task)) await removeStray(ports, ownerId, entry);
  }
  return undefined;
}

async function begin(ports: QueuePorts, quota: Quota, task: TaskItem): Promise<void> {
  if (roomFor(quota, task).fits === 'never') return refuse(ports, task);
  const slot = nextSlot(quota, task, ports.clock.now());
  if (!(await takeSlot(ports, quota, task, slot))) return;
  const begun = await changeTask(ports, task.taskId, startChange(task, slot, {}), unchanged(task));
  if (!begun) {
    await returnUnused(ports, task, slot);
    return;
  }
  await removeEntry(ports, task);
  await startRun(ports, begun);
}

/** Ends a task that waited until its owner's budget was used up. */
async function refuse(ports: QueuePorts, task: TaskItem): Promise<void> {
  const at = ports.clock.now();
  const changes: Partial<TaskItem> = {
    status: 'failed',
    stage: 'done',
    finishedAt: at,
    error: {
      code: 'LIMIT_EXCEEDED',
      message:
        'When its turn had come, too little was left of the budget of documents. What was made before is kept. Ask the operator for a larger budget, and retry the task.',
    },
  };
  const change = { set: telling(task, changes, { at }), remove: ['queuedAt', 'queuedFrom'] };
  await noteToTell(ports, task.taskId);
  const ended = await changeTask(ports, task.taskId, change, unchanged(task));
  if (!ended) return;
  await removeEntry(ports, task);
  await publishEnd(ports, ended);
}
