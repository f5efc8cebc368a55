/** Tasks that start later: whatever is done meanwhile, and whichever comes first, counts. */
import { describe, expect, it } from 'vitest';
import { CLAIM_GRACE_MS } from '../../../shared/limits.ts';
import { executionNames, tableKeys } from '../../../shared/keys.ts';
import type { Ports } from '../../../shared/ports.ts';
import { ScheduledStartSchema } from '../../../shared/schemas/workflow.ts';
import { beginOrQueue } from '../../../shared/queue/begin.ts';
import { schedule, unschedule, waitOf } from '../../../shared/schedules/schedule.ts';
import { readStartAt } from '../../../shared/schedules/startAt.ts';
import { startScheduled } from '../../../shared/schedules/startScheduled.ts';
import { changeDetails } from '../../../shared/tasks/changeDetails.ts';
import { cancelTask, startTask } from '../../../shared/tasks/controlTask.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { Killed, mortalPorts } from '../../support/mortalPorts.ts';
import { givenTask, loadTask, OWNER, TASK_ID } from '../../support/tasks.ts';
import { written } from '../events/support.ts';

const HOUR = 3_600_000;

const givenPending = async () => {
  const ports = createMemoryPorts();
  const task = await givenTask(ports, { status: 'pending', stage: 'waiting', run: 0 });
  return { ports, task, startAt: ports.clock.now() + HOUR };
};

/** What the waits do that were begun and not ended, once their time has come. */
async function wakeAll(ports: MemoryPorts) {
  const ended = new Set(ports.workflow.stops.map(({ executionName }) => executionName));
  for (const { workflow, executionName, input } of ports.workflow.starts) {
    if (workflow !== 'schedule' || ended.has(executionName)) continue;
    await startScheduled(ports, ScheduledStartSchema.parse(input)).catch((error: unknown) =>
      expect(error).toMatchObject({ name: 'ScheduleUnknown' }),
    );
  }
}

const waits = ({ workflow }: MemoryPorts) =>
  workflow.starts.filter((start) => start.workflow === 'schedule');
const runs = ({ workflow }: MemoryPorts) =>
  workflow.starts.filter((start) => start.workflow === 'task');

describe('a task that is scheduled', () => {
  it('waits in an execution of its own, does not expire, and starts when its time has come', async () => {
    const { ports, task, startAt } = await givenPending();
    const scheduled = await schedule(ports, task, { startAt, by: OWNER });
    expect(scheduled).toMatchObject({ status: 'scheduled', startAt, run: 0 });
    expect(scheduled?.expiresAt).toBeUndefined();
    expect(waits(ports)).toMatchObject([
      { input: { taskId: TASK_ID, revision: 1, startAt: '2026-01-01T01:00:00.000Z' } },
    ]);
    expect(written(ports)).toMatchObject([
      { type: 'task_scheduled', payload: { taskId: TASK_ID, startAt: '2026-01-01T01:00:00.000Z' } },
    ]);
    await wakeAll(ports);
    await wakeAll(ports);
    expect(await loadTask(ports, TASK_ID)).toMatchObject({ status: 'running', run: 1 });
    expect(runs(ports)).toHaveLength(1);
  });

  it('is queued where its owner has as many tasks at work as may be', async () => {
    const { ports, task, startAt } = await givenPending();
    await ports.table.put(tableKeys.quota(OWNER), { taskLimit: 1 });
    const other = await givenTask(ports, {
      taskId: 'task_01J00000000000000000000009',
      status: 'pending',
      run: 0,
    });
    await beginOrQueue(ports, other, { by: OWNER });
    await schedule(ports, task, { startAt, by: OWNER });
    await wakeAll(ports);
    expect(await loadTask(ports, TASK_ID)).toMatchObject({ status: 'queued', run: 0 });
  });

  it('starts at the time that was set last', async () => {
    const { ports, task, startAt } = await givenPending();
    const first = await schedule(ports, task, { startAt, by: OWNER });
    if (!first) throw new Error('It was not scheduled.');
    const second = await schedule(ports, first, { startAt: startAt + HOUR, by: OWNER });
    expect(second).toMatchObject({ startAt: startAt + HOUR, scheduleRevision: 2 });
    const [early, late] = waits(ports);
    expect(ports.workflow.stops).toEqual([
      { workflow: 'schedule', executionName: early?.executionName },
    ]);
    // Had it woken up all the same, before it could be ended:
    await startScheduled(ports, ScheduledStartSchema.parse(early?.input));
    expect(await loadTask(ports, TASK_ID)).toMatchObject({ status: 'scheduled' });
    await startScheduled(ports, ScheduledStartSchema.parse(late?.input));
    expect(await loadTask(ports, TASK_ID)).toMatchObject({ status: 'running' });
  });

  it.each([
    ['is cancelled', 'cancelled', (ports: Ports) => cancelTask(ports, OWNER, TASK_ID)],
    ['is started', 'running', (ports: Ports) => startTask(ports, OWNER, TASK_ID)],
    [
      'is to wait to be started',
      'pending',
      async (ports: Ports) => unschedule(ports, await loadTask(ports, TASK_ID), { by: OWNER }),
    ],
  ] as const)('does not start by itself when it %s before', async (_, status, act) => {
    const { ports, task, startAt } = await givenPending();
    const scheduled = await schedule(ports, task, { startAt, by: OWNER });
    await act(ports);
    expect(ports.workflow.stops).toHaveLength(1);
    const wait = scheduled && waitOf(scheduled);
    if (!wait) throw new Error('It was not scheduled.');
    await startScheduled(ports, wait);
    const after = await loadTask(ports, TASK_ID);
    expect(after.status).toBe(status);
    expect(runs(ports).length).toBe(status === 'running' ? 1 : 0);
  });

  it('is asked for again while its task does not say yet that it waits', async () => {
    const { ports, task, startAt } = await givenPending();
    const wait = { taskId: TASK_ID, revision: 1, startAt: new Date(startAt).toISOString() };
    await expect(startScheduled(ports, wait)).rejects.toMatchObject({ name: 'ScheduleUnknown' });
    await schedule(ports, task, { startAt, by: OWNER });
    await startScheduled(ports, wait);
    expect(await loadTask(ports, TASK_ID)).toMatchObject({ status: 'running' });
  });

  it('has another execution for each of two times that are set at the same moment', () => {
    const names = ['2026-01-01T01:00:00.000Z', '2026-01-01T02:00:00.000Z'].map((startAt) =>
      executionNames.schedule({ taskId: TASK_ID, revision: 1, startAt }),
    );
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[\w-]{1,80}$/);
  });
});

describe('PATCH of startAt', () => {
  const at = (ports: MemoryPorts, ms: number) => new Date(ports.clock.now() + ms).toISOString();
  const patch = (ports: MemoryPorts, startAt: string | null) =>
    changeDetails(ports, OWNER, TASK_ID, { startAt });

  it('sets the time, puts it off, leaves it where it is, and takes it back', async () => {
    const { ports } = await givenPending();
    const first = at(ports, HOUR);
    expect(await patch(ports, first)).toMatchObject({ status: 'scheduled', startAt: first });
    await patch(ports, first);
    expect(waits(ports)).toHaveLength(1);
    const second = at(ports, 2 * HOUR);
    expect(await patch(ports, second)).toMatchObject({ status: 'scheduled', startAt: second });
    for (let times = 0; times < 2; times++) {
      expect(await patch(ports, null)).toMatchObject({ status: 'pending', startAt: null });
    }
    expect(waits(ports)).toHaveLength(2);
    expect(ports.workflow.stops).toHaveLength(2);
    await wakeAll(ports);
    const after = await loadTask(ports, TASK_ID);
    expect(after.status).toBe('pending');
    expect(after.expiresAt).toBeGreaterThan(0);
  });

  it('changes what else is named along with it', async () => {
    const { ports } = await givenPending();
    const view = await changeDetails(ports, OWNER, TASK_ID, {
      name: 'Tonight',
      options: { priority: 90 },
      startAt: at(ports, HOUR),
    });
    expect(view).toMatchObject({
      name: 'Tonight',
      status: 'scheduled',
      options: { priority: 90 },
    });
  });

  it('is refused for a task that was started, and for a time that cannot be', async () => {
    const { ports } = await givenPending();
    await expect(patch(ports, at(ports, -1))).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    await startTask(ports, OWNER, TASK_ID);
    for (const startAt of [at(ports, HOUR), null]) {
      await expect(patch(ports, startAt)).rejects.toMatchObject({
        code: 'INVALID_STATE',
        message: expect.stringContaining('cannot be scheduled') as string,
      });
    }
    expect(waits(ports)).toHaveLength(0);
  });
});

describe.each(['before', 'behind'] as const)(
  'a process that is killed %s any of its calls',
  (when) => {
    it.each([
      [
        'schedules a task',
        async (ports: Ports, startAt: number) =>
          schedule(ports, await loadTask(ports, TASK_ID), { startAt, by: OWNER }),
      ],
      [
        'puts a task off',
        async (ports: Ports, startAt: number) => {
          const task = await loadTask(ports, TASK_ID);
          const first = await schedule(ports, task, { startAt, by: OWNER });
          if (first) await schedule(ports, first, { startAt: startAt + HOUR, by: OWNER });
        },
      ],
    ] as const)('and %s leaves none that waits for ever', async (_, act) => {
      for (let at = 1; ; at++) {
        const { ports, startAt } = await givenPending();
        const mortal = mortalPorts(ports, at, when);
        await act(mortal.ports, startAt).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
        });
        if (!mortal.isDead()) break;
        ports.clock.advance(CLAIM_GRACE_MS);
        const { status } = await loadTask(ports, TASK_ID);
        await wakeAll(ports);
        const after = await loadTask(ports, TASK_ID);
        expect(after.status).toBe(status === 'scheduled' ? 'running' : 'pending');
      }
    });
  },
);

describe('startAt', () => {
  const now = Date.UTC(2026, 0, 1);
  it('is a time that lies ahead, in whole seconds', () => {
    expect(readStartAt('2026-01-01T00:00:01.001Z', now)).toBe(now + 2_000);
    expect(readStartAt('2026-01-01T02:00:00+01:00', now)).toBe(now + HOUR);
  });

  it.each([
    ['2025-12-31T23:59:59Z', 'has passed'],
    ['2026-01-01T00:00:00Z', 'has passed'],
    ['2027-01-01T00:00:00Z', 'more than 360 days ahead'],
  ])('%s is refused: it %s', (startAt, why) => {
    expect(() => readStartAt(startAt, now)).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_ERROR',
        message: expect.stringContaining(why) as string,
        errors: [expect.objectContaining({ pointer: '/startAt' })],
      }) as Error,
    );
  });
});
