/** What is done for the others when a task does not work any more, or waits no more. */
import type { TaskItem } from '../schemas/items.ts';
import { type Quota, SlotSchema } from '../schemas/quota.ts';
import { admit } from './admit.ts';
import { removeEntry } from './entries.ts';
import { loadQuota } from './quota.ts';
import type { QueuePorts } from './runs.ts';
import { giveSlotBack, whoseSlot } from './slots.ts';

/**
 * Gives back the slot of a task that came to rest, with what it did not make, and lets the next ones
 * begin. May be repeated.
 */
export async function comeToRest(ports: QueuePorts, task: TaskItem): Promise<void> {
  const quota = (await giveOwnBack(ports, task)) ?? (await giveAnyBack(ports, task));
  if (quota.waiting) await admit(ports, task.ownerId);
}

/** The slot that the task knows of: nearly always the one that it has. */
async function giveOwnBack(ports: QueuePorts, task: TaskItem): Promise<Quota | undefined> {
  const { ownerId, taskId } = task;
  if (task.slot === undefined) return undefined;
  return giveSlotBack(ports, ownerId, taskId, { slot: SlotSchema.parse(task.slot), task });
}

async function giveAnyBack(ports: QueuePorts, task: TaskItem): Promise<Quota> {
  const { ownerId, taskId } = task;
  const quota = await loadQuota(ports, ownerId);
  const slot = quota.slots[taskId];
  if (!slot || whoseSlot(slot, task) !== 'nobody') return quota;
  return (await giveSlotBack(ports, ownerId, taskId, { slot, task })) ?? quota;
}

/**
 * Takes a task out of the queue that waits there no more.
 * @param seen as it waited
 */
export async function leaveQueue(ports: QueuePorts, seen: TaskItem): Promise<void> {
  await removeEntry(ports, seen);
  // The next one may have waited for this one only.
  await admit(ports, seen.ownerId);
}
