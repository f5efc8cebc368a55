import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  nextRate,
  percent,
  progressOf,
  secondsLeft,
  tried,
  unreported,
} from '../../../shared/tasks/progress.ts';
import { taskView } from '../../../shared/tasks/taskViews.ts';
import { taskItem } from '../../support/tasks.ts';

const counts = fc.record({ succeeded: fc.nat(1000), failed: fc.nat(1000), skipped: fc.nat(1000) });

describe('percent', () => {
  it('rises with the documents and is 100 only at the end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e8 }), fc.nat(), fc.nat(), (total, a, b) => {
        const [low, high] = [a % (total + 1), b % (total + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ];
        expect(percent(low, total, false)).toBeLessThanOrEqual(percent(high, total, false));
        expect(percent(high, total, false)).toBeLessThan(100);
        expect(percent(high, total, false)).toBeGreaterThanOrEqual(0);
      }),
    );
    expect(percent(10, 10, true)).toBe(100);
    expect(percent(5, 10, true)).toBe(50);
  });
});

describe('the rate', () => {
  it('is what was observed when there was none', () => {
    const before = { ratePerSecond: 0, at: 0, current: 0 };
    expect(nextRate(before, { at: 2_000, current: 100 })).toBe(50);
  });

  it('stays between the old rate and the observed one, and is never negative', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 1e5, noNaN: true }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.nat(1_000_000),
        (ratePerSecond, elapsed, more) => {
          const observed = (more * 1000) / elapsed;
          const rate = nextRate(
            { ratePerSecond, at: 0, current: 0 },
            { at: elapsed, current: more },
          );
          expect(rate).toBeGreaterThanOrEqual(Math.min(ratePerSecond, observed) - 1e-6);
          expect(rate).toBeLessThanOrEqual(Math.max(ratePerSecond, observed) + 1e-6);
        },
      ),
    );
  });

  it('does not change without time', () => {
    const before = { ratePerSecond: 7, at: 10, current: 3 };
    expect(nextRate(before, { at: 10, current: 30 })).toBe(7);
  });
});

describe('the time left', () => {
  it('is unknown without a rate and nothing at the end', () => {
    expect(secondsLeft(1, 10, 0)).toBeNull();
    expect(secondsLeft(10, 10, 0)).toBe(0);
    expect(secondsLeft(0, 100, 40)).toBe(2.5);
  });
});

describe('what is reported of a shard', () => {
  it('is never negative and never more than what is new', () => {
    fc.assert(
      fc.property(counts, counts, (reported, now) => {
        const delta = unreported(reported, now);
        expect(Math.min(...Object.values(delta))).toBeGreaterThanOrEqual(0);
        expect(tried(delta)).toBeLessThanOrEqual(Math.max(0, tried(now) - tried(reported)));
      }),
    );
  });

  it('adds up to the counts of one attempt, however often it reports', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('succeeded', 'failed', 'skipped'), { maxLength: 50 }),
        (rows) => {
          const now = { succeeded: 0, failed: 0, skipped: 0 };
          let sum = { succeeded: 0, failed: 0, skipped: 0 };
          for (const outcome of rows) {
            now[outcome]++;
            const delta = unreported(sum, now);
            sum = {
              succeeded: sum.succeeded + delta.succeeded,
              failed: sum.failed + delta.failed,
              skipped: sum.skipped + delta.skipped,
            };
          }
          expect(sum).toEqual(now);
        },
      ),
    );
  });

  it('does not count the rows of a second attempt again', () => {
    const reported = { succeeded: 40, failed: 2, skipped: 0 };
    expect(unreported(reported, { succeeded: 30, failed: 1, skipped: 0 })).toEqual({
      succeeded: 0,
      failed: 0,
      skipped: 0,
    });
    expect(unreported(reported, { succeeded: 45, failed: 2, skipped: 0 })).toMatchObject({
      succeeded: 5,
      failed: 0,
    });
  });
});

describe('the numbers of a task', () => {
  it('never show more documents than there are', () => {
    expect(progressOf(taskItem({ succeeded: 99, failed: 4 }))).toMatchObject({
      current: 100,
      total: 100,
      progress: 99,
    });
  });

  it('add up, and are those of the task where it has not more than there are', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 3000 }), (live, totalDocuments) => {
        const task = taskItem({ ...live, totalDocuments });
        const { succeeded, failed, skipped, current, message } = progressOf(task);
        const view = taskView(task);
        expect(view).toMatchObject({ succeeded, failed, skipped });
        expect(current).toBe(succeeded + failed + skipped);
        expect(view.pending + current).toBe(totalDocuments);
        expect(view.pending).toBeGreaterThanOrEqual(0);
        expect(message).toContain(`Rendered ${current.toLocaleString('en-US')} of`);
        if (tried(live) <= totalDocuments) expect({ succeeded, failed, skipped }).toEqual(live);
      }),
    );
  });

  it('say what is happening', () => {
    const rendering = taskItem({ succeeded: 40, failed: 2, ratePerSecond: 10.04 });
    expect(progressOf(rendering)).toMatchObject({
      progress: 42,
      etaSeconds: 5.8,
      ratePerSecond: 10,
      message: 'Rendered 42 of 100 documents, 2 failed.',
    });
    const done = taskItem({ status: 'completed', stage: 'done', succeeded: 100 });
    expect(progressOf(done)).toMatchObject({ progress: 100, etaSeconds: 0 });
  });
});
