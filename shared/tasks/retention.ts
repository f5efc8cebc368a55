/**
 * How long a task is kept: times of expiry in seconds since 1970. Only the task's own item has one. What
 * else belongs to it, in its partition of the table and below its prefix in the bucket, has none: it is
 * there as long as the task, however long that waits, and goes with it (deleteTask.ts).
 */
import { SECONDS_PER_DAY } from '../limits.ts';
import type { TaskStatus } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';
import { isFinal } from './lifeCycle.ts';

/** Of a task that is created or ended at this time, in ms. */
export const expiryFrom = (now: number, { retentionDays }: TaskItem['options']): number =>
  Math.floor(now / 1000) + retentionDays * SECONDS_PER_DAY;

/** Whether a task in this state expires: when it has ended, and as long as nobody ever asked for it. */
export const expires = (status: TaskStatus): boolean => isFinal(status) || status === 'pending';

/** A change of a task's state together with when the task expires after it, if it does. */
export function expiring<C extends Partial<TaskItem>>(
  { options }: Pick<TaskItem, 'options'>,
  changes: C,
  at: number,
): C & { expiresAt?: number } {
  if (changes.status === undefined || !expires(changes.status)) return changes;
  return { ...changes, expiresAt: expiryFrom(at, changes.options ?? options) };
}
