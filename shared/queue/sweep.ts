/**
 * What processes that died left of an owner's slots and queue is mended, as far as the next task that is started or
 * ends does not do it.
 */
import { CLAIM_GRACE_MS, SWEPT_IDLE_MS } from '../limits.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { Slot } from '../schemas/quota.ts';
import { startRun } from '../tasks/beginRun.ts';
import { changeTask, taskStore } from '../tasks/taskStore.ts';
import { admit } from './admit.ts';
import { countQueue, removeEntry } from './entries.ts';
import { loadQuota, slotsOf } from './quota.ts';
import { makeVain, unchanged } from './revision.ts';
import { type QueuePorts, startChange } from './runs.ts';
import { giveSlotBack, unlist, whoseSlot } from './slots.ts';

/** Mends what is left of an owner. May be done at any time, and by several at once. */
export async function sweepOwner(ports: QueuePorts, ownerId: string): Promise<void> {
  const { slots } = await loadQuota(ports, ownerId);
  for (const [taskId, slot] of Object.entries(slots)) {
    await mendSlot(ports, { ownerId, taskId, slot });
  }
  await admit(ports, ownerId);

  const after = await loadQuota(ports, ownerId);
  const isIdle = ports.clock.now() - after.claimedAt >= SWEPT_IDLE_MS;
  if (!isIdle || slotsOf(after).length > 0) return;
  if ((await countQueue(ports, ownerId)) === 0) await unlist(ports, ownerId, after);
}

interface Held {
  readonly ownerId: string;
  readonly taskId: string;
  readonly slot: Slot;
}

async function mendSlot(ports: QueuePorts, { ownerId, taskId, slot }: Held): Promise<void> {
  const task = await taskStore.find(ports, taskId);
  const isOld = ports.clock.now() - slot.since >= CLAIM_GRACE_MS;
  switch (whoseSlot(slot, task)) {
    case 'nobody':
      await giveSlotBack(ports, ownerId, taskId, { slot, task });
      return;
    case 'task':
      // Who began the run may have died before its execution was started; a second start is harmless.
      if (isOld && task?.stage === 'planning') await startRun(ports, task);
      return;
    case 'begun':
      if (task?.status === 'queued') await goOn(ports, task, slot);
      else if (isOld && (await makeVain(ports, taskId, task))) {
        await giveSlotBack(ports, ownerId, taskId, { slot, task });
      }
  }
}

/** Begins the run of a task that waited, with the slot that somebody took for it. */
async function goOn(ports: QueuePorts, task: TaskItem, slot: Slot): Promise<void> {
  const begun = await changeTask(ports, task.taskId, startChange(task, slot, {}), unchanged(task));
  if (!begun) return;
  await removeEntry(ports, task);
  await startRun(ports, begun);
}
