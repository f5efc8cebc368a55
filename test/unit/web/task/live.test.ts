import { describe, expect, it } from 'vitest';
import type { Progress } from '../../../../shared/schemas/stream.ts';
import type { TaskView } from '../../../../shared/schemas/taskApi.ts';
import { isTimeToSay } from '../../../../web/pages/task/announcing.ts';
import { changesView, liveOf, takeEvent, withView } from '../../../../web/pages/task/live.ts';
import { addRate, type RatePoint } from '../../../../web/pages/task/rates.ts';

const TASK = 'task_01JDA4V5P0W8QZ6Y3M2T7R9KXC';
const OTHER = 'task_01JDA4V5P0W8QZ6Y3M2T7R9KXD';
const at = '2026-11-27T06:00:00.000Z';

const viewOf = (change: Partial<TaskView> = {}): TaskView =>
  ({
    taskId: TASK,
    status: 'running',
    run: 1,
    totalDocuments: 10,
    succeeded: 0,
    failed: 0,
    skipped: 0,
    pending: 10,
    warnings: ['Look.'],
    ...change,
  }) as TaskView;

const progressOf = (change: Partial<Progress> = {}): Progress => ({
  taskId: TASK,
  progress: 40,
  current: 4,
  total: 10,
  succeeded: 3,
  failed: 1,
  skipped: 0,
  ratePerSecond: 2,
  etaSeconds: 3,
  stage: 'rendering',
  message: '',
  ...change,
});
const told = (change: Partial<Progress> = {}) =>
  ({ type: 'task_progress', seq: 1, at, payload: progressOf(change) }) as const;

describe('a task that is followed', () => {
  it('has the numbers of its progress, and no other task’s', () => {
    const live = liveOf(viewOf());
    const after = takeEvent(live, told(), 0);
    expect(after.task).toMatchObject({ succeeded: 3, failed: 1, pending: 6, progress: 40 });
    expect(after).toMatchObject({ ratePerSecond: 2, etaSeconds: 3 });
    expect(after.rates).toEqual([{ at: 0, rate: 2 }]);
    expect(takeEvent(live, told({ taskId: OTHER }), 0)).toBe(live);
  });

  it.each([
    ['queued', 'rendering', 'running'],
    ['running', 'assembling', 'assembling'],
    ['pausing', 'rendering', 'pausing'],
    ['paused', 'rendering', 'paused'],
    ['cancelling', 'assembling', 'cancelling'],
  ] as const)('is, when it was %s and is told of in %s, %s', (status, stage, expected) => {
    const after = takeEvent(liveOf(viewOf({ status })), told({ stage }), 0);
    expect(after.task.status).toBe(expected);
  });

  it('keeps its end, whatever comes late', () => {
    const live = liveOf(viewOf({ status: 'completed', succeeded: 10, pending: 0 }));
    expect(takeEvent(live, told(), 0)).toBe(live);
  });

  it('is begun anew by a snapshot that says so', () => {
    const live = liveOf(viewOf({ status: 'completed' }));
    const tasks = [{ ...progressOf(), status: 'running' as const, seq: 9 }];
    expect(takeEvent(live, { type: 'snapshot', tasks }, 0).task.status).toBe('running');
    expect(takeEvent(live, { type: 'snapshot', tasks: [] }, 0)).toBe(live);
  });

  it('keeps what only some answers tell', () => {
    const { warnings, ...view } = viewOf({ status: 'paused' });
    expect(withView(liveOf(viewOf()), view).task).toMatchObject({ status: 'paused', warnings });
  });

  it('is looked at anew by what changes more than its numbers', () => {
    const payload = { taskId: TASK, progress: 1, message: '' };
    expect(changesView({ type: 'task_paused', seq: 1, at, payload }, TASK)).toBe(true);
    expect(changesView({ type: 'task_paused', seq: 1, at, payload }, OTHER)).toBe(false);
    expect(changesView(told(), TASK)).toBe(false);
  });
});

describe('its rate over time', () => {
  it('stays a few points, from the first to now, however long it takes', () => {
    let points: readonly RatePoint[] = [];
    for (let second = 0; second <= 10_000; second++) {
      points = addRate(points, { at: second * 1000, rate: second % 2 });
    }
    expect(points.length).toBeLessThanOrEqual(240);
    expect(points.length).toBeGreaterThan(100);
    expect(points[0]?.at).toBe(0);
    expect(points.at(-1)).toEqual({ at: 10_000_000, rate: 0 });
    const times = points.map((point) => point.at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('takes the newest of what comes at once', () => {
    let points = addRate([], { at: 0, rate: 1 });
    points = addRate(points, { at: 100, rate: 2 });
    points = addRate(points, { at: 200, rate: 3 });
    expect(points).toEqual([
      { at: 0, rate: 1 },
      { at: 200, rate: 3 },
    ]);
  });
});

describe('announcements', () => {
  it('come at quarters, and not one after the other', () => {
    const said = { percent: 10, at: 0 };
    expect(isTimeToSay(said, 24, 60_000)).toBe(false);
    expect(isTimeToSay(said, 25, 60_000)).toBe(true);
    expect(isTimeToSay(said, 80, 5_000)).toBe(false);
    // Its end is told by itself.
    expect(isTimeToSay(said, 100, 60_000)).toBe(false);
  });
});
