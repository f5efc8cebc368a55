/** Runs of one task that are cut otherwise, stopped, killed and late: nothing is lost, nothing doubled. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tableKeys } from '../../shared/keys.ts';
import { LEASE_MS } from '../../shared/limits.ts';
import type { Ports } from '../../shared/ports.ts';
import type { Row } from '../../shared/schemas/common.ts';
import { RetryTaskSchema } from '../../shared/schemas/taskApi.ts';
import type { ShardRef } from '../../shared/schemas/workflow.ts';
import { planShards } from '../../shared/shards/planShards.ts';
import { recordShardFailure } from '../../shared/shards/recordShardFailure.ts';
import { workOnShard } from '../../shared/shards/attempt.ts';
import { prepareRendering } from '../../shared/shards/rendering.ts';
import { renderShard } from '../../shared/shards/renderShard.ts';
import type { PrepareWork } from '../../shared/shards/work.ts';
import { assembleTask } from '../../shared/tasks/assembleTask.ts';
import { cancelTask, pauseTask, resumeTask } from '../../shared/tasks/controlTask.ts';
import { retryTask } from '../../shared/tasks/retryTask.ts';
import { getDocument } from '../../shared/tasks/downloads.ts';
import { failTask, finishTask } from '../../shared/tasks/finishTask.ts';
import { listDocuments, listFailures } from '../../shared/tasks/readReports.ts';
import { getTask } from '../../shared/tasks/readTasks.ts';
import { createMemoryPorts, type MemoryPorts } from '../support/memoryPorts.ts';
import {
  archiveBytes,
  givenTemplate,
  runTask,
  shardsOfPlan,
  slowed,
  startedTask,
  UNHURRIED,
  MEASURED_DOCUMENTS,
  measuring,
} from '../support/runTask.ts';
import { loadTask, OWNER } from '../support/tasks.ts';

class Killed extends Error {
  constructor() {
    super('The worker was killed.');
  }
}

/** Ports of a worker that is killed at its `nth` call: nothing that it calls later happens either. */
function dying(ports: MemoryPorts, nth: number): MemoryPorts {
  let calls = 0;
  const counted = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (++calls >= nth) {
            if (name === 'stream') throw new Killed();
            return Promise.reject(new Killed());
          }
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  return { ...ports, table: counted(ports.table), objects: counted(ports.objects) };
}

/** Rows, some blank, some that no document can be made of. */
const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, i): Row =>
    i % 17 === 5 ? {} : { name: i % 13 === 7 ? 'bad \u0001' : `Person ${i + 1}`, n: i },
  );

const ports = createMemoryPorts();
const templateIds: string[] = [];
beforeAll(async () => {
  templateIds.push(await givenTemplate(ports, 'Dear {name}'));
  templateIds.push(await givenTemplate(ports, 'Number {n}', 'of {name}'));
});

const started = (rowCount: number, templates: number, options: object = {}) =>
  startedTask(ports, {
    templateIds: templateIds.slice(0, templates),
    data: rowsOf(rowCount),
    options: { concurrency: 3, ...options },
  });

/** The task's end, its archive and its reports. */
async function ended(taskId: string) {
  const { status, succeeded, failed, skipped, pending } = await getTask(ports, OWNER, taskId);
  const documents: unknown[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 100, ...(cursor === undefined ? {} : { cursor }) };
    const page = await listDocuments(ports, OWNER, taskId, query);
    documents.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return {
    task: { status, succeeded, failed, skipped, pending },
    documents,
    archive: await archiveBytes(ports, taskId),
  };
}

/** What an undisturbed run of so many rows makes. */
const undisturbed = new Map<string, ReturnType<typeof ended>>();
function expected(rowCount: number, templates: number) {
  const key = `${rowCount}/${templates}`;
  const made =
    undisturbed.get(key) ??
    (async () => {
      const { taskId } = await started(rowCount, templates);
      await runTask(ports, taskId);
      return ended(taskId);
    })();
  undisturbed.set(key, made);
  return made;
}

async function expectSame(taskId: string, rowCount: number, templates: number) {
  const [right, found] = [await expected(rowCount, templates), await ended(taskId)];
  expect(found.task).toEqual(right.task);
  expect(found.documents).toEqual(right.documents);
  expect(found.archive.equals(right.archive)).toBe(true);
}

/** Makes the task's workflow break, wherever its steps are, and begins another run of it. */
async function another(taskId: string) {
  const { run } = await loadTask(ports, taskId);
  await failTask(ports, { taskId, run, error: { Error: 'States.Runtime', Cause: '' } });
  await retryTask(ports, OWNER, taskId);
}

const SLOW_TEST = { timeout: 240_000 };

describe('two runs of a task, cut otherwise', () => {
  it(
    'make what one makes, wherever the first is stopped and its workers killed',
    SLOW_TEST,
    async () => {
      const scenario = fc.record({
        rowCount: fc.constantFrom(1, 7, 40, 230),
        templates: fc.integer({ min: 1, max: 2 }),
        /** What a look at the clock takes: by the plan's, shards are sized; by the worker's, they end. */
        planMs: fc.tuple(fc.constantFrom(1, 10, 300), fc.constantFrom(1, 10, 300)),
        workMs: fc.tuple(fc.constantFrom(0, 90, 1_500), fc.constantFrom(0, 90, 1_500)),
        /** Shards of the first run that are worked on before it breaks. */
        shards: fc.integer({ min: 0, max: 6 }),
        /** Calls after which workers are killed, one after the other. */
        kills: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
      });
      await fc.assert(
        fc.asyncProperty(
          scenario,
          async ({ rowCount, templates, planMs, workMs, shards, kills }) => {
            const { taskId } = await started(rowCount, templates);
            const deaths = [...kills];
            const limits = { remainingMs: () => 120_000 };
            const work = (lookMs: number) => async (shard: ShardRef) => {
              const nth = deaths.shift();
              if (nth !== undefined) {
                const killed = renderShard(slowed(dying(ports, nth), lookMs), shard, limits);
                await killed.catch((error: unknown) => expect(error).toBeInstanceOf(Error));
                ports.clock.advance(LEASE_MS);
              }
              return renderShard(slowed(ports, lookMs), shard, limits);
            };
            let begun = 0;
            const firstWork = work(workMs[0]);
            const first = runTask(ports, taskId, {
              planPorts: slowed(ports, planMs[0]),
              work(shard) {
                if (begun++ === shards) throw new Killed();
                return firstWork(shard);
              },
            });
            const broke = await first.then(
              () => false,
              (error: unknown) => error instanceof Killed,
            );
            if (broke) {
              await another(taskId);
              await runTask(ports, taskId, {
                planPorts: slowed(ports, planMs[1]),
                work: work(workMs[1]),
              });
            }
            await expectSame(taskId, rowCount, templates);
          },
        ),
        { numRuns: 40 },
      );
    },
  );

  it('go on with the documents of a row that the first began', async () => {
    const { taskId } = await started(40, 2);
    const plan = await planShards(ports, { taskId, run: 1, round: 1 });
    const [shard] = await shardsOfPlan(ports, plan);
    if (!shard) throw new Error('There is no shard.');
    // A look at the clock takes three seconds: the budget of the unmeasured shard ends within a row.
    await renderShard(slowed(ports, 3_000), shard, { remainingMs: () => 120_000 });
    const begun = await ports.table.get(tableKeys.shard(taskId, 1));
    expect(begun).toMatchObject({ status: 'stopped', reached: { parts: 1 } });
    await another(taskId);
    await runTask(ports, taskId);
    await expectSame(taskId, 40, 2);
  });
});

describe('a step of an older run', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'changes nothing when it goes on behind the new run: frozen at its call %i',
    async (frozenAt) => {
      const { taskId } = await started(MEASURED_DOCUMENTS + 30, 1);
      const plan = await planShards(measuring(slowed(ports, 10)), { taskId, run: 1, round: 1 });
      const [, second] = await shardsOfPlan(ports, plan);
      if (!second) throw new Error('Two shards were expected.');

      let goOn: () => void = () => undefined;
      const thawed = new Promise<void>((resolve) => (goOn = resolve));
      let calls = 0;
      let frozen = false;
      const hold = <T extends object>(port: T): T =>
        new Proxy(port, {
          get(target, name, receiver) {
            const value: unknown = Reflect.get(target, name, receiver);
            if (typeof value !== 'function' || name === 'stream') return value;
            return async (...args: unknown[]): Promise<unknown> => {
              if (calls++ === frozenAt) {
                frozen = true;
                await thawed;
              }
              return Reflect.apply(value, target, args) as unknown;
            };
          },
        });
      const held = { ...ports, table: hold(ports.table), objects: hold(ports.objects) };
      let over = false;
      const late = renderShard(held, second, UNHURRIED)
        .catch(() => undefined)
        .finally(() => (over = true));
      await vi.waitUntil(() => frozen || over);

      await another(taskId);
      await runTask(ports, taskId, { planPorts: slowed(ports, 40) });
      goOn();
      await late;
      await recordShardFailure(ports, {
        shard: second,
        error: { Error: 'States.Timeout', Cause: '' },
      });
      await assembleTask(ports, { taskId, run: 1, round: 1, shards: plan.shards });
      await finishTask(ports, { taskId, run: 1 });
      await failTask(ports, { taskId, run: 1, error: { Error: 'States.Timeout', Cause: '' } });
      expect(await planShards(ports, { taskId, run: 1, round: 2 })).toMatchObject({ shards: 0 });
      await expectSame(taskId, MEASURED_DOCUMENTS + 30, 1);
    },
  );

  it('frozen in the middle leaves the table to the run that is under way', async () => {
    const { taskId } = await started(MEASURED_DOCUMENTS + 30, 1);
    const plan = await planShards(measuring(slowed(ports, 10)), { taskId, run: 1, round: 1 });
    const [, second] = await shardsOfPlan(ports, plan);
    if (!second) throw new Error('Two shards were expected.');
    await another(taskId);
    // It read the task before; now it takes a shard that the new plan cuts otherwise.
    const stale = await loadTask(ports, taskId);
    const table = {
      ...ports.table,
      get: async (key: Parameters<Ports['table']['get']>[0]) => {
        const item = await ports.table.get(key);
        return item?.['run'] === stale.run && key.sk === 'META' ? { ...item, run: 1 } : item;
      },
    };
    const next = await planShards(measuring(slowed(ports, 2)), { taskId, run: 2, round: 1 });
    const others = await shardsOfPlan(ports, next);
    expect(others.map(({ firstRow }) => firstRow)).not.toContain(second.firstRow);
    await expect(renderShard({ ...ports, table }, second, UNHURRIED)).rejects.toMatchObject({
      name: 'LeaseLost',
    });
    await runTask(ports, taskId);
    await expectSame(taskId, MEASURED_DOCUMENTS + 30, 1);
  });
});

/** Rendering that notes every part that it does, by its row and number. */
const noting =
  (done: string[]): PrepareWork =>
  async (...given) => {
    const work = await prepareRendering(...given);
    return {
      ...work,
      async open(...place) {
        const session = await work.open(...place);
        let row = 0;
        let part = 0;
        return {
          ...session,
          get full() {
            return session.full;
          },
          row(numbered, from) {
            [row, part] = [numbered.row, from];
            session.row(numbered, from);
          },
          async part(timeMs) {
            const outcome = await session.part(timeMs);
            if (outcome.status !== 'unfinished') done.push(`${row}/${part++}`);
            return outcome;
          },
        };
      },
    };
  };

/** Ports that do something before their `nth` call to the table. */
function before(ports: MemoryPorts, nth: number, act: () => Promise<unknown>): MemoryPorts {
  let calls = 0;
  const table = new Proxy(ports.table, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]): Promise<unknown> => {
        if (++calls === nth) await act();
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
  return { ...ports, table };
}

describe('a task that is paused and resumed', () => {
  const limits = { remainingMs: () => 120_000 };
  const pause = fc.record({
    /** The shard of the run at which it is paused, and the call of its worker; 0 is before it. */
    shard: fc.integer({ min: 0, max: 4 }),
    call: fc.integer({ min: 0, max: 12 }),
    /** Resumed at once, while the run before still works, or when it waits. */
    atOnce: fc.boolean(),
    planMs: fc.constantFrom(1, 10, 300),
    workMs: fc.constantFrom(0, 90, 1_500),
    /** The call at which the worker of the shard after that is killed. */
    kill: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
  });

  type Pause = typeof pause extends fc.Arbitrary<infer P> ? P : never;

  /**
   * Runs the task, with the worker of one shard killed and `stop` called at a call of another's.
   * @param see what is done with each shard that is worked on
   */
  async function runDisturbed(
    taskId: string,
    { shard, call, planMs, workMs, kill }: Pause,
    stop: () => Promise<void>,
    see: (work: Promise<unknown>) => Promise<unknown>,
  ): Promise<void> {
    let begun = 0;
    await runTask(ports, taskId, {
      planPorts: slowed(ports, planMs),
      async work(ref) {
        const isIt = begun === shard;
        if (begun++ === shard + 1 && kill !== undefined) {
          const killed = renderShard(slowed(dying(ports, kill), workMs), ref, limits);
          await killed.catch((error: unknown) => expect(error).toBeInstanceOf(Error));
          ports.clock.advance(LEASE_MS);
        }
        if (isIt && call === 0) await stop();
        const world = isIt && call > 0 ? before(ports, call, stop) : ports;
        await see(renderShard(slowed(world, workMs), ref, limits));
      },
    });
  }

  it('makes the same archive, however often and wherever', SLOW_TEST, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 7, 40, 230),
        fc.integer({ min: 1, max: 2 }),
        fc.constantFrom('parallel' as const, 'sequential' as const),
        fc.array(pause, { minLength: 1, maxLength: 4 }),
        async (rowCount, templates, mode, pauses) => {
          const { taskId } = await startedTask(ports, {
            templateIds: templateIds.slice(0, templates),
            data: rowsOf(rowCount),
            mode,
            options: { concurrency: 3 },
          });
          for (const pause of pauses) {
            const stop = async () => {
              const { status } = await loadTask(ports, taskId);
              if (status !== 'running') return;
              await pauseTask(ports, OWNER, taskId);
              if (pause.atOnce) await resumeTask(ports, OWNER, taskId);
            };
            await runDisturbed(taskId, pause, stop, (work) =>
              // A run that was overtaken by the next one may not publish.
              work.catch((error: unknown) => expect(error).toMatchObject({ name: 'LeaseLost' })),
            );
            const { status, succeeded } = await getTask(ports, OWNER, taskId);
            expect(['running', 'paused', 'completed', 'partially_completed', 'failed']).toContain(
              status,
            );
            if (status === 'paused') {
              const made = await listDocuments(ports, OWNER, taskId, {
                limit: 100,
                status: 'succeeded',
              });
              expect(made.data.length).toBe(Math.min(100, succeeded));
              // Months later.
              ports.clock.advance(1_000);
              await resumeTask(ports, OWNER, taskId);
            }
          }
          if ((await loadTask(ports, taskId)).status === 'running') await runTask(ports, taskId);
          await expectSame(taskId, rowCount, templates);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each(['parallel', 'sequential'] as const)(
    'renders nothing twice, in mode %s, and in order where that is asked',
    async (mode) => {
      const { taskId } = await startedTask(ports, {
        templateIds,
        data: rowsOf(MEASURED_DOCUMENTS),
        mode,
        options: { concurrency: 3 },
      });
      const done: string[] = [];
      for (let runs = 0; ; runs++) {
        let begun = 0;
        const world = slowed(ports, 40);
        await runTask(ports, taskId, {
          planPorts: world,
          work: async (ref) => {
            const stop = () => pauseTask(ports, OWNER, taskId);
            const isIt = begun++ === 1 && runs < 3;
            const place = isIt ? before(world, 6, stop) : world;
            await workOnShard(place, ref, noting(done), UNHURRIED);
          },
        });
        const { status, pending } = await getTask(ports, OWNER, taskId);
        if (status !== 'paused') break;
        expect(pending).toBeGreaterThan(0);
        await resumeTask(ports, OWNER, taskId);
      }
      expect((await loadTask(ports, taskId)).run).toBe(4);
      const all = Array.from(
        { length: 2 * MEASURED_DOCUMENTS },
        (_, i) => `${(i >> 1) + 1}/${i % 2}`,
      );
      expect(done.length).toBe(all.length);
      if (mode === 'sequential') expect(done).toEqual(all);
      else expect(new Set(done)).toEqual(new Set(all));
      await expectSame(taskId, MEASURED_DOCUMENTS, 2);
    },
  );

  it(
    'of groups of rows that a filter takes makes the same archive, and so does its retry',
    SLOW_TEST,
    async () => {
      const orders = Array.from({ length: 230 }, (_, i): Row =>
        i % 23 === 5
          ? {}
          : {
              customer: i % 19 === 7 ? '' : `C${i % 37}`,
              item: `thing ${i}`,
              price: i % 53 === 11 ? 'free' : `${i}.5`,
              isOld: i % 5 === 0,
            },
      );
      const templateId = await givenTemplate(
        ports,
        '{customer}: {#rows}{item} {price | number:"0.00"}; {/rows}',
      );
      const given = () =>
        startedTask(ports, {
          templateIds: [templateId],
          data: orders,
          fileName: '{customer}-{row}',
          options: { concurrency: 3, groupBy: 'customer', filter: '!isOld' },
        });
      /** Corrects the first group that failed, and lets the others be. */
      async function retried(taskId: string) {
        const failed = await listFailures(ports, OWNER, taskId, { limit: 100 });
        const [first] = failed.data;
        expect(failed.data.length).toBeGreaterThan(1);
        const corrections = [{ row: first?.row ?? 0, values: { [first?.column ?? '']: '7' } }];
        await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse({ corrections }));
      }
      const plain = await given();
      await runTask(ports, plain.taskId);
      const whole = await ended(plain.taskId);
      await retried(plain.taskId);
      await runTask(ports, plain.taskId);
      const after = await ended(plain.taskId);
      expect(whole.task).toMatchObject({ status: 'partially_completed' });
      expect(after.task.failed).toBe(whole.task.failed - 1);

      /** Runs the task to its end, paused at some shards and calls of the run before. */
      async function disturbed(taskId: string, pauses: readonly Pause[]) {
        for (const pause of pauses) {
          const stop = async () => {
            const { status } = await loadTask(ports, taskId);
            if (status === 'running') await pauseTask(ports, OWNER, taskId);
          };
          await runDisturbed(taskId, pause, stop, (work) => work);
          if ((await loadTask(ports, taskId)).status !== 'paused') return;
          await resumeTask(ports, OWNER, taskId);
        }
        await runTask(ports, taskId);
      }
      const some = fc.array(pause, { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(some, some, async (first, second) => {
          const { taskId } = await given();
          await disturbed(taskId, first);
          const made = await ended(taskId);
          expect(made.task).toEqual(whole.task);
          expect(made.archive.equals(whole.archive)).toBe(true);
          await retried(taskId);
          await disturbed(taskId, second);
          const again = await ended(taskId);
          expect(again.task).toEqual(after.task);
          expect(again.documents).toEqual(after.documents);
          expect(again.archive.equals(after.archive)).toBe(true);
        }),
        { numRuns: 15 },
      );
    },
  );

  it('can be cancelled while it waits: what was made is joined', async () => {
    const { taskId } = await started(MEASURED_DOCUMENTS, 2);
    let begun = 0;
    await runTask(ports, taskId, {
      planPorts: slowed(ports, 40),
      async work(ref) {
        if (begun++ === 1) await pauseTask(ports, OWNER, taskId);
        await renderShard(slowed(ports, 40), ref, UNHURRIED);
      },
    });
    const { status, succeeded } = await getTask(ports, OWNER, taskId);
    expect([status, succeeded > 0]).toEqual(['paused', true]);
    expect(await cancelTask(ports, OWNER, taskId)).toMatchObject({ status: 'cancelling' });
    // Nobody may take it up again.
    for (const call of [resumeTask, retryTask]) {
      await expect(call(ports, OWNER, taskId)).rejects.toMatchObject({ code: 'INVALID_STATE' });
    }
    await runTask(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({ status: 'cancelled', succeeded });
    const { documents, archive } = await ended(taskId);
    expect(archive.length).toBeGreaterThan(0);
    expect(documents.length).toBeGreaterThanOrEqual(succeeded);
  });
});

describe('what a page reads', () => {
  it('is the lines that it shows, and of the table the shards from there on', async () => {
    const { taskId } = await started(3_000, 1);
    await runTask(ports, taskId, { planPorts: slowed(ports, 10) });
    const first = await listDocuments(ports, OWNER, taskId, { limit: 20 });
    const cursor = first.nextCursor ?? '';
    let bytes = 0;
    const objects = {
      ...ports.objects,
      async read(...args: Parameters<Ports['objects']['read']>) {
        const read = await ports.objects.read(...args);
        bytes += read.length;
        return read;
      },
    };
    await listDocuments({ ...ports, objects }, OWNER, taskId, { limit: 20, cursor });
    expect(bytes).toBeLessThanOrEqual(64 * 1024);

    const before = { ...ports.table.calls };
    await getDocument(ports, OWNER, taskId, 2_999);
    expect(ports.table.calls.query - before.query).toBe(1);
    expect(ports.table.calls.get - before.get).toBe(1);
  });

  it('is found again by its cursor while shards go on', async () => {
    const { taskId } = await started(40, 1);
    const plan = await planShards(ports, { taskId, run: 1, round: 1 });
    const [shard] = await shardsOfPlan(ports, plan);
    if (!shard) throw new Error('There is no shard.');
    await renderShard(slowed(ports, 30), shard, { remainingMs: () => 120_000 });
    const first = await listDocuments(ports, OWNER, taskId, { limit: 5 });
    expect(first.data.map(({ row }) => row)).toEqual([1, 2, 3, 4, 5]);
    await another(taskId);
    await runTask(ports, taskId);
    const cursor = first.nextCursor ?? '';
    const second = await listDocuments(ports, OWNER, taskId, { limit: 100, cursor });
    expect(second.data.map(({ row }) => row)).toEqual(Array.from({ length: 35 }, (_, i) => i + 6));
    expect(second.nextCursor).toBeNull();
  });
});

describe('slow documents', () => {
  const LISTS = Array.from({ length: 1_500 }, () => ({}));
  /** Lists within lists: so many items that no document of them is made in a second. */
  const SLOW = { a: LISTS, b: LISTS, c: LISTS };
  let slowTemplate = '';
  beforeAll(async () => {
    slowTemplate = await givenTemplate(ports, 'Dear {name}{#a}{#b}{#c}{/c}{/b}{/a}');
  });
  afterAll(() => vi.useRealTimers());

  /** Ports whose monotonic clock is the machine's. */
  const real = { ...ports, clock: { ...ports.clock, monotonicMs: () => performance.now() } };

  it('cost only themselves, whatever the time of an attempt', SLOW_TEST, async () => {
    const data: Row[] = Array.from({ length: 60 }, (_, i) =>
      i >= 20 && i < 25 ? { name: `P${i + 1}`, ...SLOW } : { name: `P${i + 1}` },
    );
    const { taskId } = await startedTask(ports, {
      templateIds: [slowTemplate],
      data,
      options: { documentTimeoutSeconds: 1 },
    });
    // An attempt has time for one slow document, and begins a second one.
    const { rounds } = await runTask(real, taskId, { limits: { remainingMs: () => 6_600 } });
    expect(rounds).toBeGreaterThan(1);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({
      status: 'partially_completed',
      succeeded: 55,
      failed: 5,
      pending: 0,
    });
    const failures = await listFailures(ports, OWNER, taskId, { limit: 100 });
    expect(failures.data.map(({ row, code }) => [row, code])).toEqual(
      [21, 22, 23, 24, 25].map((row) => [row, 'TIMEOUT']),
    );
  });

  it('do not keep a plan waiting', SLOW_TEST, async () => {
    const data: Row[] = Array.from({ length: MEASURED_DOCUMENTS + 1 }, (_, i) => ({
      name: `P${i}`,
      ...(i % 2 === 0 ? SLOW : {}),
    }));
    const { taskId } = await startedTask(ports, {
      templateIds: [slowTemplate],
      data,
      options: { documentTimeoutSeconds: 100 },
    });
    const begun = performance.now();
    const plan = await planShards(measuring(real), { taskId, run: 1, round: 1 });
    // Twelve documents of a hundred seconds each were in the sample.
    expect(performance.now() - begun).toBeLessThan(30_000);
    expect(plan.shards).toBeGreaterThan(1);
    await cancelTask(ports, OWNER, taskId);
  });
});
