/** Following all tasks of an owner by server-sent events. */
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.ts';
import { publishEnd, publishProgress } from '../../../shared/events/publish.ts';
import { telling } from '../../../shared/events/owed.ts';
import { MAX_SNAPSHOT_TASKS } from '../../../shared/limits.ts';
import { changeTask } from '../../../shared/tasks/taskStore.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, loadTask } from '../../support/tasks.ts';
import { dataOf, open, type OpenedStream } from './support.ts';

let ports: MemoryPorts;
beforeEach(() => {
  ports = createMemoryPorts();
});

const opened = async (opening = {}): Promise<OpenedStream> =>
  (await open(ports, opening)) ?? expect.fail('There is nothing to come.');

async function given(changes: Parameters<typeof givenTask>[1] = {}): Promise<string> {
  ports.clock.advance(10);
  const taskId = newId('task', ports);
  await givenTask(ports, { taskId, ...changes });
  return taskId;
}

async function complete(taskId: string) {
  const task = await loadTask(ports, taskId);
  const at = ports.clock.now();
  const changes = { status: 'completed', stage: 'done', succeeded: 100, finishedAt: at } as const;
  const ended = await changeTask(ports, taskId, { set: telling(task, changes, { at }) });
  if (ended) await publishEnd(ports, ended);
}

const told = async (stream: OpenedStream) =>
  ((await stream.next()) ?? []).map((event) => [event.event, dataOf(event).payload['taskId']]);

describe('a stream of all tasks', () => {
  it('begins with those that have not ended, and tells of each to its end', async () => {
    const done = await given();
    await complete(done);
    const [a, b] = [await given(), await given({ status: 'pending', run: 0 })];
    const other = await given({ ownerId: 'owner-b' });
    const stream = await opened();
    const [snapshot] = (await stream.next()) ?? [];
    expect(snapshot && dataOf(snapshot).payload).toMatchObject({
      taskId: null,
      tasks: [{ taskId: b }, { taskId: a }],
    });
    // Numbers are those of a task, so there is none to go on from.
    expect(snapshot?.id).toBe('');

    await changeTask(ports, a, { set: { succeeded: 50 } });
    ports.clock.advance(1_000);
    await publishProgress(ports, await loadTask(ports, a));
    await complete(other);
    expect(await told(stream)).toEqual([['task_progress', a]]);
    await complete(b);
    expect(await told(stream)).toEqual([['task_completed', b]]);
    await complete(a);
    expect(await told(stream)).toEqual([['task_completed', a]]);
    expect(await stream.rest()).toEqual([]);
  });

  it('tells of tasks that are made meanwhile, however soon they end', async () => {
    const stream = await opened();
    await stream.next();
    const quick = await given();
    await complete(quick);
    const slow = await given();
    await changeTask(ports, slow, { set: { succeeded: 1 } });
    ports.clock.advance(1_000);
    await publishProgress(ports, await loadTask(ports, slow));
    expect((await told(stream)).sort()).toEqual([
      ['task_completed', quick],
      ['task_progress', slow],
    ]);
    await stream.close();
  });

  it('tells of one that is begun again, from there on', async () => {
    const taskId = await given();
    await complete(taskId);
    const stream = await opened();
    await stream.next();
    await changeTask(ports, taskId, { set: { status: 'running', run: 2, succeeded: 1 } });
    ports.clock.advance(1_000);
    await publishProgress(ports, await loadTask(ports, taskId));
    // It ends while the stream already looks at it.
    let naps = 0;
    const { clock } = ports;
    const nap = clock.sleep.bind(clock);
    clock.sleep = async (ms) => {
      if (++naps === 3) await complete(taskId);
      await nap(ms);
    };
    expect(await told(stream)).toEqual([['task_completed', taskId]]);
    await stream.close();
  });

  it('always begins anew', async () => {
    const taskId = await given({ seq: 7 });
    const stream = await opened({ lastEventId: '3' });
    expect(((await stream.next()) ?? []).map(dataOf)).toMatchObject([
      { type: 'snapshot', payload: { tasks: [{ taskId, seq: 7 }] } },
    ]);
    await stream.close();
  });

  it('reads what waits to be started once, and more tasks less often', async () => {
    for (let i = 0; i < MAX_SNAPSHOT_TASKS + 20; i++) await given({ status: 'pending', run: 0 });
    const stream = await opened();
    expect(((await stream.next()) ?? [])[0]).toMatchObject({ event: 'snapshot' });
    const reads = ports.table.calls.get;
    await stream.rest();
    expect(ports.table.calls.get).toBe(reads);
  });
});
