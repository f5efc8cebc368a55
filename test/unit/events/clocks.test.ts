/** Clocks that differ, were set back, or jumped ahead hold no event up. */
import { describe, expect, it } from 'vitest';
import { CLOCK_SKEW_MS, PUSH_INTERVAL_MS, PUSH_LEASE_MS } from '../../../shared/limits.ts';
import { publishProgress } from '../../../shared/events/publish.ts';
import { createTurnWatch } from '../../../shared/events/turn.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, loadTask, TASK_ID } from '../../support/tasks.ts';
import { finish, subscribe, types } from './support.ts';

const HOUR = 3_600_000;

describe('progress', () => {
  it.each([-HOUR, HOUR])('goes on when the clock jumps by %i ms', async (jump) => {
    const ports = createMemoryPorts();
    await givenTask(ports);
    await subscribe(ports, 'c1', TASK_ID);
    expect(await publishProgress(ports, await loadTask(ports, TASK_ID))).toBe(true);
    ports.clock.jump(jump);
    ports.clock.advance(PUSH_INTERVAL_MS);
    expect(await publishProgress(ports, await loadTask(ports, TASK_ID))).toBe(true);
    expect(await publishProgress(ports, await loadTask(ports, TASK_ID))).toBe(false);
    ports.clock.jump(-jump);
    ports.clock.advance(PUSH_INTERVAL_MS);
    expect(await publishProgress(ports, await loadTask(ports, TASK_ID))).toBe(true);
  });

  it('goes on when a pusher was killed before the clock was set back', async () => {
    const ports = createMemoryPorts();
    const now = ports.clock.now();
    const ahead = now + HOUR;
    await givenTask(ports, {
      pushedAt: ahead,
      pushDueAt: ahead + PUSH_INTERVAL_MS,
      pushLeaseUntil: ahead + PUSH_LEASE_MS,
    });
    const watch = createTurnWatch(ports);
    const begun = ports.clock.monotonicMs();
    while (!(await publishProgress(ports, await loadTask(ports, TASK_ID), [], { watch }))) {
      ports.clock.advance(PUSH_INTERVAL_MS);
    }
    expect(ports.clock.monotonicMs() - begun).toBe(PUSH_LEASE_MS);
  });

  it.each([-9_000, 9_000])(
    'does not overtake a teller who is sending, though the clock is off by %i ms',
    async (skew) => {
      const ports = createMemoryPorts();
      await givenTask(ports);
      await subscribe(ports, 'c1', TASK_ID);
      const watch = createTurnWatch(ports);
      const pushed: boolean[] = [];
      const slow: typeof ports.connections = {
        ...ports.connections,
        async send(...args) {
          for (let waited = 0; waited < PUSH_LEASE_MS - 2 * PUSH_INTERVAL_MS;) {
            ports.clock.jump(skew);
            const latest = await loadTask(ports, TASK_ID);
            pushed.push(await publishProgress(ports, latest, [], { watch }));
            ports.clock.jump(-skew);
            ports.clock.advance(PUSH_INTERVAL_MS);
            waited += PUSH_INTERVAL_MS;
          }
          return ports.connections.send(...args);
        },
      };
      await publishProgress({ ...ports, connections: slow }, await loadTask(ports, TASK_ID));
      expect(pushed.length).toBeGreaterThan(10);
      expect(pushed).not.toContain(true);
    },
  );

  it('is held up by a clock that is ahead for no longer than clocks may differ', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports);
    await subscribe(ports, 'c1', TASK_ID);
    // A worker whose clock is ahead pushes once, and its shard ends.
    ports.clock.jump(CLOCK_SKEW_MS);
    await publishProgress(ports, await loadTask(ports, TASK_ID));
    ports.clock.jump(-CLOCK_SKEW_MS);
    const begun = ports.clock.monotonicMs();
    while (!(await publishProgress(ports, await loadTask(ports, TASK_ID)))) {
      ports.clock.advance(PUSH_INTERVAL_MS);
    }
    const waited = ports.clock.monotonicMs() - begun;
    expect(waited).toBeGreaterThan(0);
    expect(waited).toBeLessThanOrEqual(CLOCK_SKEW_MS + PUSH_INTERVAL_MS);
  });
});

describe('the end', () => {
  it.each([-HOUR, HOUR])(
    'takes the turn of a teller that was killed, though the clock jumps by %i ms',
    async (jump) => {
      const ports = createMemoryPorts();
      await givenTask(ports, { pushLeaseUntil: ports.clock.now() + PUSH_LEASE_MS });
      await subscribe(ports, 'c1', TASK_ID);
      const sleep = ports.clock.sleep.bind(ports.clock);
      let jumped = false;
      const clock = {
        ...ports.clock,
        async sleep(ms: number) {
          if (!jumped) ports.clock.jump(jump);
          jumped = true;
          await sleep(ms);
        },
      };
      const begun = ports.clock.monotonicMs();
      await finish({ ...ports, clock });
      expect(types(ports)).toEqual(['subscribed', 'task_completed']);
      expect(ports.clock.monotonicMs() - begun).toBeLessThanOrEqual(PUSH_LEASE_MS + 100);
    },
  );
});
