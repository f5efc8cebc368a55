import { describe, expect, it } from 'vitest';
import {
  invalidState,
  isFinal,
  nextStatus,
  statusesBefore,
  type TaskTransition,
} from '../../../shared/tasks/lifeCycle.ts';
import { TASK_STATUSES, type TaskStatus } from '../../../shared/schemas/common.ts';

const TRANSITIONS: TaskTransition[] = [
  'start',
  'retry',
  'assemble',
  'cancel',
  'complete',
  'completePartially',
  'stop',
  'fail',
];

describe('the life of a task', () => {
  it('leaves a final state by a retry alone, and only a task that failed', () => {
    for (const status of TASK_STATUSES.filter(isFinal)) {
      for (const transition of TRANSITIONS) {
        const retries = status === 'failed' && transition === 'retry';
        expect(nextStatus(status, transition)).toBe(retries ? 'running' : undefined);
      }
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

  it('leads from every state that can be entered to an end', () => {
    const reachable = new Set<TaskStatus>(['pending']);
    // A Set that grows while it is walked is walked to its end.
    for (const status of reachable) {
      const next = TRANSITIONS.map((transition) => nextStatus(status, transition));
      if (!isFinal(status)) expect(next.some((to) => to !== undefined && to !== status)).toBe(true);
      for (const to of next) if (to !== undefined) reachable.add(to);
    }
    expect([...reachable].sort()).toEqual([
      'assembling',
      'cancelled',
      'cancelling',
      'completed',
      'failed',
      'partially_completed',
      'pending',
      'running',
    ]);
  });

  it('keeps a cancelling task cancelling until it has stopped', () => {
    expect(nextStatus('cancelling', 'assemble')).toBe('cancelling');
    expect(nextStatus('cancelling', 'complete')).toBeUndefined();
    expect(nextStatus('cancelling', 'stop')).toBe('cancelled');
    expect(nextStatus('cancelling', 'fail')).toBe('cancelled');
  });

  it('tells which states a transition starts from', () => {
    expect(statusesBefore('start')).toEqual(['pending']);
    expect(statusesBefore('cancel')).toEqual(['pending', 'running', 'assembling']);
  });

  it('says what is possible when it refuses', () => {
    expect(invalidState('running', 'started').message).toBe(
      'The task is running and cannot be started. Possible now: cancel.',
    );
    expect(invalidState('completed', 'cancelled')).toMatchObject({
      code: 'INVALID_STATE',
      status: 409,
    });
  });
});
