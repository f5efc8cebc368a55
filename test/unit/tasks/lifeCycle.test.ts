import { describe, expect, it } from 'vitest';
import {
  ACTIONS,
  invalidState,
  isFinal,
  nextStatus,
  possibleCalls,
  statusesBefore,
  TRANSITION_NAMES,
  WORKFLOW_EVENTS,
  type TaskTransition,
} from '../../../shared/tasks/lifeCycle.ts';
import { TASK_STATUSES, type TaskStatus } from '../../../shared/schemas/common.ts';

/** Every state and what leads out of it; whatever is not here must be refused. */
const EXPECTED: Record<TaskStatus, string> = {
  pending: 'start running, enqueue queued, schedule scheduled, abandon cancelled',
  scheduled:
    'start running, enqueue queued, schedule scheduled, unschedule pending, abandon cancelled, fail failed',
  queued: 'pause paused, cancel cancelling, abandon cancelled, admit running, fail failed',
  running: 'pause pausing, cancel cancelling, assemble assembling, fail failed',
  pausing: 'resume running, cancel cancelling, assemble assembling, halt paused, fail failed',
  paused: 'enqueue queued, resume running, retry running, cancel cancelling, abandon cancelled',
  assembling:
    'cancel cancelling, assemble assembling, complete completed, completePartially partially_completed, fail failed',
  cancelling: 'assemble cancelling, stop cancelled, fail failed',
  completed: 'enqueue queued, retry running',
  partially_completed: 'enqueue queued, retry running',
  failed: 'enqueue queued, retry running',
  cancelled: '',
};

const POSSIBLE: Record<TaskStatus, string[]> = {
  pending: ['start', 'cancel', 'delete'],
  scheduled: ['start', 'cancel', 'delete'],
  queued: ['pause', 'cancel', 'delete'],
  running: ['pause', 'cancel'],
  pausing: ['resume', 'cancel'],
  paused: ['resume', 'retry', 'cancel', 'delete'],
  assembling: ['cancel'],
  cancelling: [],
  completed: ['retry', 'delete'],
  partially_completed: ['retry', 'delete'],
  failed: ['retry', 'delete'],
  cancelled: ['delete'],
};

/** States that are reached from one by these transitions. */
function reachable(from: TaskStatus, transitions: readonly TaskTransition[]): Set<TaskStatus> {
  const found = new Set<TaskStatus>([from]);
  // A Set that grows while it is walked is walked to its end.
  for (const status of found) {
    for (const transition of transitions) {
      const next = nextStatus(status, transition);
      if (next !== undefined) found.add(next);
    }
  }
  return found;
}

describe('the life of a task', () => {
  it.each(TASK_STATUSES)('leads from %s where it is said to lead, and nowhere else', (status) => {
    const found = TRANSITION_NAMES.flatMap((transition) => {
      const next = nextStatus(status, transition);
      return next === undefined ? [] : [`${transition} ${next}`];
    });
    expect(found.join(', ')).toBe(EXPECTED[status]);
    for (const transition of TRANSITION_NAMES) {
      expect(statusesBefore(transition).includes(status)).toBe(
        nextStatus(status, transition) !== undefined,
      );
    }
  });

  it('ends in exactly the four final states', () => {
    expect(TASK_STATUSES.filter(isFinal)).toEqual([
      'completed',
      'partially_completed',
      'failed',
      'cancelled',
    ]);
  });

  it('reaches every state from the first one, and an end from every state', () => {
    expect([...reachable('pending', TRANSITION_NAMES)].sort()).toEqual([...TASK_STATUSES].sort());
    for (const status of TASK_STATUSES) {
      const ends = [...reachable(status, TRANSITION_NAMES)].filter(isFinal);
      expect([status, ends.length > 0]).toEqual([status, true]);
    }
  });

  it('needs nobody to end, once it works', () => {
    for (const status of ['running', 'assembling', 'cancelling'] as const) {
      expect([...reachable(status, WORKFLOW_EVENTS)].some(isFinal)).toBe(true);
    }
    // Nor does a workflow leave an end again.
    for (const status of TASK_STATUSES.filter(isFinal)) {
      expect([...reachable(status, WORKFLOW_EVENTS)]).toEqual([status]);
    }
  });

  it('can be cancelled from every state that is not an end, by one call or the one before', () => {
    for (const status of TASK_STATUSES.filter((each) => !isFinal(each) && each !== 'cancelling')) {
      expect([status, possibleCalls(status).includes('cancel')]).toEqual([status, true]);
    }
    expect([...reachable('cancelled', ACTIONS)]).toEqual(['cancelled']);
    // Failed where what was made could not be joined: then somebody may retry it.
    expect([...reachable('cancelling', WORKFLOW_EVENTS)].sort()).toEqual([
      'cancelled',
      'cancelling',
      'failed',
    ]);
    const calls = ACTIONS.filter((action) => nextStatus('cancelling', action));
    expect(calls).toEqual([]);
  });

  it.each(TASK_STATUSES)('says what is possible when it is %s and refuses', (status) => {
    expect(possibleCalls(status)).toEqual(POSSIBLE[status]);
    const hint =
      POSSIBLE[status].length > 0
        ? `Possible now: ${POSSIBLE[status].join(', ')}.`
        : 'Wait until it has come to its end.';
    expect(invalidState(status, 'started')).toMatchObject({
      code: 'INVALID_STATE',
      status: 409,
      message: `The task is ${status} and cannot be started. ${hint}`,
    });
  });
});
