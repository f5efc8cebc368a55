/** Failures that may be everybody's: rows wait until it is known, and never for ever. */
import { describe, expect, it } from 'vitest';
import { BREAKER_MS, BREAKER_ROWS } from '../../../shared/limits.ts';
import { createDoubts } from '../../../shared/rowSteps/doubts.ts';
import type { Service } from '../../../shared/rowSteps/services.ts';

const FAILURE = { code: 'STEP_FAILED', detail: 'It failed.' } as const;
const serviceOf = (failing: Service['failing']): Service => ({
  name: 'the connection "A"',
  limiter: { turn: () => Promise.reject(new Error('Nobody calls.')) },
  headers: {},
  secretHeaders: {},
  microUsd: 0,
  failing,
});
const LONG = { calls: 80, forMs: BREAKER_MS };

/** So many rows that wait, of so many under way. */
function given(
  service: Service,
  rows: number,
  underWay = rows,
  doubts = createDoubts(() => underWay),
) {
  const settled = Promise.all(Array.from({ length: rows }, () => doubts.settle(service, FAILURE)));
  return { doubts, settled };
}

describe('rows in doubt', () => {
  it('have failed by themselves once a call succeeds', async () => {
    const { doubts, settled } = given(serviceOf(undefined), 30);
    doubts.look(false);
    expect(new Set(await settled)).toEqual(new Set([true]));
    expect(doubts.why).toBeUndefined();
  });

  it('have not, when many fail for long: the task pauses and says why', async () => {
    const { doubts, settled } = given(serviceOf(LONG), BREAKER_ROWS, 500);
    doubts.look(false);
    expect(new Set(await settled)).toEqual(new Set([false]));
    expect(doubts.why).toBe(
      'Paused: the last 80 calls of the connection "A" failed, for 20 s. It failed. Nothing is lost: resume the task when the service answers again.',
    );
  });

  it('wait while others are under way, and have failed when nobody is left', async () => {
    let underWay = 3;
    const { doubts, settled } = given(
      serviceOf(LONG),
      2,
      0,
      createDoubts(() => underWay),
    );
    doubts.look(false);
    underWay = 2;
    doubts.look(false);
    expect(await settled).toEqual([true, true]);
  });

  it('of two services, few each, do not wait for each other', async () => {
    const doubts = createDoubts(() => 24);
    const one = given(serviceOf(LONG), 12, 24, doubts);
    const two = given(serviceOf(LONG), 12, 24, doubts);
    doubts.look(false);
    expect(new Set([...(await one.settled), ...(await two.settled)])).toEqual(new Set([true]));
  });

  it('are called again another time when the attempt ends', async () => {
    const { doubts, settled } = given(serviceOf(LONG), 3, 9);
    doubts.look(true);
    expect(new Set(await settled)).toEqual(new Set([false]));
  });
});
