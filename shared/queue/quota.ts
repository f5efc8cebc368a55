/** What an owner's quota allows: pure functions of the owner's item, and how it is read. */
import { tableKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import { type Quota, QuotaItemSchema, slotOf, SlotSchema, type Slot } from '../schemas/quota.ts';

/** The owner's quota as it is now; an owner who never had a task has the default. */
export async function loadQuota({ table }: Pick<Ports, 'table'>, ownerId: string): Promise<Quota> {
  return QuotaItemSchema.parse((await table.get(tableKeys.quota(ownerId))) ?? {});
}

export const slotsOf = ({ slots }: Quota): [taskId: string, slot: Slot][] => Object.entries(slots);

/** How many of the owner's tasks have a slot. */
export const tasksAtWork = (quota: Quota): number => slotsOf(quota).length;

export const hasFreeSlot = (quota: Quota): boolean => tasksAtWork(quota) < quota.taskLimit;

/** Documents that tasks with a slot may yet make. */
export const reservedDocuments = (quota: Quota): number =>
  slotsOf(quota).reduce((sum, [, { reserved }]) => sum + reserved, 0);

/** Documents that a task at rest would make at the most, beyond those that it has made. */
const needOf = (task: TaskItem): number => task.totalDocuments - (task.charged ?? 0);

/**
 * Whether the documents of a task at rest fit into its owner's budget: now, perhaps once others have given
 * back what they do not need, or never, whatever they give back. A slot that it has has reserved them.
 */
export function roomFor(
  quota: Quota,
  task: TaskItem,
): { fits: 'now' | 'later' | 'never'; need: number; left: number } {
  const need = needOf(task);
  const { documentBudget: budget = Number.POSITIVE_INFINITY, used } = quota;
  const left = budget - used - reservedDocuments(quota);
  if (quota.slots[task.taskId] || need <= left) return { fits: 'now', need, left };
  return { fits: used + need <= budget ? 'later' : 'never', need, left };
}

/** The claim of the slot with which the task's run began. */
const claimOf = (task: TaskItem | undefined): number | undefined =>
  task?.slot === undefined ? undefined : SlotSchema.parse(task.slot).claim;

/** Whether a run of the task began with this slot, or with the one whose place it took. */
export function isOwn({ claim, instead }: Slot, task: TaskItem | undefined): boolean {
  const own = claimOf(task);
  return own !== undefined && (own === claim || (instead !== 0 && own === instead));
}

/** Whose place a slot takes (SlotFields, instead). */
function insteadOf(earlier: Slot | undefined, task: TaskItem, run: number): number {
  if (earlier?.run === run) return earlier.instead;
  return earlier && isOwn(earlier, task) ? (claimOf(task) ?? 0) : 0;
}

/** The slot that a task at rest would take for its next run. */
export function nextSlot(quota: Quota, task: TaskItem, now: number): Slot {
  const run = task.run + 1;
  const earlier = quota.slots[task.taskId];
  return slotOf({
    run,
    revision: task.revision ?? 0,
    base: task.charged ?? 0,
    reserved: needOf(task),
    since: now,
    claim: earlier?.run === run ? earlier.claim : quota.version + 1,
    instead: insteadOf(earlier, task, run),
  });
}
