import { describe, expect, it } from 'vitest';
import { readLog } from '../../../shared/events/eventLog.ts';
import { owing } from '../../../shared/events/owed.ts';
import { publishEnd } from '../../../shared/events/publish.ts';
import { shardFailedEvent } from '../../../shared/events/taskEvents.ts';
import { LogEntrySchema } from '../../../shared/schemas/events.ts';
import { cancelTask, startTask } from '../../../shared/tasks/controlTask.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { changeTask } from '../../../shared/tasks/taskStore.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, OWNER, TASK_ID } from '../../support/tasks.ts';
import { end, heard, start, subscribe } from './support.ts';

async function givenStory() {
  const ports = createMemoryPorts();
  await givenTask(ports, { status: 'pending', stage: 'waiting', run: 0 });
  await subscribe(ports, 'c1', TASK_ID);
  await startTask(ports, OWNER, TASK_ID);
  await startTask(ports, OWNER, TASK_ID);
  ports.clock.advance(1_000);
  await start(ports);
  await start(ports);
  ports.clock.advance(1_000);
  const shard = { taskId: TASK_ID, run: 1, round: 1, byteOffset: 0, byteLength: 1 };
  const event = shardFailedEvent(
    { ...shard, firstRow: 41, rowCount: 1_000 },
    'its time ran out',
    ports.clock.now(),
  );
  await changeTask(ports, TASK_ID, { set: owing([event]) });
  await cancelTask(ports, OWNER, TASK_ID);
  ports.clock.advance(1_000);
  const ended = await end(ports);
  if (ended) await publishEnd(ports, ended);
  return ports;
}

describe('the log of a task', () => {
  it('tells what happened, oldest first, and who called', async () => {
    const ports = await givenStory();
    const { data, nextCursor } = await readLog(ports, OWNER, TASK_ID, { limit: 100 });
    expect(nextCursor).toBeNull();
    for (const entry of data) LogEntrySchema.strict().parse(entry);
    expect(data.map(({ type, by }) => [type, by])).toEqual([
      ['start_requested', OWNER],
      ['task_started', undefined],
      ['cancel_requested', OWNER],
      ['shard_failed', undefined],
      ['task_completed', undefined],
    ]);
    const seqs = data.map(({ seq }) => seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    expect(data.find(({ type }) => type === 'shard_failed')).toMatchObject({
      message: 'Rows 41 to 1,040 were given up together: its time ran out. The other rows go on.',
      payload: { taskId: TASK_ID, firstRow: 41, rowCount: 1_000, cause: 'its time ran out' },
    });
  });

  it('tells who had a failed task tried again', async () => {
    const ports = createMemoryPorts();
    const over = { status: 'failed', stage: 'done', run: 1, finishedAt: 1 } as const;
    const { indexKey } = await givenTask(ports, over);
    await ports.objects.put(indexKey, Buffer.from('rows'));
    await retryTask(ports, OWNER, TASK_ID);
    // Repeated, the call is no further event, and the execution starts once.
    await retryTask(ports, OWNER, TASK_ID);
    await start(ports);
    const { data } = await readLog(ports, OWNER, TASK_ID, { limit: 100 });
    for (const entry of data) LogEntrySchema.strict().parse(entry);
    expect(data.map(({ type, by }) => [type, by])).toEqual([
      ['retry_requested', OWNER],
      ['task_started', undefined],
    ]);
    expect(data[0]?.message).toBe('It was asked to go on with the task.');
  });

  it('comes page by page', async () => {
    const ports = await givenStory();
    const { data: all } = await readLog(ports, OWNER, TASK_ID, { limit: 100 });
    const pages: string[][] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await readLog(ports, OWNER, TASK_ID, {
        limit: 2,
        ...(cursor === undefined ? {} : { cursor }),
      });
      pages.push(page.data.map(({ type }) => type));
      cursor = page.nextCursor;
    }
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(all.map(({ type }) => type));
  });

  it('has the seq under which clients heard of it, and more than they hear', async () => {
    const ports = await givenStory();
    const { data } = await readLog(ports, OWNER, TASK_ID, { limit: 100 });
    const told = heard(ports).flatMap((event) => ('seq' in event ? [[event.type, event.seq]] : []));
    expect(told.map(([type]) => type)).toEqual(['task_started', 'task_completed']);
    expect(data.map(({ type, seq }) => [type, seq])).toEqual(expect.arrayContaining(told));
  });

  it("is not for another owner's eyes", async () => {
    const ports = await givenStory();
    await expect(readLog(ports, 'owner-b', TASK_ID, { limit: 1 })).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
    });
  });

  it('is there as long as the task', async () => {
    const ports = await givenStory();
    const items = ports.table.items().filter(({ sk }) => /^(EVENT|ONCE|TOLD)#/.test(String(sk)));
    expect(items.length).toBeGreaterThan(5);
    for (const item of items) expect(item).not.toHaveProperty('expiresAt');
  });
});
