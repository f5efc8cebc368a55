/**
 * Slots: places among the tasks of an owner that work at the same time. All of them are attributes of the
 * owner's one item, which is changed by conditional writes: however many tasks are started at once, the
 * item never has more slots than the owner may have.
 *
 * A task works only while it has a slot: it takes one before its state is changed, and gives it back after
 * its state was changed. So a process that dies leaves a slot too many, never one too few.
 * Who finds such a slot tells by the task whether anybody needs it (`whoseSlot`).
 */
import { OWNER_INDEXES } from '../names.ts';
import { inVersion } from '../inVersion.ts';
import { SLOT_PREFIX, SWEPT_OWNERS, tableKeys } from '../keys.ts';
import type { Condition, Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import { type Quota, QuotaItemSchema, type Slot } from '../schemas/quota.ts';
import { isOwn } from './quota.ts';
import { isAtWork } from '../tasks/lifeCycle.ts';

type TablePort = Pick<Ports, 'table'>;

const slotAttribute = (taskId: string) => `${SLOT_PREFIX}${taskId}`;

/** Lists the owner for the sweeper. */
const listed = (ownerId: string, now: number) => {
  const { partition, sort } = OWNER_INDEXES.activeByOwner;
  return { [partition]: SWEPT_OWNERS, [sort]: ownerId, claimedAt: now };
};

/**
 * What was made with a slot and not charged yet: nothing, unless a run of the task began with it. Who took it may have
 * seen the task long ago, and what it has made since was charged with other slots.
 */
function madeWith(slot: Slot, task: TaskItem | undefined, charged = task?.charged ?? 0): number {
  return isOwn(slot, task) ? charged - slot.base : 0;
}

/**
 * Whether a task has changed since it was seen so: somebody who saw it later has a slot for its next run.
 * That one must not be taken from under him.
 */
export function isOutdated(quota: Quota, seen: TaskItem): boolean {
  const slot = quota.slots[seen.taskId];
  return slot !== undefined && slot.run > seen.run && slot.revision > (seen.revision ?? 0);
}

/**
 * Takes a slot for a task, in place of one that it may have: who saw this quota makes sure that there is
 * room. A slot that it kept from an earlier run is charged.
 * @returns the quota after that; undefined when it, or the task, has changed meanwhile
 */
export async function takeSlot(
  { table }: TablePort,
  quota: Quota,
  task: TaskItem,
  slot: Slot,
): Promise<Quota | undefined> {
  if (isOutdated(quota, task)) return undefined;
  const { ownerId, taskId } = task;
  const attribute = slotAttribute(taskId);
  const earlier = quota.slots[taskId];
  const same: Condition = earlier
    ? { attribute, is: '=', value: earlier.text }
    : { absent: attribute };
  const charged = earlier ? madeWith(earlier, task, slot.base) : 0;
  const item = await table.update(
    tableKeys.quota(ownerId),
    {
      set: { ...listed(ownerId, slot.since), [attribute]: slot.text },
      add: { version: 1, ...(charged !== 0 && { used: charged }) },
    },
    { all: [inVersion(quota), same] },
  );
  return item && QuotaItemSchema.parse(item);
}

/**
 * Gives a slot back, and charges what was made with it.
 * @param task as it came to rest; undefined for one that is gone, of which nothing counts
 * @returns the quota after that; undefined when the task does not have this slot (any more)
 */
export async function giveSlotBack(
  { table }: TablePort,
  ownerId: string,
  taskId: string,
  { slot, task }: { slot: Slot; task: TaskItem | undefined },
): Promise<Quota | undefined> {
  const attribute = slotAttribute(taskId);
  const used = madeWith(slot, task);
  const item = await table.update(
    tableKeys.quota(ownerId),
    { remove: [attribute], ...(used !== 0 && { add: { used } }) },
    { attribute, is: '=', value: slot.text },
  );
  return item && QuotaItemSchema.parse(item);
}

/**
 * Whose a slot is:
 * - `task`: the task works with it;
 * - `begun`: somebody may be about to begin a run with it, or died before that;
 * - `nobody`: the run has ended, or will not begin.
 */
export function whoseSlot(slot: Slot, task: TaskItem | undefined): 'task' | 'begun' | 'nobody' {
  // It may be about to be created.
  if (!task) return 'begun';
  if (isAtWork(task.status)) return slot.run < task.run ? 'nobody' : 'task';
  // Of a later revision than this one it was taken since.
  return slot.run > task.run && slot.revision >= (task.revision ?? 0) ? 'begun' : 'nobody';
}

/**
 * Notes whether tasks of the owner wait, and lists the owner.
 * @param quota only if it is still so in this respect
 * @returns the quota after that; undefined when it has changed meanwhile
 */
export async function noteWaiting(
  { table }: TablePort,
  ownerId: string,
  { waiting, now, quota }: { waiting: boolean; now: number; quota?: Quota },
): Promise<Quota | undefined> {
  const item = await table.update(
    tableKeys.quota(ownerId),
    {
      set: { waiting, ...(waiting && listed(ownerId, now)) },
      add: { version: 1 },
    },
    quota && inVersion(quota),
  );
  return item && QuotaItemSchema.parse(item);
}

/** Takes an owner off the sweeper's list who had nothing when the quota was read. */
export async function unlist({ table }: TablePort, ownerId: string, quota: Quota): Promise<void> {
  const { sort } = OWNER_INDEXES.activeByOwner;
  await table.update(tableKeys.quota(ownerId), { remove: [sort] }, inVersion(quota));
}
