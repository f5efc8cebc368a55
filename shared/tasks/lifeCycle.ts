/** The life of a task: which event leads from which state to which. */
import { Problem } from '../problems.ts';
import type { TaskStatus } from '../schemas/common.ts';

export type TaskTransition =
  'start' | 'retry' | 'assemble' | 'cancel' | 'complete' | 'completePartially' | 'stop' | 'fail';

/**
 * The one transition table. A state that is missing a transition refuses it.
 * `stop` ends a cancelling task once its archive holds what was made. scheduled, pausing and paused
 * are part of the contract and are entered by features that build on this table.
 */
const TRANSITIONS: Readonly<Record<TaskStatus, Partial<Record<TaskTransition, TaskStatus>>>> = {
  pending: { start: 'running', cancel: 'cancelled' },
  scheduled: {},
  running: { assemble: 'assembling', cancel: 'cancelling', fail: 'failed' },
  pausing: {},
  paused: {},
  assembling: {
    assemble: 'assembling',
    cancel: 'cancelling',
    complete: 'completed',
    completePartially: 'partially_completed',
    fail: 'failed',
  },
  cancelling: { assemble: 'cancelling', stop: 'cancelled', fail: 'cancelled' },
  completed: {},
  partially_completed: {},
  failed: { retry: 'running' },
  cancelled: {},
};

const FINAL: ReadonlySet<TaskStatus> = new Set([
  'completed',
  'partially_completed',
  'failed',
  'cancelled',
]);

/** Whether the task has ended for good. */
export const isFinal = (status: TaskStatus) => FINAL.has(status);

/** Where a transition leads, or undefined when the state refuses it. */
export const nextStatus = (status: TaskStatus, transition: TaskTransition) =>
  TRANSITIONS[status][transition];

/** The states that accept a transition: what a conditional write asks for. */
export const statusesBefore = (transition: TaskTransition): TaskStatus[] =>
  (Object.keys(TRANSITIONS) as TaskStatus[]).filter((status) => transition in TRANSITIONS[status]);

/** The refusal of a control call, naming the state and what is possible in it. */
export function invalidState(status: TaskStatus, wanted: string): Problem {
  const possible = (['start', 'cancel', 'retry'] as const).filter((t) => nextStatus(status, t));
  const hint =
    possible.length > 0
      ? `Possible now: ${possible.join(', ')}.`
      : 'Nothing can be changed any more; make a new task instead.';
  return new Problem('INVALID_STATE', `The task is ${status} and cannot be ${wanted}. ${hint}`);
}
