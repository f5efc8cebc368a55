/** How long a task, and what is kept beside it, stays: times of expiry in seconds since 1970. */
import { TASK_RETENTION_SECONDS } from '../limits.ts';
import type { TaskItem } from '../schemas/items.ts';

/** Of a task that is created, begun again or ended at this time, in ms. */
export const expiryFrom = (now: number): number => Math.floor(now / 1000) + TASK_RETENTION_SECONDS;

/** Of what must not go before the task: its own expiry moves to its end plus its retention, at most. */
export const expiryBeyond = ({ expiresAt }: Pick<TaskItem, 'expiresAt'>): number =>
  expiresAt + TASK_RETENTION_SECONDS;
