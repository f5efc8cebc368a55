/** The life of a task: which event leads from which state to which. */
import { Problem } from '../problems.ts';
import type { TaskStatus } from '../schemas/common.ts';

/** What people ask for. */
export const ACTIONS = [
  'start',
  /** As start, resume or retry, where the owner has as many tasks at a time as allowed. */
  'enqueue',
  'schedule',
  'unschedule',
  'pause',
  'resume',
  'retry',
  'cancel',
  /** As cancel, where nothing was made and nobody works on it: there is nothing to wait for. */
  'abandon',
] as const;

/** What the workflow and the queue say. */
export const WORKFLOW_EVENTS = [
  /** Its turn has come. */
  'admit',
  /** Nothing is left to be made: the archive is joined. */
  'assemble',
  /** A task that is to pause has stopped. */
  'halt',
  'complete',
  'completePartially',
  /** A task that is to be cancelled has stopped, and its archive holds what was made. */
  'stop',
  'fail',
] as const;

export const TRANSITION_NAMES = [...ACTIONS, ...WORKFLOW_EVENTS] as const;
export type TaskTransition = (typeof TRANSITION_NAMES)[number];

/** What every task does that has ended and may be begun again. */
const AGAIN = { retry: 'running', enqueue: 'queued' } as const;

/**
 * The one transition table. A state that is missing a transition refuses it.
 * - To `running` there is always a new run: late steps of the one before change nothing.
 * - `assemble` of a pausing task is one that onError stopped before the pause took hold.
 * - `cancel` of a task that waits, but of which something was made, is a run that only joins the archive.
 * - `cancelled` is for good, so whose archive could not be joined has failed, and can be retried.
 */
const TRANSITIONS: Readonly<Record<TaskStatus, Partial<Record<TaskTransition, TaskStatus>>>> = {
  pending: { start: 'running', enqueue: 'queued', schedule: 'scheduled', abandon: 'cancelled' },
  scheduled: {
    start: 'running',
    enqueue: 'queued',
    schedule: 'scheduled',
    unschedule: 'pending',
    abandon: 'cancelled',
    fail: 'failed',
  },
  queued: {
    admit: 'running',
    pause: 'paused',
    cancel: 'cancelling',
    abandon: 'cancelled',
    fail: 'failed',
  },
  running: { assemble: 'assembling', pause: 'pausing', cancel: 'cancelling', fail: 'failed' },
  pausing: {
    halt: 'paused',
    resume: 'running',
    cancel: 'cancelling',
    assemble: 'assembling',
    fail: 'failed',
  },
  paused: { resume: 'running', ...AGAIN, cancel: 'cancelling', abandon: 'cancelled' },
  assembling: {
    assemble: 'assembling',
    cancel: 'cancelling',
    complete: 'completed',
    completePartially: 'partially_completed',
    fail: 'failed',
  },
  cancelling: { assemble: 'cancelling', stop: 'cancelled', fail: 'failed' },
  completed: AGAIN,
  partially_completed: AGAIN,
  failed: AGAIN,
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

/** The states in which an execution works on the task. */
export const AT_WORK = ['running', 'pausing', 'assembling', 'cancelling'] as const;

const WORKING: ReadonlySet<TaskStatus> = new Set(AT_WORK);

/** Whether an execution works on the task, or is about to. */
export const isAtWork = (status: TaskStatus) => WORKING.has(status);

/** Where a transition leads, or undefined when the state refuses it. */
export const nextStatus = (status: TaskStatus, transition: TaskTransition) =>
  TRANSITIONS[status][transition];

/** The states that accept a transition: what a conditional write asks for. */
export const statusesBefore = (transition: TaskTransition): TaskStatus[] =>
  (Object.keys(TRANSITIONS) as TaskStatus[]).filter((status) => transition in TRANSITIONS[status]);

/** The control calls of the API, with the transitions that each of them may be. */
const CALLS = {
  start: ['start'],
  pause: ['pause'],
  resume: ['resume'],
  retry: ['retry'],
  cancel: ['cancel', 'abandon'],
} as const satisfies Record<string, readonly TaskTransition[]>;

/** The control calls that a task in this state follows. One on which nobody works can be deleted. */
export const possibleCalls = (status: TaskStatus): string[] => [
  ...Object.entries(CALLS).flatMap(([call, transitions]) =>
    transitions.some((transition) => nextStatus(status, transition)) ? [call] : [],
  ),
  ...(isAtWork(status) ? [] : ['delete']),
];

/** The refusal of a control call, naming the state and what is possible in it. */
export function invalidState(status: TaskStatus, wanted: string): Problem {
  const possible = possibleCalls(status);
  const hint =
    possible.length > 0
      ? `Possible now: ${possible.join(', ')}.`
      : 'Wait until it has come to its end.';
  return new Problem('INVALID_STATE', `The task is ${status} and cannot be ${wanted}. ${hint}`);
}
