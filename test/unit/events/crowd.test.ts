/** Many subscribers, slow ones and lost ones: what they may cost the work and each other. */
import { describe, expect, it } from 'vitest';
import { LISTENERS } from '../../../shared/events/listeners.ts';
import { createPublisher, publishEnd, publishProgress } from '../../../shared/events/publish.ts';
import { pushInterval } from '../../../shared/events/turn.ts';
import type { NumberedEvent } from '../../../shared/events/listener.ts';
import {
  CROWD_SUBSCRIBERS,
  FIRST_SEND_COST_MS,
  PUSH_INTERVAL_MAX_MS,
  PUSH_INTERVAL_MS,
  PUSH_SHARE,
  SEND_COST_MS,
  SEND_MS,
  SLOW_CONNECTION_MS,
} from '../../../shared/limits.ts';
import type { Connections } from '../../../shared/ports.ts';
import { WorkflowError } from '../../../shared/problems.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, loadTask, TASK_ID } from '../../support/tasks.ts';
import {
  begin,
  end,
  finish,
  givenSubscribers,
  heard,
  start,
  subscribe,
  types,
  written,
} from './support.ts';

const latest = (ports: MemoryPorts) => loadTask(ports, TASK_ID);
const THOUSAND = 1_000;
/** A task that has run for so long that any crowd may be told. */
const LONG_SINCE = { startedAt: Date.UTC(2025, 0, 1) };

describe('a crowd', () => {
  it('takes its share of the time, whatever the number of subscribers', async () => {
    for (const subscribers of [1, 100, THOUSAND]) {
      const ports = createMemoryPorts();
      await givenTask(ports);
      await givenSubscribers(ports, subscribers);
      const minutes = 1;
      for (let ms = 0; ms < minutes * 60_000; ms += PUSH_INTERVAL_MS) {
        await publishProgress(ports, await latest(ports));
        ports.clock.advance(PUSH_INTERVAL_MS);
      }
      const spent = ports.connections.sent.length * SEND_COST_MS;
      expect(spent).toBeLessThanOrEqual((minutes * 60_000) / PUSH_SHARE + subscribers);
      expect(ports.connections.sent.length).toBeGreaterThan(5 * subscribers);
    }
  });

  it('waits the longer the more the last push cost', async () => {
    const clock = createMemoryPorts().clock;
    const connections: Connections = {
      send: async () => {
        clock.advance(20);
        return 'sent';
      },
    };
    const ports = createMemoryPorts({ clock, connections });
    await givenTask(ports, LONG_SINCE);
    await givenSubscribers(ports, 50);
    await publishProgress(ports, await loadTask(ports, TASK_ID));
    const { pushedAt, pushDueAt = 0 } = await loadTask(ports, TASK_ID);
    expect(pushDueAt - pushedAt).toBeGreaterThanOrEqual(PUSH_SHARE * 49 * 20);
    expect(pushInterval(1e9)).toBe(PUSH_INTERVAL_MAX_MS);
    expect(pushInterval(0)).toBe(PUSH_INTERVAL_MS);
  });

  it('hears of the start from a worker, not from the step that plans', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports);
    await givenSubscribers(ports, CROWD_SUBSCRIBERS + 1);
    await start(ports);
    expect(written(ports).map(({ type }) => type)).toEqual(['task_started']);
    expect(ports.connections.sent).toEqual([]);
    ports.clock.advance(PUSH_INTERVAL_MS);
    await publishProgress(ports, await latest(ports));
    expect(ports.connections.sent).toEqual([]);
    // Once the task has run for so long that telling all of them is its share.
    ports.clock.advance(2 * CROWD_SUBSCRIBERS * FIRST_SEND_COST_MS * PUSH_SHARE);
    await publishProgress(ports, await latest(ports));
    for (let i = 0; i <= CROWD_SUBSCRIBERS; i++) {
      expect(types(ports, `viewer${i}`)).toEqual(['task_started']);
    }
    expect(written(ports)).toHaveLength(1);
  });

  it('hears the end once each, at a few writes for all of them', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports);
    await givenSubscribers(ports, THOUSAND);
    const { put, update } = ports.table.calls;
    await finish(ports);
    await publishEnd(ports, await latest(ports));
    expect(ports.connections.sent).toHaveLength(THOUSAND);
    expect(new Set(ports.connections.sent.map(({ connectionId }) => connectionId)).size).toBe(
      THOUSAND,
    );
    expect(ports.table.calls.put - put + ports.table.calls.update - update).toBeLessThan(40);
  });

  it('is told of the end although telling outlasts the turn', async () => {
    const clock = createMemoryPorts().clock;
    const connections = createMemoryPorts().connections;
    const slowly = {
      ...connections,
      async send(id: string, message: string) {
        clock.advance(7);
        return connections.send(id, message);
      },
    };
    const ports = createMemoryPorts({ clock, connections: slowly });
    await givenTask(ports);
    await givenSubscribers(ports, THOUSAND);
    await finish(ports);
    expect(connections.sent).toHaveLength(THOUSAND);
  });
});

describe('a subscriber that does not answer', () => {
  it('delays nobody else', async () => {
    const { connections } = createMemoryPorts();
    let answer: (outcome: 'unanswered') => void = () => undefined;
    const ports = createMemoryPorts({
      connections: {
        ...connections,
        send: (id: string, message: string) =>
          id === 'viewer0'
            ? new Promise<'unanswered'>((resolve) => (answer = resolve))
            : connections.send(id, message),
      },
    });
    await givenTask(ports, LONG_SINCE);
    await givenSubscribers(ports, 300);
    const push = publishProgress(ports, await loadTask(ports, TASK_ID));
    while (connections.sent.length < 299) await new Promise((resolve) => setImmediate(resolve));
    ports.clock.advance(SEND_MS);
    answer('unanswered');
    await push;
    // Nor does it make the next push come later.
    const { pushedAt, pushDueAt = 0 } = await loadTask(ports, TASK_ID);
    expect(pushDueAt - pushedAt).toBe(Math.ceil(300 * SEND_COST_MS * PUSH_SHARE));
  });

  it.each(['unanswered', 'refused'])(
    'and was %s gets no progress for a while, and the end nevertheless',
    async (how) => {
      const { connections } = createMemoryPorts();
      let broken = true;
      const asked: string[] = [];
      const ports = createMemoryPorts({
        connections: {
          ...connections,
          async send(id: string, message: string): ReturnType<Connections['send']> {
            asked.push(id);
            if (!broken) return connections.send(id, message);
            if (how === 'unanswered') return 'unanswered';
            throw new WorkflowError('ServiceUnavailable', 'Too slow.');
          },
        },
      });
      await givenTask(ports, LONG_SINCE);
      await givenSubscribers(ports, 1);
      const progress = async () => {
        ports.clock.advance(PUSH_INTERVAL_MS);
        await publishProgress(ports, await loadTask(ports, TASK_ID));
      };
      await progress();
      await progress();
      expect(asked).toHaveLength(1);
      ports.clock.advance(SLOW_CONNECTION_MS);
      broken = false;
      await progress();
      expect(asked).toHaveLength(2);
      broken = true;
      await progress();
      broken = false;
      await finish(ports);
      expect(types({ connections }, 'viewer0')).toEqual(['task_progress', 'task_completed']);
    },
  );

  it('gets the end by another try', async () => {
    const { connections } = createMemoryPorts();
    let tries = 0;
    const ports = createMemoryPorts({
      connections: {
        ...connections,
        async send(id: string, message: string) {
          if (++tries < 3) throw new WorkflowError('ServiceUnavailable', 'Throttled.');
          return connections.send(id, message);
        },
      },
    });
    await givenTask(ports);
    await givenSubscribers(ports, 1);
    await finish(ports);
    expect(connections.sent).toHaveLength(1);
  });
});

describe('listeners', () => {
  it('hear of the same events: the socket, the durable list, and whoever is added', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports);
    await subscribe(ports, 'c1', TASK_ID);
    const added: NumberedEvent[] = [];
    const publisher = createPublisher([
      ...LISTENERS,
      {
        async tell(_ports, { events }) {
          added.push(...events);
          return 'told';
        },
      },
    ]);
    await publisher.publishOwed(ports, await begin(ports));
    ports.clock.advance(PUSH_INTERVAL_MS);
    await publisher.publishProgress(ports, await latest(ports));
    const ended = await end(ports);
    if (ended) await publisher.publishEnd(ports, ended);
    const pair = ({ type, seq }: { type: string; seq: number }) => [type, seq];
    const socket = heard(ports).flatMap((message) => ('seq' in message ? [message] : []));
    expect(socket.map(pair)).toEqual([
      ['task_started', 1],
      ['task_progress', 2],
      ['task_completed', 3],
    ]);
    expect(added.map(pair)).toEqual(socket.map(pair));
    expect(written(ports).map(pair)).toEqual(
      socket.map(pair).filter(([type]) => type !== 'task_progress'),
    );
    for (const { seq, at, payload } of written(ports)) {
      expect(socket.find((event) => event.seq === seq)).toMatchObject({ at, payload });
    }
  });

  it('are told again when one of them fails, and nobody is told before the list is written', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports);
    await subscribe(ports, 'c1', TASK_ID);
    let broken = true;
    const publisher = createPublisher([
      {
        async tell() {
          if (broken) throw new Error('The table is away.');
          return 'told';
        },
      },
      ...LISTENERS,
    ]);
    await expect(publisher.publishOwed(ports, await begin(ports))).rejects.toThrow('away');
    expect(types(ports)).toEqual(['subscribed']);
    broken = false;
    await publisher.publishOwed(ports, await begin(ports));
    expect(types(ports)).toEqual(['subscribed', 'task_started']);
    expect(written(ports)).toHaveLength(1);
  });
});
