/**
 * The stream while much happens at once: 200 tasks, and clients that come, go, are slow, or are lost. Every
 * call of a port takes a random number of turns, so that steps, workers and clients overtake each other.
 */
import { expect, it } from 'vitest';
import { createRandom } from '../../bench/measure/random.ts';
import { tableKeys } from '../../shared/keys.ts';
import { PUSH_INTERVAL_MS } from '../../shared/limits.ts';
import type { Connections, Table } from '../../shared/ports.ts';
import { ServerMessageSchema, type ServerMessage } from '../../shared/schemas/stream.ts';
import { connect, disconnect, receive } from '../../shared/stream/receive.ts';
import { createMemoryPorts, type MemoryPorts } from '../support/memoryPorts.ts';
import { givenTemplate, runTask, startedTask } from '../support/runTask.ts';
import { OWNER } from '../support/tasks.ts';

const TASKS = 200;
const ROWS = 8;
const CLIENTS = 80;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await turn();
};

/** The ports, with calls that take their time. */
function jittered(ports: MemoryPorts, random: () => number, slow: ReadonlySet<string>) {
  const jitter = () => turns(Math.floor(random() * 4));
  const around =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await jitter();
      const result = await call(...args);
      await jitter();
      return result;
    };
  const table: Table = {
    get: around((key) => ports.table.get(key)),
    put: around((key, item, condition) => ports.table.put(key, item, condition)),
    update: around((key, change, condition) => ports.table.update(key, change, condition)),
    delete: around((key, condition) => ports.table.delete(key, condition)),
    query: around((query) => ports.table.query(query)),
  };
  const connections: Connections = {
    async send(id, message) {
      await turns(slow.has(id) ? 200 : Math.floor(random() * 4));
      return ports.connections.send(id, message);
    },
  };
  return { ...ports, table, connections };
}

/** What one connection was sent, held to the contract of the stream. */
function checkHeard(messages: readonly ServerMessage[]): Map<string, string> {
  const [first, ...events] = messages;
  if (first?.type !== 'subscribed') throw new Error(`The first word was ${first?.type}.`);
  /** By task: the last number, and the end that was told. */
  const seqs = new Map(first.payload.tasks.map(({ taskId, seq }) => [taskId, seq]));
  const shown = new Map(seqs);
  const ends = new Map<string, string>();
  for (const event of events) {
    if (!('seq' in event) || !('taskId' in event.payload)) throw new Error(event.type);
    const { taskId } = event.payload;
    expect(ends.has(taskId), `${event.type} after the end of ${taskId}`).toBe(false);
    const isEnd = event.type === 'task_completed' || event.type === 'task_failed';
    const before = seqs.get(taskId) ?? 0;
    // The end of a task that the snapshot shows as ended has the number that is shown.
    const rises = isEnd && shown.get(taskId) === before ? event.seq >= before : event.seq > before;
    expect(rises, `${event.type} ${event.seq} after ${before}`).toBe(true);
    seqs.set(taskId, event.seq);
    if (isEnd) ends.set(taskId, event.type);
  }
  return ends;
}

it.each([1, 2, 3])(
  'tells each client in order and to the end, and keeps nothing of those who left (seed %i)',
  { timeout: 120_000 },
  async (seed) => {
    const random = createRandom(seed);
    const slow = new Set<string>();
    const ports = createMemoryPorts();
    const world = jittered(ports, random, slow);
    const templateId = await givenTemplate(ports, 'Dear {name}');
    await ports.table.update(tableKeys.quota(OWNER), { set: { taskLimit: TASKS } });
    const data = Array.from({ length: ROWS }, (_, i) => ({ name: `P${i}` }));
    const taskIds: string[] = [];
    for (let i = 0; i < TASKS; i++) {
      taskIds.push((await startedTask(ports, { templateIds: [templateId], data })).taskId);
    }

    let working = true;
    const time = (async () => {
      while (working) {
        await turn();
        ports.clock.advance(PUSH_INTERVAL_MS / 20);
      }
    })();

    /** Connections that stayed, and what they wanted to hear of; undefined for everything. */
    const stayed = new Map<string, string | undefined>();
    const left = new Set<string>();
    async function client(number: number): Promise<void> {
      for (let visit = 0; visit < 3; visit++) {
        await turns(Math.floor(random() * 1_500));
        const connectionId = `client${number}-${visit}`;
        const taskId = random() < 0.3 ? undefined : taskIds[Math.floor(random() * TASKS)];
        if (random() < 0.1) slow.add(connectionId);
        await connect(world, { connectionId, ownerId: OWNER });
        const filters = taskId === undefined ? {} : { taskId };
        const body = JSON.stringify({ action: 'subscribe', channels: ['task_progress'], filters });
        await receive(world, { connectionId, ownerId: OWNER, body });
        const fate = random();
        if (fate < 0.4) {
          stayed.set(connectionId, taskId);
          return;
        }
        await turns(Math.floor(random() * 500));
        // Some say that they leave, others may be found gone when something is sent to them.
        ports.connections.gone.add(connectionId);
        if (fate > 0.7) continue;
        await disconnect(world, connectionId);
        left.add(connectionId);
      }
    }

    await Promise.all([
      ...taskIds.map(async (taskId) => {
        await turns(Math.floor(random() * 2_000));
        await runTask(world, taskId);
      }),
      ...Array.from({ length: CLIENTS }, (_, number) => client(number)),
    ]);
    working = false;
    await time;

    const heard = new Map<string, ServerMessage[]>();
    for (const { connectionId, message } of ports.connections.sent) {
      const messages = heard.get(connectionId) ?? [];
      heard.set(connectionId, messages);
      messages.push(ServerMessageSchema.parse(JSON.parse(message)));
    }
    for (const [connectionId, messages] of heard) {
      const ends = checkHeard(messages);
      const taskId = stayed.get(connectionId);
      if (taskId !== undefined) expect([...ends.keys()]).toEqual([taskId]);
    }
    const kept = ports.table.items().map(({ pk, sk }) => `${String(pk)} ${String(sk)}`);
    const ofThoseWhoLeft = kept.filter((key) => [...left].some((id) => key.includes(id)));
    expect(ofThoseWhoLeft).toEqual([]);
    expect(heard.size).toBeGreaterThan(CLIENTS);
    expect(stayed.size).toBeGreaterThan(CLIENTS / 4);
  },
);
