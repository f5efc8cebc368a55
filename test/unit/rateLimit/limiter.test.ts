/** One limit over all workers, whatever their clocks say and however many there are. */
import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLimiter, type CallEnd, type Limiter } from '../../../shared/rateLimit/limiter.ts';
import { burstOf } from '../../../shared/rateLimit/pace.ts';
import type { RateLimit } from '../../../shared/schemas/rateLimit.ts';
import { tableKeys } from '../../../shared/keys.ts';
import type { ItemKey } from '../../../shared/ports.ts';
import { PACE_HOLD_MS } from '../../../shared/limits.ts';
import { createMemoryTable } from '../../support/memoryTable.ts';
import { createTimeline, type Timeline } from '../../simulation/world/timeline.ts';

const START = 1_000;
const turnOfTheLoop = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** Virtual time in which workers live, each with a clock of its own. */
function createWorld(latencyMs: () => number) {
  const timeline: Timeline = createTimeline(START);
  const sleep = (ms: number) =>
    new Promise<void>((resolve) => void timeline.at(timeline.now() + Math.max(0, ms), resolve));
  const table = createMemoryTable({ now: () => timeline.now() });
  const slow =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      await sleep(latencyMs() / 2);
      if (failing) throw new Error('The table fails.');
      const result = await call(...args);
      await sleep(latencyMs() / 2);
      return result;
    };
  let writes = 0;
  /** Workers of a generation that is over get no time any more. */
  let generation = 0;
  let failing = false;
  const slowTable = {
    ...table,
    get: slow((...args: Parameters<typeof table.get>) => table.get(...args)),
    put: slow((...args: Parameters<typeof table.put>) => {
      writes++;
      return table.put(...args);
    }),
  };
  let seed = 1;
  return {
    timeline,
    table,
    sleep,
    /** Freezes every worker that there is. */
    stop() {
      generation++;
    },
    set failing(fails: boolean) {
      failing = fails;
    },
    get writes() {
      return writes;
    },
    /**
     * @param offBy of its wall clock, in ms
     * @param standsMs how long its event loop stands whenever it is to go on
     */
    worker: (
      by: { key: ItemKey; limit: RateLimit; taskId: string },
      offBy = 0,
      standsMs: () => number = () => 0,
    ): Limiter => {
      const own = generation;
      const isAlive = () => own === generation;
      const sleepAlive = async (ms: number) => {
        await sleep(ms);
        await sleep(standsMs());
        if (!isAlive()) await new Promise(() => undefined);
      };
      return createLimiter(
        {
          table: slowTable,
          clock: {
            now: () => timeline.now() + offBy,
            monotonicMs: () => timeline.now() - START + offBy * 7,
            sleep: sleepAlive,
          },
          random: {
            bytes: (count) =>
              Uint8Array.from(
                { length: count },
                () => (seed = (seed * 1_103_515_245 + 12_345) >>> 0) >>> 16,
              ),
          },
        },
        by,
      );
    },
    /** Lets time pass up to a moment, in ms from the start. */
    async until(ms: number) {
      await turnOfTheLoop();
      timeline.at(START + ms, () => undefined);
      for (let next = timeline.nextAt(); next !== undefined && next <= START + ms;) {
        timeline.step();
        await turnOfTheLoop();
        next = timeline.nextAt();
      }
    },
  };
}

interface Calls {
  /** When each began, in ms from the start. */
  readonly at: number[];
}

type World = ReturnType<typeof createWorld>;

/** Keeps so many rows waiting, and calls whenever it is a row's turn. */
function callOn(
  world: World,
  limiter: Limiter,
  { rows, callMs, until = 1e9 }: { rows: number; callMs: number; until?: number },
  end: (at: number) => CallEnd = () => ({ outcome: 'answered' }),
): Calls {
  const calls: Calls = { at: [] };
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  world.timeline.at(START + until, () => stop.abort(new Error('over')));
  for (let row = 0; row < rows; row++) {
    void (async () => {
      for (;;) {
        const ended = await limiter.turn(stop.signal);
        const at = world.timeline.now() - START;
        calls.at.push(at);
        await world.sleep(callMs);
        ended(end(at));
      }
    })().catch(() => undefined);
  }
  return calls;
}

/** By how many calls the limit was passed in the worst stretch of time. */
function excess(at: readonly number[], limit: RateLimit): number {
  const { perSecond } = limit;
  const burst = burstOf(limit);
  const times = at.toSorted((a, b) => a - b);
  let worst = -Infinity;
  /** Largest so far of (index of the first call − rate × its time), with the sign turned. */
  let first = -Infinity;
  times.forEach((time, i) => {
    const passed = (time * perSecond) / 1_000;
    first = Math.max(first, passed - i);
    worst = Math.max(worst, i + 1 - passed + first - burst);
  });
  return worst;
}

/** The most calls under way at a time, of calls that take so long. */
function mostAtOnce(at: readonly { readonly from: number; readonly to: number }[]): number {
  const changes = at.flatMap(({ from, to }) => [
    { moment: from, by: 1 },
    { moment: to, by: -1 },
  ]);
  changes.sort((a, b) => a.moment - b.moment || a.by - b.by);
  let now = 0;
  return changes.reduce((most, { by }) => Math.max(most, (now += by)), 0);
}

const limitArbitrary = fc.record({
  perSecond: fc.integer({ min: 1, max: 400 }),
  burst: fc.integer({ min: 1, max: 40 }),
  concurrent: fc.integer({ min: 1, max: 200 }),
});

const workerArbitrary = fc.record({
  task: fc.integer({ min: 1, max: 2 }),
  offBy: fc.integer({ min: -100_000_000, max: 100_000_000 }),
  rows: fc.integer({ min: 1, max: 60 }),
  callMs: fc.integer({ min: 1, max: 400 }),
  from: fc.integer({ min: 0, max: 2_000 }),
  latency: fc.integer({ min: 1, max: 40 }),
  /** How long its event loop stands at the most. */
  stands: fc.constantFrom(0, 0, 30, 80, 300),
});

const connection = { key: tableKeys.pace('cnx_1'), taskId: 'task_1' };

describe('a limiter', () => {
  it('is never faster than burst + rate × time in any stretch of time, nor calls more at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        limitArbitrary,
        fc.array(workerArbitrary, { minLength: 1, maxLength: 5 }),
        async (limit, workers) => {
          const world = createWorld(() => workers[0]?.latency ?? 1);
          const all: { calls: Calls; callMs: number }[] = [];
          for (const { task, offBy, rows, callMs, from, stands } of workers) {
            let turn = 0;
            const standsMs = () => (stands * ++turn * 0.618_034) % (stands || 1);
            world.timeline.at(START + from, () => {
              const by = { key: tableKeys.pace('cnx_1'), limit, taskId: `task_${task}` };
              const limiter = world.worker(by, offBy, standsMs);
              all.push({ calls: callOn(world, limiter, { rows, callMs }), callMs });
            });
          }
          await world.until(5_000);
          const times = all.flatMap(({ calls }) => calls.at);
          // What timers that are a little late begin counts as in time (limiter.ts).
          const timely = workers.some(({ stands }) => stands > 0) ? 0.25 : 0;
          expect(excess(times, limit)).toBeLessThanOrEqual(timely + 1e-6);
          const underWay = all.flatMap(({ calls, callMs }) =>
            calls.at.map((from) => ({ from, to: from + callMs })),
          );
          expect(mostAtOnce(underWay)).toBeLessThanOrEqual(limit.concurrent);
          expect(times.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps nine tenths of the rate while calls wait, however many workers there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 5, max: 300 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 300 }),
        async (perSecond, burst, tasks, latency, callMs) => {
          const world = createWorld(() => latency);
          const limit = { perSecond, burst, concurrent: 1_000 };
          const all = tasks.map((task) => {
            const by = { key: tableKeys.pace('cnx_1'), limit, taskId: `task_${task}` };
            return callOn(world, world.worker(by), { rows: perSecond + 100, callMs });
          });
          await world.until(21_000);
          const late = all.flatMap(({ at }) => at).filter((moment) => moment >= 1_000);
          expect(late.length).toBeGreaterThanOrEqual(0.9 * 20 * perSecond);
          expect(
            excess(
              all.flatMap(({ at }) => at),
              limit,
            ),
          ).toBeLessThanOrEqual(1e-6);
        },
      ),
      { numRuns: 12 },
    );
  });

  it.each([
    [20, 10],
    [20, 60],
    [20, 400],
    [1, 60],
    [400, 60],
    [20, 2_000],
  ])(
    'gets turns, of %i a second, though its event loop stands for %i ms at each',
    async (perSecond, stands) => {
      const world = createWorld(() => 5);
      const limit = { perSecond, burst: burstOf({ perSecond, concurrent: 1 }), concurrent: 100 };
      const limiter = world.worker({ ...connection, limit }, 0, () => stands);
      const calls = callOn(world, limiter, { rows: 30, callMs: 20 });
      await world.until(60_000);
      const late = calls.at.filter((at) => at >= 20_000);
      // A turn at each time that it comes to look, at least.
      expect(late.length).toBeGreaterThan(40 / Math.max(1.5 / perSecond, (5 * stands) / 1_000));
      expect(excess(calls.at, limit)).toBeLessThanOrEqual(0.25 + 1e-6);
    },
  );

  it('takes no more of the rate for one pause that is over', async () => {
    const world = createWorld(() => 5);
    const limit = { perSecond: 20, burst: 2, concurrent: 100 };
    let pausedUntil = 0;
    const standsMs = () => pausedUntil - (world.timeline.now() - START);
    const limiter = world.worker({ ...connection, limit }, 0, standsMs);
    const calls = callOn(world, limiter, { rows: 30, callMs: 20 });
    await world.until(10_000);
    pausedUntil = 13_000;
    await world.until(14_000);
    const before = calls.at.length;
    await world.until(24_000);
    expect(calls.at.length - before).toBeGreaterThan(190);
  });

  it.each([
    ['the rate', { perSecond: 100, burst: 5, concurrent: 400 }, 100],
    ['calls under way', { perSecond: 5_000, burst: 50, concurrent: 20 }, 20 / 0.15],
    ['a single call', { perSecond: 5_000, burst: 50, concurrent: 1 }, 1 / 0.15],
  ])(
    'lets three tasks call alike, whoever has more workers, when they wait for %s',
    async (_, limit, most) => {
      const world = createWorld(() => 5);
      const of = (taskId: string) =>
        callOn(world, world.worker({ key: tableKeys.pace('cnx_1'), limit, taskId }), {
          rows: 60,
          callMs: 150,
        });
      const tasks = [
        [of('task_1'), of('task_1'), of('task_1')],
        [of('task_2')],
        [of('task_3'), of('task_3')],
      ];
      await world.until(60_000);
      const counts = tasks.map((its) => its.reduce((sum, { at }) => sum + at.length, 0));
      const all = counts.reduce((sum, count) => sum + count, 0);
      expect(all).toBeGreaterThan(0.8 * 60 * most);
      for (const count of counts) expect(count / all).toBeGreaterThan(0.24);
      // Nor does a worker wait for ever beside others of its task.
      for (const { at } of tasks.flat()) expect(at.length / all).toBeGreaterThan(0.05);
    },
  );

  it('waits as long as a service asks, whoever was told and however many others write', async () => {
    const world = createWorld(() => 5);
    const limit = { perSecond: 50, burst: 1, concurrent: 100 };
    for (let i = 0; i < 10; i++) {
      callOn(world, world.worker({ ...connection, limit }), { rows: 1, callMs: 300_000 });
    }
    await world.until(3_000);
    const told = callOn(
      world,
      world.worker({ ...connection, limit }),
      { rows: 1, callMs: 100 },
      () => ({ outcome: 'throttled', retryAfterMs: 10_000 }),
    );
    await world.until(3_400);
    const [first = 0] = told.at;
    const others = callOn(world, world.worker({ ...connection, limit }), { rows: 20, callMs: 100 });
    await world.until(30_000);
    const next = Math.min(...others.at, ...told.at.slice(1));
    expect(next).toBeGreaterThan(first + 100 + 9_900);
    expect(next).toBeLessThan(first + 100 + 13_000);
  });

  it('grows at once when more rows come', async () => {
    const world = createWorld(() => 5);
    const limit = { perSecond: 50, burst: 1, concurrent: 400 };
    const limiter = world.worker({ ...connection, limit });
    const calls = callOn(world, limiter, { rows: 1, callMs: 3_000 });
    await world.until(1_000);
    const more = callOn(world, limiter, { rows: 199, callMs: 3_000 });
    await world.until(3_000);
    expect(calls.at.length + more.at.length).toBeGreaterThan(85);
  });

  it('lets a task in whose turn it is when long calls of another end', async () => {
    const world = createWorld(() => 5);
    const limit = { perSecond: 100, burst: 50, concurrent: 10 };
    const of = (taskId: string) =>
      callOn(world, world.worker({ key: tableKeys.pace('cnx_1'), limit, taskId }), {
        rows: 40,
        callMs: 20_000,
      });
    const first = of('task_1');
    await world.until(1_000);
    const second = of('task_2');
    await world.until(45_000);
    expect(first.at.length).toBeGreaterThanOrEqual(10);
    expect(second.at.length).toBeGreaterThanOrEqual(10);
  });

  it('writes seldom while nothing is wanted of it, beside another that leads', async () => {
    const world = createWorld(() => 4);
    const limit = { perSecond: 50, burst: 1, concurrent: 500 };
    callOn(world, world.worker({ ...connection, limit }), { rows: 200, callMs: 50 });
    const once = { rows: 1, callMs: 60_000 };
    for (let i = 0; i < 4; i++) {
      callOn(world, world.worker({ ...connection, limit, taskId: `task_${i + 2}` }), once);
    }
    await world.until(20_000);
    const before = world.writes;
    await world.until(30_000);
    expect(world.writes - before).toBeLessThan(10 * 15);
  });

  it('passes a dead leader over, however often others write', async () => {
    const world = createWorld(() => 4);
    const limit = { perSecond: 50, burst: 1, concurrent: 500 };
    callOn(world, world.worker({ ...connection, limit }), { rows: 200, callMs: 50 });
    await world.until(2_000);
    world.stop();
    const all = [2, 3, 4, 5].map((task) =>
      callOn(world, world.worker({ ...connection, limit, taskId: `task_${task}` }), {
        rows: 20,
        callMs: 50,
      }),
    );
    await world.until(6_000);
    expect(all.flatMap(({ at }) => at).length).toBeGreaterThan(50);
  });

  it('is not faster than it may be when the rate falls', async () => {
    const world = createWorld(() => 2);
    const limit = { perSecond: 1_000, burst: 1_000, concurrent: 5_000 };
    const limiter = world.worker({ ...connection, limit });
    const calls = callOn(world, limiter, { rows: 3_000, callMs: 20 }, (at) =>
      at > 50 ? { outcome: 'throttled', retryAfterMs: 0 } : { outcome: 'answered' },
    );
    await world.until(1_000);
    expect(excess(calls.at, limit)).toBeLessThanOrEqual(1e-6);
  });

  it('tells those who wait that the table fails, and goes on when it does not', async () => {
    const world = createWorld(() => 4);
    const limit = { perSecond: 50, burst: 1, concurrent: 500 };
    const limiter = world.worker({ ...connection, limit });
    const calls = callOn(world, limiter, { rows: 5, callMs: 20 });
    await world.until(1_000);
    world.failing = true;
    await world.until(3_000);
    const { length } = calls.at;
    world.failing = false;
    await world.until(4_000);
    // These rows were told, and came no more.
    expect(limiter.figures().waiting).toBe(0);
    const again = callOn(world, limiter, { rows: 5, callMs: 20 });
    await world.until(6_000);
    expect(calls.at).toHaveLength(length);
    expect(again.at.length).toBeGreaterThan(50);
  });

  it('asks the table a few times a second, not once a call', async () => {
    const world = createWorld(() => 4);
    const limit = { perSecond: 400, burst: 20, concurrent: 500 };
    const calls = callOn(world, world.worker({ ...connection, limit }), { rows: 800, callMs: 300 });
    await world.until(10_000);
    expect(calls.at.length).toBeGreaterThan(3_600);
    expect(world.writes).toBeLessThan(120);
  });

  it('slows down when the service says so, waits as long as it asks, and comes back', async () => {
    const world = createWorld(() => 5);
    const limit = { perSecond: 100, burst: 1, concurrent: 100 };
    const limiter = world.worker({ ...connection, limit });
    const calls = callOn(world, limiter, { rows: 200, callMs: 20 }, (at) =>
      at >= 2_000 && at < 2_100
        ? { outcome: 'throttled', retryAfterMs: 3_000 }
        : { outcome: 'answered' },
    );
    await world.until(6_000);
    const { learned } = limiter.figures();
    expect(learned).toBeLessThan(limit.perSecond);
    const between = (from: number, to: number) =>
      calls.at.filter((at) => at >= from && at < to).length;
    // What was booked goes out; then nothing until it may.
    expect(between(2_400, 5_000)).toBe(0);
    expect(between(5_000, 6_000)).toBeGreaterThan(50);
    await world.until(30_000);
    expect(limiter.figures().learned).toBeUndefined();
    expect(between(28_000, 30_000)).toBeGreaterThan(180);
  });

  it('tells how long every call has failed, and forgets it when one succeeds', async () => {
    const world = createWorld(() => 5);
    const limit = { perSecond: 20, burst: 1, concurrent: 100 };
    const limiter = world.worker({ ...connection, limit });
    callOn(world, limiter, { rows: 20, callMs: 20 }, (at) => ({
      outcome: at < 8_000 ? 'failed' : 'answered',
    }));
    await world.until(6_000);
    const { failing } = limiter.figures();
    expect(failing?.calls).toBeGreaterThan(80);
    expect(failing?.forMs).toBeGreaterThan(4_000);
    await world.until(11_000);
    expect(limiter.figures().failing).toBeUndefined();
  });

  it('goes on when a worker that led, or had calls under way, is never seen again', async () => {
    const world = createWorld(() => 5);
    const limit = { perSecond: 50, burst: 1, concurrent: 4 };
    // Its calls never end, and it holds all that may be under way.
    callOn(world, world.worker({ ...connection, limit }), { rows: 50, callMs: 1e9 });
    await world.until(1_000);
    world.stop();
    const calls = callOn(world, world.worker({ ...connection, limit }), { rows: 50, callMs: 50 });
    await world.until(PACE_HOLD_MS + 3_000);
    expect(calls.at.length).toBeGreaterThan(20);
    expect(calls.at[0]).toBeLessThan(PACE_HOLD_MS + 2_000);
  });

  it('gives back what it holds when it is closed', async () => {
    const world = createWorld(() => 5);
    const limit = { perSecond: 50, burst: 1, concurrent: 4 };
    const limiter = world.worker({ ...connection, limit });
    callOn(world, limiter, { rows: 20, callMs: 50, until: 2_000 });
    await world.until(2_100);
    const closed = limiter.close();
    await world.until(2_600);
    await closed;
    const pace = await world.table.get(tableKeys.pace('cnx_1'));
    expect(pace).toMatchObject({ holders: {} });
  });

  it('leaves nothing of a row that waits no longer', async () => {
    const world = createWorld(() => 5);
    const limit = { perSecond: 0.1, burst: 1, concurrent: 4 };
    const limiter = world.worker({ ...connection, limit });
    const calls = callOn(world, limiter, { rows: 3, callMs: 1, until: 500 });
    await world.until(1_000);
    expect(calls.at).toHaveLength(1);
    expect(limiter.figures().waiting).toBe(0);
  });
});
