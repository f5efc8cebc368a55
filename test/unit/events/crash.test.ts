/** A process that ends at any call to the table or to a connection: nothing is lost, nothing is untold. */
import { describe, expect, it } from 'vitest';
import { tableKeys } from '../../../shared/keys.ts';
import { LEASE_MS } from '../../../shared/limits.ts';
import { TaskEventSchema } from '../../../shared/schemas/stream.ts';
import type { Connections, Table } from '../../../shared/ports.ts';
import { publishProgress } from '../../../shared/events/publish.ts';
import { recordShardFailure } from '../../../shared/shards/recordShardFailure.ts';
import { cancelTask, startTask } from '../../../shared/tasks/controlTask.ts';
import { finishTask } from '../../../shared/tasks/finishTask.ts';
import { changeTask } from '../../../shared/tasks/taskStore.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, loadTask, OWNER, TASK_ID } from '../../support/tasks.ts';
import { TELL_AFTER_SECONDS } from '../../../shared/limits.ts';
import { sweep } from '../../../shared/sweep/sweep.ts';
import { failure, heard, start, subscribe, written } from './support.ts';

class Died extends Error {}

/** The same world as seen by processes of which one dies at its `at`-th call, before or behind its effect. */
function mortal(ports: MemoryPorts, at: number, when: 'before' | 'behind') {
  let calls = 0;
  let dead = false;
  const live = async <T>(effect: () => Promise<T>): Promise<T> => {
    if (dead) throw new Died();
    if (++calls !== at) return effect();
    dead = true;
    if (when === 'behind') await effect();
    throw new Died();
  };
  const { table, connections } = ports;
  const mortalTable: Table = {
    get: (key) => live(() => table.get(key)),
    put: (...call) => live(() => table.put(...call)),
    update: (...call) => live(() => table.update(...call)),
    delete: (...call) => live(() => table.delete(...call)),
    query: (query) => live(() => table.query(query)),
  };
  const mortalConnections: Connections = {
    send: (id, message) =>
      live(async () => {
        const event = TaskEventSchema.parse(JSON.parse(message));
        const { type, seq } = event;
        if (type !== 'task_progress' && type !== 'document_failed') {
          // What is told is written.
          expect(await table.get(tableKeys.event(TASK_ID, seq))).toMatchObject({ type });
        }
        return connections.send(id, message);
      }),
  };
  return {
    ports: { ...ports, table: mortalTable, connections: mortalConnections },
    died: () => dead,
    revive: () => void (dead = false),
  };
}

type World = ReturnType<typeof mortal>['ports'];

const STEPS: readonly ((ports: World) => Promise<unknown>)[] = [
  (ports) => startTask(ports, OWNER, TASK_ID),
  async (ports) => {
    await changeTask(ports, TASK_ID, { set: { stage: 'rendering' } });
    await start(ports);
  },
  async (ports) => {
    const task = await loadTask(ports, TASK_ID);
    await publishProgress(ports, task, [{ row: 1, template: 't', failure }], {
      patienceMs: 1_000,
    });
  },
  (ports) =>
    recordShardFailure(ports, {
      shard: {
        taskId: TASK_ID,
        run: 1,
        round: 1,
        firstRow: 1,
        rowCount: 100,
        byteOffset: 0,
        byteLength: 1,
      },
      error: { Error: 'ServiceUnavailable', Cause: '' },
    }),
  (ports) => changeTask(ports, TASK_ID, { set: { status: 'assembling', stage: 'assembling' } }),
  (ports) => finishTask(ports, { taskId: TASK_ID, run: 1 }),
];
const CANCEL: typeof STEPS = [(ports) => cancelTask(ports, OWNER, TASK_ID)];

/** Every step, repeated while its process dies. */
async function run(
  steps: typeof STEPS,
  at: number,
  when: 'before' | 'behind',
): Promise<{ ports: MemoryPorts; died: boolean; endsHeardAtDeath: number }> {
  const ports = createMemoryPorts();
  await givenTask(ports, { status: 'pending', stage: 'waiting', run: 0 });
  await subscribe(ports, 'c1', TASK_ID);
  await subscribe(ports, 'c2');
  const world = mortal(ports, at, when);
  let endsHeardAtDeath = 0;
  for (const step of steps) {
    for (;;) {
      try {
        await step(world.ports);
      } catch (error) {
        if (!(error instanceof Died)) throw error;
      }
      if (!world.died()) break;
      endsHeardAtDeath = ends(ports, 'c1').length + ends(ports, 'c2').length;
      world.revive();
      // Its turn and its lease on the shard end by themselves.
      ports.clock.advance(LEASE_MS);
    }
    ports.clock.advance(1_000);
  }
  return { ports, died: world.died(), endsHeardAtDeath };
}

const isEnd = ({ type }: { type: string }) => /^task_(completed|cancelled|failed)$/.test(type);
const ends = (ports: MemoryPorts, id: string) => heard(ports, id).filter(isEnd);

/** One subscriber heard all that lasts, in order, and the end last. */
function check(ports: MemoryPorts, id: string, expected: readonly string[], atDeath: number) {
  const events = heard(ports, id).flatMap((message) => ('seq' in message ? [message] : []));
  const seqs = events.map(({ seq }) => seq);
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  const told = [...new Map(events.map((event) => [event.seq, event.type])).values()];
  expect(told.filter((type) => type !== 'task_progress' && type !== 'document_failed')).toEqual(
    expected,
  );
  expect(isEnd(events.at(-1) ?? { type: '' })).toBe(true);
  // Only of an end that was being told in that moment nobody knows whether it arrived.
  if (atDeath === 0) expect(ends(ports, id)).toHaveLength(1);
  expect(ends(ports, id).length).toBeLessThanOrEqual(2);
}

describe.each(['before', 'behind'] as const)('a process that dies %s a call', (when) => {
  it.each([
    {
      name: 'of a task that runs',
      steps: STEPS,
      list: ['start_requested', 'task_started', 'shard_failed', 'task_failed'],
      stream: ['task_started', 'task_failed'],
    },
    {
      name: 'of a cancel',
      steps: CANCEL,
      list: ['cancel_requested', 'task_cancelled'],
      stream: ['task_cancelled'],
    },
  ])('$name leaves every event written once and told', async ({ steps, list, stream }) => {
    const { ports: undisturbed } = await run(steps, 0, when);
    const calls = Object.values(undisturbed.table.calls).reduce((sum, n) => sum + n, 0);
    for (let at = 1; at <= calls; at++) {
      const { ports, endsHeardAtDeath } = await run(steps, at, when);
      const events = written(ports);
      expect(events.map(({ type }) => type)).toEqual(list);
      expect(new Set(events.map(({ seq }) => seq)).size).toBe(list.length);
      for (const id of ['c1', 'c2']) check(ports, id, stream, endsHeardAtDeath);
      const task = await loadTask(ports, TASK_ID);
      expect(task.owed).toBeUndefined();
      expect(task.pushLeaseUntil).toBe(0);
    }
  });
});

const UNHURRIED = { remainingMs: () => 60_000 };

describe('an end that was written and not told', () => {
  it('is told by whoever subscribes next, when the call was not repeated', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports, { status: 'pending', stage: 'waiting', run: 0 });
    await subscribe(ports, 'c1', TASK_ID);
    const before = Object.values(ports.table.calls).reduce((sum, n) => sum + n, 0);
    expect(before).toBeGreaterThan(0);
    // Reads the task, notes that it is to be told and its expiry, writes the state; the fifth call is the first of telling.
    const { ports: dying } = mortal(ports, 5, 'before');
    await expect(cancelTask(dying, OWNER, TASK_ID)).rejects.toThrow(Died);
    expect(written(ports)).toEqual([]);
    await subscribe(ports, 'c2', TASK_ID);
    expect(written(ports).map(({ type }) => type)).toEqual(['cancel_requested', 'task_cancelled']);
    for (const id of ['c1', 'c2']) expect(ends(ports, id)).toHaveLength(1);
  });

  it('is told by the sweeper, when nobody comes', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports, { status: 'pending', stage: 'waiting', run: 0 });
    await subscribe(ports, 'c1', TASK_ID);
    const { ports: dying } = mortal(ports, 5, 'before');
    await expect(cancelTask(dying, OWNER, TASK_ID)).rejects.toThrow(Died);
    await sweep(ports, UNHURRIED);
    expect(ends(ports, 'c1')).toHaveLength(0);
    ports.clock.advance(TELL_AFTER_SECONDS * 1_000);
    await sweep(ports, UNHURRIED);
    await sweep(ports, UNHURRIED);
    expect(ends(ports, 'c1')).toHaveLength(1);
    expect(ports.table.items().filter(({ sk }) => String(sk).startsWith('TELL#'))).toEqual([]);
  });
});
