import { describe, expect, it } from 'vitest';
import { tableKeys } from '../../../shared/keys.ts';
import { PUSH_INTERVAL_MS, PUSH_LEASE_MS } from '../../../shared/limits.ts';
import { publishEnd, publishProgress } from '../../../shared/events/publish.ts';
import { createTurnWatch } from '../../../shared/events/turn.ts';
import { connect, disconnect, receive } from '../../../shared/stream/receive.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, loadTask, OWNER, TASK_ID } from '../../support/tasks.ts';
import { failure, finish, heard, say, start, subscribe, types } from './support.ts';

describe('progress events', () => {
  it('come to subscribers of the task and of all tasks, to each once', async () => {
    const ports = createMemoryPorts();
    const task = await givenTask(ports);
    await subscribe(ports, 'c1', TASK_ID);
    await subscribe(ports, 'c1');
    await subscribe(ports, 'c2');
    await publishProgress(ports, task);
    expect(types(ports, 'c1')).toEqual(['subscribed', 'subscribed', 'task_progress']);
    expect(types(ports, 'c2')).toEqual(['subscribed', 'task_progress']);
  });

  it('are throttled over all shards', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports, { pushedAt: ports.clock.now() });
    await subscribe(ports, 'c1', TASK_ID);
    for (let i = 0; i < 100; i++) {
      ports.clock.advance(10);
      await publishProgress(ports, await loadTask(ports, TASK_ID));
    }
    expect(heard(ports)).toHaveLength(1 + 1000 / PUSH_INTERVAL_MS);
  });

  it('cost no write when the last one was a moment ago', async () => {
    const ports = createMemoryPorts();
    const task = await givenTask(ports, { pushedAt: ports.clock.now() });
    const writes = ports.table.calls.update;
    ports.clock.advance(PUSH_INTERVAL_MS - 1);
    expect(await publishProgress(ports, task)).toBe(false);
    expect(ports.table.calls.update).toBe(writes);
    ports.clock.advance(1);
    expect(await publishProgress(ports, task)).toBe(true);
  });

  it('rise in seq and carry the failures, at most twenty a second', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports);
    await subscribe(ports, 'c1', TASK_ID);
    const failures = Array.from({ length: 50 }, (_, i) => ({ row: i + 1, template: 't', failure }));
    for (let i = 0; i < 5; i++) {
      ports.clock.advance(PUSH_INTERVAL_MS);
      await publishProgress(ports, await loadTask(ports, TASK_ID), failures);
    }
    const events = heard(ports).filter((message) => 'seq' in message);
    const seqs = events.map((event) => event.seq);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    expect(events.filter((event) => event.type === 'document_failed')).toHaveLength(20);
  });

  it('are pushed by one at a time when many report at once', async () => {
    const ports = createMemoryPorts();
    const task = await givenTask(ports);
    await subscribe(ports, 'c1', TASK_ID);
    const pushed = await Promise.all(
      Array.from({ length: 20 }, () => publishProgress(ports, task)),
    );
    expect(pushed.filter(Boolean)).toHaveLength(1);
    expect(types(ports)).toEqual(['subscribed', 'task_progress']);
  });

  it('go on after a pusher was killed', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports, { pushLeaseUntil: ports.clock.now() + PUSH_LEASE_MS });
    const watch = createTurnWatch(ports);
    const push = async () => publishProgress(ports, await loadTask(ports, TASK_ID), [], { watch });
    expect(await push()).toBe(false);
    ports.clock.advance(PUSH_LEASE_MS - 1);
    expect(await push()).toBe(false);
    ports.clock.advance(1);
    expect(await push()).toBe(true);
  });

  it('wait for their turn when they have something to tell', async () => {
    const ports = createMemoryPorts();
    const task = await givenTask(ports, { pushedAt: ports.clock.now() });
    await subscribe(ports, 'c1', TASK_ID);
    expect(
      await publishProgress(ports, task, [{ row: 3, template: 't', failure }], {
        patienceMs: 1_000,
      }),
    ).toBe(true);
    expect(types(ports)).toEqual(['subscribed', 'document_failed', 'task_progress']);
  });

  it('forget a client that has left, and the others go on', async () => {
    const ports = createMemoryPorts();
    const task = await givenTask(ports);
    await connect(ports, { connectionId: 'c1', ownerId: OWNER });
    await subscribe(ports, 'c1', TASK_ID);
    await subscribe(ports, 'c2', TASK_ID);
    ports.connections.gone.add('c1');
    await publishProgress(ports, task);
    expect(types(ports, 'c2')).toContain('task_progress');
    expect(await ports.table.get(tableKeys.taskSubscriber(TASK_ID, 'c1'))).toBeUndefined();
    expect(await ports.table.get(tableKeys.connection('c1'))).toBeUndefined();
  });

  it('survive a subscriber that cannot be reached', async () => {
    const ports = createMemoryPorts({
      connections: { send: () => Promise.reject(new Error('network')) },
    });
    const task = await givenTask(ports);
    await ports.table.put(tableKeys.taskSubscriber(TASK_ID, 'c1'), {
      connectionId: 'c1',
      ownerId: OWNER,
      active: true,
      since: {},
      expiresAt: 9e9,
    });
    expect(await publishProgress(ports, task)).toBe(true);
  });
});

describe('the end of a task', () => {
  it('is told once to each subscriber, as the last event', async () => {
    const ports = createMemoryPorts();
    const task = await givenTask(ports);
    await subscribe(ports, 'c1', TASK_ID);
    await start(ports);
    await finish(ports);
    await publishEnd(ports, await loadTask(ports, TASK_ID));
    ports.clock.advance(10_000);
    await publishProgress(ports, task);
    expect(types(ports)).toEqual(['subscribed', 'task_started', 'task_completed']);
    const seqs = heard(ports).flatMap((message) => ('seq' in message ? [message.seq] : []));
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  });

  it('is told to whoever subscribes later, after the snapshot', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports);
    await finish(ports);
    await subscribe(ports, 'late', TASK_ID);
    expect(types(ports, 'late')).toEqual(['subscribed', 'task_completed']);
  });

  it('is told even when it is written between the snapshot and the first event', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports);
    const send = ports.connections.send.bind(ports.connections);
    let first = true;
    const racing = {
      ...ports,
      connections: {
        ...ports.connections,
        async send(connectionId: string, message: string) {
          const outcome = await send(connectionId, message);
          if (first) {
            first = false;
            await finish(ports);
          }
          return outcome;
        },
      },
    };
    await receive(racing, {
      connectionId: 'c1',
      ownerId: OWNER,
      body: JSON.stringify({ action: 'subscribe', filters: { taskId: TASK_ID } }),
    });
    expect(types(ports)).toEqual(['subscribed', 'task_completed']);
  });

  it('is told although a pusher was killed while it held the lease', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports, { pushLeaseUntil: ports.clock.now() + PUSH_LEASE_MS });
    await subscribe(ports, 'c1', TASK_ID);
    await finish(ports);
    expect(types(ports)).toEqual(['subscribed', 'task_completed']);
  });
});

describe('messages of a client', () => {
  it('are answered', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports, { succeeded: 30 });
    await say(ports, 'c1', { action: 'ping' });
    await subscribe(ports, 'c1', TASK_ID);
    await say(ports, 'c1', { action: 'unsubscribe', filters: { taskId: TASK_ID } });
    expect(types(ports)).toEqual(['pong', 'subscribed', 'unsubscribed']);
    expect(heard(ports)[1]).toMatchObject({
      payload: { taskId: TASK_ID, tasks: [{ taskId: TASK_ID, current: 30, status: 'running' }] },
    });
    await publishProgress(ports, await loadTask(ports, TASK_ID));
    expect(types(ports)).not.toContain('task_progress');
  });

  it.each([
    ['garbage', '{"action":'],
    ['no object', '[]'],
    ['an unknown action', '{"action":"reboot"}'],
    ['an unknown channel', '{"action":"subscribe","channels":["all"]}'],
    ['a bad task id', '{"action":"subscribe","filters":{"taskId":"../../etc"}}'],
  ])('that are %s get an error and leave the connection open', async (_, body) => {
    const ports = createMemoryPorts();
    await receive(ports, { connectionId: 'c1', ownerId: OWNER, body });
    expect(heard(ports)).toMatchObject([{ type: 'error', payload: { code: 'VALIDATION_ERROR' } }]);
  });

  it('name each channel once in the answer, however often they named it', async () => {
    const ports = createMemoryPorts();
    const say = (times: number) => {
      const channels = Array.from({ length: times }, () => 'task_progress');
      const body = JSON.stringify({ action: 'subscribe', channels });
      return receive(ports, { connectionId: 'c1', ownerId: OWNER, body });
    };
    await say(2);
    await say(1_000);
    expect(heard(ports)).toMatchObject([
      { type: 'subscribed', payload: { channels: ['task_progress'] } },
      { type: 'error', payload: { code: 'VALIDATION_ERROR' } },
    ]);
  });

  it("cannot reach another owner's task", async () => {
    const ports = createMemoryPorts();
    const task = await givenTask(ports, { ownerId: 'owner-b' });
    await subscribe(ports, 'c1', TASK_ID);
    await publishProgress(ports, task);
    expect(heard(ports)).toMatchObject([{ type: 'error', payload: { code: 'TASK_NOT_FOUND' } }]);
  });

  it('leave nothing behind after a disconnect', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports);
    await connect(ports, { connectionId: 'c1', ownerId: OWNER });
    await subscribe(ports, 'c1', TASK_ID);
    await subscribe(ports, 'c1');
    await disconnect(ports, 'c1');
    await disconnect(ports, 'c1');
    for (const partition of [`TASK#${TASK_ID}`, `OWNER#${OWNER}`, 'CONN#c1']) {
      const { items } = await ports.table.query({ partition });
      expect(items.filter((item) => item['sk'] !== 'META')).toEqual([]);
    }
  });
});
