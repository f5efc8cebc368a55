/** Following one task by server-sent events: from a snapshot to its end, without a gap. */
import { beforeEach, describe, expect, it } from 'vitest';
import { publishEnd, publishOwed, publishProgress } from '../../../shared/events/publish.ts';
import { EVENT_STREAM_MAX_MS, EVENT_STREAM_MS, EVENT_LOOK_MS } from '../../../shared/limits.ts';
import { TaskEventSchema } from '../../../shared/schemas/stream.ts';
import { cancelTask, startTask } from '../../../shared/tasks/controlTask.ts';
import { changeTask } from '../../../shared/tasks/taskStore.ts';
import { createTaskReader, type TaskReader } from '../../../shared/eventStream/taskReader.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, loadTask, OWNER, TASK_ID } from '../../support/tasks.ts';
import { begin, end, failure, finish, start } from '../events/support.ts';
import { dataOf, open, type OpenedStream } from './support.ts';

const PENDING = { status: 'pending', stage: 'waiting', run: 0 } as const;
const task = { taskId: TASK_ID };

let ports: MemoryPorts;
beforeEach(() => {
  ports = createMemoryPorts();
});

async function opened(opening = {}): Promise<OpenedStream> {
  const stream = await open(ports, { ...task, ...opening });
  return stream ?? expect.fail('There is nothing to come.');
}

/** Lets so many documents be tried, and tells of it. */
async function progress(succeeded: number) {
  const set = { succeeded, stage: 'rendering' };
  await changeTask(ports, TASK_ID, { set });
  ports.clock.advance(1_000);
  await publishProgress(ports, await loadTask(ports, TASK_ID));
}

describe('a stream of one task', () => {
  it('begins with a snapshot, tells what happens, and ends with the end', async () => {
    await givenTask(ports, PENDING);
    const stream = await opened();
    const [snapshot] = (await stream.next()) ?? [];
    expect(stream.text()).toMatch(/^retry: 1000\n\nevent: snapshot\nid: 0\ndata: \{.*\}\n\n$/);
    expect(snapshot && dataOf(snapshot).payload).toMatchObject({
      taskId: TASK_ID,
      tasks: [{ taskId: TASK_ID, status: 'pending', total: 100, seq: 0 }],
    });

    await startTask(ports, OWNER, TASK_ID);
    await start(ports);
    const begun = (await stream.next()) ?? [];
    // What only the log has is passed over, its numbers with it.
    expect(begun.map(({ event, id }) => [event, id])).toEqual([['task_started', '2']]);

    await progress(40);
    await progress(70);
    const [numbers, ...others] = (await stream.next()) ?? [];
    expect(others).toEqual([]);
    expect(numbers && dataOf(numbers)).toMatchObject({
      type: 'task_progress',
      seq: 4,
      payload: { current: 70 },
    });

    await finish(ports);
    const rest = await stream.rest();
    expect(rest.map(({ event }) => event)).toEqual(['task_completed']);
    for (const event of [...begun, numbers, ...rest]) {
      TaskEventSchema.parse(event && dataOf(event));
    }
  });

  it('tells of documents that failed, with the numbers they were pushed under', async () => {
    await givenTask(ports);
    const stream = await opened();
    await stream.next();
    await changeTask(ports, TASK_ID, { set: { failed: 2 } });
    ports.clock.advance(1_000);
    const failed = [1, 2].map((row) => ({ row, template: 'letter', failure }));
    await publishProgress(ports, await loadTask(ports, TASK_ID), failed);
    const events = (await stream.next()) ?? [];
    expect(events.map(({ event, id }) => [event, id])).toEqual([
      ['document_failed', '1'],
      ['document_failed', '2'],
      ['task_progress', '3'],
    ]);
    expect(events[0] && dataOf(events[0]).payload).toMatchObject({ row: 1, code: 'MISSING_VALUE' });
    await stream.close();
  });

  it('of a task that has ended tells its end behind the snapshot, and then that there is no more', async () => {
    await givenTask(ports);
    await start(ports);
    await finish(ports);
    const events = await (await opened()).rest();
    expect(events.map(({ event }) => event)).toEqual(['snapshot', 'task_completed']);
    const [snapshot, completed] = events.map(({ id }) => Number(id));
    expect(snapshot).toBeLessThan(completed ?? 0);
    expect(await open(ports, { ...task, lastEventId: String(completed) })).toBeUndefined();
  });

  it.each([
    ['header', (last: string) => ({ lastEventId: last })],
    ['query', (last: string) => ({ query: { lastEventId: last } })],
    // A browser repeats the address with the number that it was opened with.
    [
      'header before the query',
      (last: string) => ({ lastEventId: last, query: { lastEventId: '0' } }),
    ],
  ])('goes on from the last event by the %s', async (_, resume) => {
    await givenTask(ports, PENDING);
    await startTask(ports, OWNER, TASK_ID);
    await start(ports);
    await progress(40);
    await finish(ports);
    const ids = (await (await opened({ lastEventId: '0' })).rest()).map(({ event, id }) => [
      event,
      id,
    ]);
    expect(ids).toEqual([
      ['task_started', '2'],
      ['task_completed', '4'],
    ]);
    const later = await (await opened(resume('2'))).rest();
    expect(later.map(({ event, id }) => [event, id])).toEqual([['task_completed', '4']]);
  });

  it.each(['-1', 'x', '', '1e3', '99', '9999999999999'])(
    'begins anew after what is no number of it: %j',
    async (lastEventId) => {
      await givenTask(ports);
      const stream = await opened({ lastEventId });
      expect(((await stream.next()) ?? [])[0]?.event).toBe('snapshot');
      await stream.close();
    },
  );

  it('goes on when a task that failed is begun again', async () => {
    await givenTask(ports);
    const failed = { status: 'failed', stage: 'done', endedRun: 1, endSeq: 3, seq: 3 } as const;
    await changeTask(ports, TASK_ID, { set: failed });
    expect(await open(ports, { ...task, lastEventId: '3' })).toBeUndefined();
    await changeTask(ports, TASK_ID, { set: { status: 'running', run: 2 } });
    const stream = await opened({ lastEventId: '3' });
    await start(ports);
    expect((await stream.next())?.[0]).toMatchObject({ event: 'task_started', id: '4' });
    await stream.close();
  });

  it('ends when the task is gone', async () => {
    await givenTask(ports);
    const stream = await opened();
    await stream.next();
    ports.clock.set(Date.UTC(2027, 0, 2));
    expect(await stream.rest()).toEqual([]);
  });
});

describe('a stream that has nothing to tell', () => {
  it('looks less and less often, says that it is there, and ends by itself', async () => {
    await givenTask(ports);
    const stream = await opened();
    await stream.next();
    const reads = ports.table.calls.get;
    const begunAt = ports.clock.monotonicMs();
    expect(await stream.rest()).toEqual([]);
    const lasted = ports.clock.monotonicMs() - begunAt;
    expect(lasted).toBeGreaterThanOrEqual(EVENT_STREAM_MS - EVENT_LOOK_MS);
    expect(lasted).toBeLessThanOrEqual(EVENT_STREAM_MAX_MS);
    // A look every 2 s, after some quick ones; none of them a query.
    expect(ports.table.calls.get - reads).toBeLessThan(lasted / 2_000 + 10);
    expect(ports.table.calls.query).toBe(0);
    const comments = stream.text().match(/^: /gm)?.length ?? 0;
    expect(comments).toBe(Math.floor(lasted / 15_000));
  });

  it('ends before its function does', async () => {
    await givenTask(ports);
    const stream = await opened({ remainingMs: 30_000 });
    const begunAt = ports.clock.monotonicMs();
    await stream.rest();
    expect(ports.clock.monotonicMs() - begunAt).toBe(20_000);
  });
});

describe('events that are written one by one', () => {
  /** What the client of a reader has: each look is a stream of its own, which goes on from the last. */
  interface Client {
    reader: TaskReader;
    readonly ids: number[];
    readonly types: string[];
    over: boolean;
  }

  /**
   * A world where clients look between any two calls of whoever tells; a new one begins at each.
   * @param late whether the writes of events that are told together take effect in reverse order
   */
  function watchedWorld(late: boolean) {
    const clients: Client[] = [];
    const quiet = createMemoryPorts();
    const held: (() => void)[] = [];
    // A client looks once at a time, however many calls are under way.
    let looking = Promise.resolve();
    const lookAll = () => (looking = looking.then(lookOnce));
    const lookOnce = async () => {
      clients.push({
        reader: createTaskReader(quiet, TASK_ID, 0),
        ids: [],
        types: [],
        over: false,
      });
      for (const client of clients.filter(({ over }) => !over)) {
        const { frames, isOver } = await client.reader.look();
        client.ids.push(...frames.map(({ id = -1 }) => id));
        client.types.push(...frames.map(({ event }) => event));
        client.over = isOver;
        // Cut, and come again with the last that it got.
        client.reader = createTaskReader(quiet, TASK_ID, client.ids.at(-1) ?? 0);
      }
    };
    const around = async <T>(call: () => Promise<T>): Promise<T> => {
      await lookAll();
      const result = await call();
      await lookAll();
      return result;
    };
    const { table } = quiet;
    const watched: MemoryPorts = {
      ...quiet,
      table: {
        ...table,
        update: (...call) => around(() => table.update(...call)),
        put: async (...call) => {
          const isEvent = call[0].sk.startsWith('EVENT#');
          if (late && isEvent) await new Promise<void>((resolve) => held.unshift(resolve));
          return around(() => table.put(...call));
        },
      },
    };
    /** Lets writes that are held go on, the last one first, until the work is done. */
    const run = async (work: Promise<unknown>) => {
      let isDone = false;
      void work.finally(() => (isDone = true));
      while (!isDone) {
        for (let turns = 0; turns < 50 && !isDone; turns++) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        held.shift()?.();
      }
      await work;
    };
    return { quiet, watched, clients, run, lookAll };
  }

  const LASTING = ['task_started', 'task_completed', 'task_cancelled'];

  function expectWhole(clients: readonly Client[], expected: readonly string[]) {
    expect(clients.length).toBeGreaterThan(10);
    for (const { ids, types, over } of clients) {
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
      expect(types.filter((type) => LASTING.includes(type))).toEqual(expected);
      expect(types.at(-1)).toBe(expected.at(-1));
      expect(over).toBe(true);
    }
  }

  it.each([false, true])('are each told once, in order, the end last (late: %s)', async (late) => {
    const { quiet, watched, clients, run, lookAll } = watchedWorld(late);
    await givenTask(quiet, PENDING);
    await run(startTask(watched, OWNER, TASK_ID));
    // The call that started it, and the start itself, are told together.
    await run(begin(watched).then((begun) => publishOwed(watched, begun)));
    for (const succeeded of [10, 60, 90]) {
      await run(changeTask(watched, TASK_ID, { set: { succeeded } }));
      watched.clock.advance(1_000);
      await run(loadTask(watched, TASK_ID).then((now) => publishProgress(watched, now)));
    }
    const ended = await end(watched);
    await run(ended ? publishEnd(watched, ended) : Promise.reject(new Error('It did not end.')));
    await lookAll();
    expectWhole(clients, ['task_started', 'task_completed']);
    expect(clients.some(({ types }) => types.includes('task_progress'))).toBe(true);
  });

  it.each([false, true])(
    'of a task that is cancelled before it starts (late: %s)',
    async (late) => {
      const { quiet, watched, clients, run, lookAll } = watchedWorld(late);
      await givenTask(quiet, PENDING);
      await run(cancelTask(watched, OWNER, TASK_ID));
      await lookAll();
      expectWhole(clients, ['task_cancelled']);
    },
  );
});
