/** A run that begins with a slot. */
import { telling } from '../events/owed.ts';
import type { PublishPorts } from '../events/publish.ts';
import type { Change, Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { Quota, Slot } from '../schemas/quota.ts';
import { beginningOf } from '../tasks/beginRun.ts';
import { taskStore } from '../tasks/taskStore.ts';
import { giveSlotBack, whoseSlot } from './slots.ts';

export type QueuePorts = PublishPorts & Pick<Ports, 'workflow'>;

/** What a call, if it is one, does besides beginning a run or waiting for it. */
export interface Call {
  /** The owner whose call it is. */
  readonly by?: string;
  /** What else it changes of the task. */
  readonly set?: Partial<TaskItem>;
  readonly remove?: readonly string[];
}

/** What a run that begins with this slot changes of its task. */
export function startChange(seen: TaskItem, slot: Slot, { by, set, remove = [] }: Call): Change {
  const at = slot.since;
  const startedAt = seen.startedAt ?? at;
  const changes = { ...set, ...beginningOf(slot.run, at), startedAt, slot: slot.text };
  return {
    set: telling(seen, changes, { at, ...(by !== undefined && { by }) }),
    remove: [...remove, ...(seen.queuedAt === undefined ? [] : ['queuedAt', 'queuedFrom'])],
  };
}

/**
 * Gives back a slot whose run could not begin; not if somebody else began it.
 * @returns the owner's quota after that
 */
export async function returnUnused(
  ports: Pick<Ports, 'table'>,
  { ownerId, taskId }: TaskItem,
  slot: Slot,
): Promise<Quota | undefined> {
  const task = await taskStore.find(ports, taskId);
  if (task && whoseSlot(slot, task) !== 'nobody') return undefined;
  return giveSlotBack(ports, ownerId, taskId, { slot, task });
}
