/** Tasks with baseTaskId: the same archive as without it, of which only what changed is made. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { segmentRanges } from '../../../shared/archive/segmentRanges.ts';
import { objectKeys, tableKeys } from '../../../shared/keys.ts';
import { BASE_JUMPS } from '../../../shared/limits.ts';
import { Problem } from '../../../shared/problems.ts';
import { ObjectMissing, type ObjectStore } from '../../../shared/ports.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { CreateTaskSchema, RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { readLog } from '../../../shared/events/eventLog.ts';
import { renderShard } from '../../../shared/shards/renderShard.ts';
import { cancelTask, pauseTask, resumeTask } from '../../../shared/tasks/controlTask.ts';
import { newCreation } from '../../../shared/creation.ts';
import { createTask } from '../../../shared/tasks/createTask.ts';
import { deleteTask } from '../../../shared/tasks/deleteTask.ts';
import { getTask } from '../../../shared/tasks/readTasks.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { loadShards } from '../../../shared/tasks/taskStore.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { mortalPorts } from '../../support/mortalPorts.ts';
import {
  archiveBytes,
  givenTemplate,
  runTask,
  slowed,
  startedTask,
} from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';
import type * as z from 'zod';

const ports = createMemoryPorts();
type Body = Partial<z.input<typeof CreateTaskSchema>>;

/** No document can be made of it. */
const BAD = 'bad \u0001';

const templateIds: string[] = [];
beforeAll(async () => {
  templateIds.push(
    await givenTemplate(ports, 'A {a} {both}'),
    await givenTemplate(ports, 'B {b} {both}{#rows}[{b}]{/rows}'),
  );
});

/** Creates a task and runs it to its end. */
async function run(data: Row[], body: Body = {}, world: MemoryPorts = ports): Promise<string> {
  const { taskId } = await startedTask(world, {
    templateIds: templateIds.slice(0, 1),
    data,
    ...body,
  });
  await runTask(world, taskId);
  return taskId;
}

const view = (taskId: string) => getTask(ports, OWNER, taskId);
const archive = (taskId: string) => archiveBytes(ports, taskId);

/** Runs it upon an earlier task and without: the archives are the same. Answers how many were taken over. */
async function reusedOf(data: Row[], baseTaskId: string, body: Body = {}): Promise<number> {
  const anew = await run(data, body);
  const upon = await run(data, { ...body, baseTaskId });
  const [expected, found] = [await view(anew), await view(upon)];
  expect(expected.reused).toBe(0);
  expect(found.baseTaskId).toBe(baseTaskId);
  for (const name of ['status', 'succeeded', 'failed', 'skipped', 'pending'] as const) {
    expect(found[name]).toBe(expected[name]);
  }
  if (expected.succeeded + expected.failed + expected.skipped > 0) {
    expect((await archive(upon)).equals(await archive(anew))).toBe(true);
  }
  return found.reused;
}

const people = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    a: `Person ${i + 1}`,
    b: `B${i + 1}`,
    both: 'here',
    unused: String(i),
  }));

/** The same with some values of a row changed. */
const changed = (rows: Row[], row: number, values: Row): Row[] =>
  rows.map((each, i) => (i + 1 === row ? { ...each, ...values } : each));

describe('a task upon an earlier one', () => {
  it('takes over what did not change, and makes what did', async () => {
    const base = await run(people(20));
    expect(await reusedOf(people(20), base)).toBe(20);
    expect(await reusedOf(changed(people(20), 7, { a: 'Another' }), base)).toBe(19);
    // Nobody reads it.
    expect(await reusedOf(changed(people(20), 7, { unused: 'other' }), base)).toBe(20);
  });

  it('says how many in its result and its log', async () => {
    const base = await run(people(5));
    const { taskId } = await startedTask(ports, {
      templateIds: templateIds.slice(0, 1),
      data: changed(people(5), 2, { a: 'x' }),
      baseTaskId: base,
    });
    await runTask(ports, taskId);
    const { data } = await readLog(ports, OWNER, taskId, { limit: 100 });
    expect(data.at(-1)?.message).toBe(
      'The task has ended: 5 documents were made (4 of them taken over from the earlier task), 0 failed, 0 were skipped.',
    );
    const { data: before } = await readLog(ports, OWNER, base, { limit: 100 });
    expect(before.at(-1)?.message).toBe(
      'The task has ended: 5 documents were made, 0 failed, 0 were skipped.',
    );
  });

  it('finds rows that moved, were inserted or deleted, under their new numbers and names', async () => {
    const rows = people(12);
    const base = await run(rows, { fileName: '{a}/{row}' });
    const inserted = [...rows.slice(0, 4), { a: 'New', both: '' }, ...rows.slice(4)];
    expect(await reusedOf(inserted, base)).toBe(12);
    expect(await reusedOf(rows.slice(3), base)).toBe(9);
    expect(await reusedOf(rows.toReversed(), base)).toBe(12);
    expect(await reusedOf([...rows, ...rows], base, { fileName: '{row}-{b}' })).toBe(24);
  });

  it('makes anew what other options, spellings and templates would fill otherwise', async () => {
    const rows = people(4);
    const base = await run(rows);
    expect(await reusedOf(rows, base, { options: { missingValue: 'error' } })).toBe(0);
    expect(await reusedOf(rows, base, { options: { emptyParagraphs: 'remove' } })).toBe(0);
    expect(await reusedOf(rows, base, { options: { mapping: { a: 'b' } } })).toBe(0);
    expect(
      await reusedOf(rows, base, { options: { concurrency: 3, documentTimeoutSeconds: 9 } }),
    ).toBe(4);
    const other = await givenTemplate(ports, 'A {a} {both} ');
    expect(await reusedOf(rows, base, { templateIds: [other] })).toBe(0);
    // Another upload of the same file fills the same.
    const same = await givenTemplate(ports, 'A {a} {both}');
    expect(await reusedOf(rows, base, { templateIds: [same] })).toBe(4);
    expect(await reusedOf(rows, base, { templateIds })).toBe(4);
  });

  it('tells a column apart that a tag is spelt otherwise than', async () => {
    const spelt = (name: string) =>
      people(3).map(({ a = null, both = null }) => ({ [name]: a, both }));
    const base = await run(spelt('A'));
    expect(await reusedOf(spelt('A'), base)).toBe(3);
    expect(await reusedOf(spelt('a'), base)).toBe(0);
    const both = spelt('A').map((row) => ({ ...row, a: 'own' }));
    expect(await reusedOf(both, base)).toBe(0);
  });

  it('has what a task has that itself took over, and what retries made anew', async () => {
    const first = await run(changed(people(9), 3, { a: BAD }));
    const second = await run(changed(people(9), 3, { a: BAD }), { baseTaskId: first });
    expect(await view(second)).toMatchObject({ succeeded: 8, failed: 1, reused: 8 });
    const corrections = [
      { row: 3, values: { a: 'Good' } },
      { row: 5, values: { a: 'Better' } },
    ];
    await retryTask(ports, OWNER, second, RetryTaskSchema.parse({ corrections }));
    await runTask(ports, second);
    expect(await view(second)).toMatchObject({ succeeded: 9, failed: 0, reused: 7 });
    const rows = changed(changed(people(9), 3, { a: 'Good' }), 5, { a: 'Better' });
    expect(await reusedOf(rows, second)).toBe(9);
    // What was replaced is there no more.
    expect(await reusedOf(people(9), second)).toBe(7);
  });

  it('tries anew what failed, and fails what would fail', async () => {
    const rows = changed(people(6), 2, { a: BAD });
    const base = await run(rows);
    expect(await reusedOf(rows, base)).toBe(5);
    expect(await reusedOf(people(6), base)).toBe(5);
    expect(await reusedOf(changed(people(6), 1, { a: BAD }), base)).toBe(4);
  });

  it('decides filters, groups and blank rows by the new rows', async () => {
    const rows = [...people(6), {}, ...people(2)];
    const base = await run(rows, { templateIds });
    expect(await reusedOf(rows, base, { options: { filter: 'a != "Person 2"' } })).toBe(6);
    expect(await reusedOf(rows, base, { options: { rows: '2-4,7' } })).toBe(3);
    const grouped = await run(rows, { templateIds, options: { groupBy: 'a' } });
    expect(await reusedOf(rows, grouped, { templateIds, options: { groupBy: 'a' } })).toBe(12);
    // The list of a group's rows is read by the second template only.
    const more = [...rows, { ...rows[2], unused: 'new' }];
    expect(await reusedOf(more, grouped, { templateIds, options: { groupBy: 'a' } })).toBe(11);
  });

  it('takes over from a task that was cancelled or failed', async () => {
    const { taskId: failed } = await startedTask(ports, {
      templateIds: templateIds.slice(0, 1),
      data: changed(people(8), 5, { a: BAD }),
      options: { onError: 'stop' },
    });
    await runTask(ports, failed);
    expect(await view(failed)).toMatchObject({ status: 'failed', succeeded: 4 });
    expect(await reusedOf(people(8), failed)).toBe(4);
  });

  it('goes on when it was paused', async () => {
    const base = await run(people(10));
    const { taskId } = await startedTask(ports, {
      templateIds: templateIds.slice(0, 1),
      data: people(12),
      baseTaskId: base,
    });
    await runTask(ports, taskId, {
      work: async (shard) => {
        await pauseTask(ports, OWNER, taskId);
        await renderShard(ports, shard, { remainingMs: () => 3_600_000 });
      },
    });
    expect(await view(taskId)).toMatchObject({ status: 'paused' });
    await resumeTask(ports, OWNER, taskId);
    await runTask(ports, taskId);
    expect(await view(taskId)).toMatchObject({ status: 'completed', succeeded: 12, reused: 10 });
    expect((await archive(taskId)).equals(await archive(await run(people(12))))).toBe(true);
  });

  it('gives the archive of a task without it, whatever the rows were and are', async () => {
    const value = fc.constantFrom('x', 'y', '', 'z', BAD, null, 1, true);
    const row = fc.record({ a: value, b: value, both: value, unused: value });
    const rows = fc.array(fc.oneof({ weight: 9, arbitrary: row }, fc.constant({})), {
      minLength: 1,
      maxLength: 12,
    });
    type Edit = (rows: readonly Row[]) => Row[];
    const place = fc.nat({ max: 20 });
    const edit: fc.Arbitrary<Edit> = fc.oneof(
      fc.tuple(place, row).map(
        ([at, to]): Edit =>
          (all) =>
            all.with(at % all.length, to),
      ),
      fc.tuple(place, row).map(
        ([at, to]): Edit =>
          (all) =>
            all.toSpliced(at, 0, to),
      ),
      place.map(
        (at): Edit =>
          (all) =>
            all.length > 1 ? all.toSpliced(at % all.length, 1) : [...all],
      ),
      fc.tuple(place, place).map(([from, to]): Edit => (all) => {
        const [moved] = all.slice(from % all.length);
        return moved ? all.toSpliced(from % all.length, 1).toSpliced(to, 0, moved) : [...all];
      }),
      fc.constant<Edit>((all) => [...all, ...all]),
    );
    const settings: fc.Arbitrary<Body> = fc.record(
      {
        fileName: fc.constantFrom('{row}-{template}', '{both}/{a}', '{template}'),
        options: fc.record(
          {
            groupBy: fc.constantFrom('a', 'both'),
            filter: fc.constantFrom('b != "x"', 'unused == "y" || a == "x"'),
            missingValue: fc.constantFrom('empty', 'error'),
            rows: fc.constantFrom('1', '1-1'),
          },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: ['options'] },
    );
    const correction = fc.tuple(place, fc.record({ a: value, both: value }));
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.array(edit, { maxLength: 4 }),
        fc.tuple(settings, settings),
        fc.option(correction),
        fc.boolean(),
        async (data, edits, [before, now], retry, isChain) => {
          const two = { templateIds };
          // Whatever becomes of the others, the columns are there.
          const whole: Row = { a: 'x', b: 'y', both: 'z', unused: 'x' };
          data = [...data, whole];
          const isGrouped = before.options?.groupBy !== undefined;
          let base = await run(data, { ...two, ...before });
          if (retry && !isGrouped) {
            const [at, values] = retry;
            const corrections = [{ row: 1 + (at % data.length), values }];
            await retryTask(ports, OWNER, base, RetryTaskSchema.parse({ corrections }));
            await runTask(ports, base);
          }
          if (isChain) base = await run(data.toReversed(), { ...two, ...now, baseTaskId: base });
          const edited = [...edits.reduce<Row[]>((all, each) => each(all), data), whole];
          await reusedOf(edited, base, { ...two, ...now });
        },
      ),
      { numRuns: Number(process.env.SHEAF_REUSE_RUNS ?? 40) },
    );
  }, 120_000);
});

describe('over several shards', () => {
  /** A run whose plan measures, so that it makes several shards. */
  async function runCut(data: Row[], body: Body = {}): Promise<string> {
    const { taskId } = await startedTask(ports, {
      templateIds: templateIds.slice(0, 1),
      data,
      ...body,
    });
    await runTask(ports, taskId, { planPorts: slowed(ports, 10) });
    return taskId;
  }

  it('finds documents in whatever segment they are', async () => {
    const rows = people(400);
    const base = await runCut(rows);
    expect((await loadShards(ports, base)).length).toBeGreaterThan(3);
    const moved = [...rows.slice(150), { a: 'New', both: '1' }, ...rows.slice(0, 150)];
    const anew = await runCut(moved);
    const upon = await runCut(moved, { baseTaskId: base });
    expect((await view(upon)).reused).toBe(400);
    expect((await archive(upon)).equals(await archive(anew))).toBe(true);
  });

  it('reads a table in another order no oftener than it may', async () => {
    const count = 900;
    const rows = people(count).map((row, i) => ({ ...row, a: `${i} ${'long'.repeat(2_000)}${i}` }));
    // Large documents, in small parts of which the reading is far from sequential.
    const base = await run(rows);
    const shuffled = rows.map((_, i) => rows[(i * 389) % count] ?? {});
    const before = ports.objects.calls.read;
    const upon = await run(shuffled, { baseTaskId: base });
    expect(ports.objects.calls.read - before).toBeLessThan(BASE_JUMPS + 60);
    const { reused, succeeded } = await view(upon);
    expect(succeeded).toBe(count);
    expect(reused).toBeGreaterThanOrEqual(BASE_JUMPS);
    expect((await archive(upon)).equals(await archive(await run(shuffled)))).toBe(true);
  });
});

describe('when something is wrong with the earlier task', () => {
  const body = () => ({ templateIds: templateIds.slice(0, 1), data: people(10) });

  /** A world in which reading some objects goes wrong. */
  const broken = (read: ObjectStore['read']): MemoryPorts => ({
    ...ports,
    objects: { ...ports.objects, read },
  });

  async function expectWhole(world: MemoryPorts, baseTaskId: string, reused: number) {
    const { taskId } = await startedTask(world, { ...body(), baseTaskId });
    await runTask(world, taskId);
    expect(await view(taskId)).toMatchObject({ status: 'completed', succeeded: 10, reused });
    expect((await archive(taskId)).equals(await archive(await run(people(10))))).toBe(true);
  }

  const isOf = (key: string, taskId: string) => key.startsWith(`tasks/${taskId}/segments/`);

  it('makes documents anew whose bytes are not what they were', async () => {
    const base = await run(people(10));
    const [shard] = await loadShards(ports, base);
    const [segment] = shard?.segments ?? [];
    if (!segment) throw new Error('There is no segment.');
    const damaged = Buffer.from(await ports.objects.read(segment.key));
    for (const at of [0.15, 0.55]) {
      const place = Math.floor(segment.entriesBytes * at);
      damaged[place] = (damaged[place] ?? 0) ^ 1;
    }
    await ports.objects.put(segment.key, damaged);
    await expectWhole(ports, base, 0);

    for (const part of ['directory', 'origins'] as const) {
      const { offset, length } = segmentRanges(segment)[part];
      await ports.objects.put(segment.key, damaged.fill(0x5a, offset, offset + length));
      await expectWhole(ports, base, 0);
    }
    await ports.objects.put(segment.key, damaged.subarray(0, 100));
    await expectWhole(ports, base, 0);
  });

  it('makes all anew when it is deleted, at whichever moment', async () => {
    for (let at = 0; at < 4; at++) {
      const base = await run(people(10));
      const { taskId } = await startedTask(ports, { ...body(), baseTaskId: base });
      let reads = 0;
      const world = broken(async (key, ...rest) => {
        if (isOf(key, base) && reads++ === at) await deleteTask(ports, OWNER, base);
        return ports.objects.read(key, ...rest);
      });
      if (at === 3) await deleteTask(ports, OWNER, base);
      await runTask(world, taskId);
      expect(await view(taskId)).toMatchObject({ status: 'completed', succeeded: 10, reused: 0 });
      expect((await archive(taskId)).equals(await archive(await run(people(10))))).toBe(true);
    }
  });

  it('makes all anew when it has expired meanwhile', async () => {
    const base = await run(people(10), { options: { retentionDays: 1 } });
    const { taskId } = await startedTask(ports, { ...body(), baseTaskId: base });
    ports.clock.advance(2 * 86_400_000);
    await runTask(ports, taskId);
    expect(await view(taskId)).toMatchObject({ status: 'completed', succeeded: 10, reused: 0 });
  });

  it('goes on when it cannot be read at the moment, and says so in the log of the operator', async () => {
    const base = await run(people(10));
    const world = broken((key, ...rest) =>
      isOf(key, base)
        ? Promise.reject(new Error('SlowDown: a value of a row'))
        : ports.objects.read(key, ...rest),
    );
    await expectWhole(world, base, 0);
    const told = ports.log.entries.at(-1);
    const warned = ports.log.entries.filter(({ level }) => level === 'warn').at(-1);
    expect(warned?.fields).toMatchObject({ baseTaskId: base, error: 'Error' });
    expect(JSON.stringify([told, warned])).not.toContain('value of a row');
    const gone = broken((key, ...rest) =>
      isOf(key, base) ? Promise.reject(new ObjectMissing(key)) : ports.objects.read(key, ...rest),
    );
    await expectWhole(gone, base, 0);
  });

  it('has nothing of a task that was made when nothing was noted', async () => {
    const base = await run(people(10));
    for (const shard of await loadShards(ports, base)) {
      const segments = shard.segments.map(
        ({ originsBytes: _, originsCrc: __, ...others }) => others,
      );
      await ports.table.update(tableKeys.shard(base, shard.firstRow), { set: { segments } });
    }
    await expectWhole(ports, base, 0);
    const parsed = CreateTaskSchema.parse({ ...body(), baseTaskId: base });
    const { warnings } = await createTask(ports, OWNER, parsed, newCreation('task', ports));
    expect(warnings?.at(-1)).toBe(
      `All documents are made anew: it was made when nobody noted yet what documents are made from, so that none of the task ${base} can be taken over.`,
    );
  });

  it('has the same archive when its worker is killed at any of its calls', async () => {
    const base = await run(people(10));
    const data = changed(people(10), 4, { a: 'changed' });
    const expected = await archive(await run(data));
    for (let at = 1, lives = 0; lives === 0; at++) {
      for (const when of ['before', 'behind'] as const) {
        const { taskId } = await startedTask(ports, { ...body(), data, baseTaskId: base });
        const mortal = mortalPorts(ports, at, when);
        await runTask(ports, taskId, {
          work: async (shard) => {
            await renderShard(mortal.ports, shard, { remainingMs: () => 3_600_000 }).catch(
              () => undefined,
            );
            ports.clock.advance(60_000);
            await renderShard(ports, shard, { remainingMs: () => 3_600_000 });
          },
        });
        if (!mortal.isDead()) lives++;
        expect(await view(taskId)).toMatchObject({ status: 'completed', succeeded: 10, reused: 9 });
        expect((await archive(taskId)).equals(expected)).toBe(true);
      }
    }
  }, 120_000);

  it('is the base of two tasks at once', async () => {
    const base = await run(people(10));
    const [one, other] = await Promise.all([
      run(people(10), { baseTaskId: base }),
      run(people(9), { baseTaskId: base }),
    ]);
    expect([(await view(one)).reused, (await view(other)).reused]).toEqual([10, 9]);
  });
});

describe('creating it', () => {
  const created = (baseTaskId: string, of: Body = {}) =>
    createTask(
      ports,
      OWNER,
      CreateTaskSchema.parse({
        templateIds: templateIds.slice(0, 1),
        data: people(2),
        baseTaskId,
        ...of,
      }),
      newCreation('task', ports),
    );

  const refusal = (made: Promise<unknown>) =>
    made.then(
      () => undefined,
      (error: unknown) => (error instanceof Problem ? error : undefined),
    );

  it('refuses a task that is not there, is of somebody else, or has not ended', async () => {
    const missing = await refusal(created('task_01J00000000000000000000009'));
    expect(missing).toMatchObject({ code: 'TASK_NOT_FOUND', errors: [{ pointer: '/baseTaskId' }] });
    const base = await run(people(2));
    await ports.table.update(tableKeys.task(base), { set: { ownerId: 'somebody-else' } });
    expect(await refusal(created(base))).toMatchObject({ code: 'TASK_NOT_FOUND' });
    const { taskId } = await startedTask(ports, {
      templateIds: templateIds.slice(0, 1),
      data: people(2),
    });
    const running = await refusal(created(taskId));
    expect(running).toMatchObject({
      code: 'INVALID_STATE',
      errors: [{ pointer: '/baseTaskId' }],
    });
    expect(running?.message).toContain(`The task ${taskId} is running`);
    await cancelTask(ports, OWNER, taskId);
    await runTask(ports, taskId);
    const { warnings } = await created(taskId);
    expect(warnings?.at(-1)).toContain('All documents are made anew: it has no documents');
  });

  it('tells what is known to be made anew', async () => {
    const base = await run(people(2));
    const quiet = { data: people(2).map(({ a = null, both = null }) => ({ a, both })) };
    expect((await created(base, quiet)).warnings).toEqual([]);
    const told = async (of: Body) => (await created(base, { ...quiet, ...of })).warnings?.at(-1);
    expect(await told({ templateIds: templateIds.slice(1) })).toContain('other templates');
    expect(await told({ options: { missingValue: 'error' } })).toContain('missingValue "empty"');
    expect(await told({ templateIds })).toContain(`The task ${base} was not made with "letter-2"`);
  });

  it('leaves no trace in the archive, and none in the objects of the earlier task', async () => {
    const base = await run(people(3));
    const keys = () => ports.objects.keys().filter((key) => key.includes(base));
    const before = keys();
    const upon = await run(people(3), { baseTaskId: base });
    expect(keys()).toEqual(before);
    expect(await ports.objects.head(objectKeys.archive(upon))).toBeDefined();
  });
});
