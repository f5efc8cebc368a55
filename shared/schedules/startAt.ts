/** When a task may be asked to start. */
import { SCHEDULE_DAYS_MAX } from '../limits.ts';
import { Problem } from '../problems.ts';

const DAY_MS = 24 * 3600 * 1000;

/**
 * The time of a request, in ms; whole seconds, as the workflow that waits knows no others.
 * @throws Problem VALIDATION_ERROR for one that has passed or lies too far ahead
 */
export function readStartAt(startAt: string, now: number): number {
  const at = Math.ceil(Date.parse(startAt) / 1000) * 1000;
  if (at <= now) {
    throw fault(
      `startAt has passed: it is ${new Date(now).toISOString()} now. Give a time that lies ahead, or leave startAt out and start the task.`,
    );
  }
  if (at - now > SCHEDULE_DAYS_MAX * DAY_MS) {
    throw fault(
      `startAt lies more than ${SCHEDULE_DAYS_MAX} days ahead. Give a nearer time, and put it off later.`,
    );
  }
  return at;
}

const fault = (detail: string) =>
  new Problem('VALIDATION_ERROR', detail, { errors: [{ pointer: '/startAt', detail }] });
