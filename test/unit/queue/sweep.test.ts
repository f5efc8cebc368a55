/** The sweeper: who is looked after, for how long, and how far one call goes. */
import { describe, expect, it } from 'vitest';
import { CLAIM_GRACE_MS, SWEPT_IDLE_MS } from '../../../shared/limits.ts';
import { SWEPT_OWNERS, tableKeys } from '../../../shared/keys.ts';
import { beginOrQueue } from '../../../shared/queue/begin.ts';
import { nextSlot, loadQuota } from '../../../shared/queue/quota.ts';
import { comeToRest } from '../../../shared/queue/rest.ts';
import { takeSlot } from '../../../shared/queue/slots.ts';
import { sweep } from '../../../shared/sweep/sweep.ts';
import { changeTask } from '../../../shared/tasks/taskStore.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, loadTask, OWNER, TASK_ID, taskItem } from '../../support/tasks.ts';

const UNHURRIED = { remainingMs: () => 60_000 };

const listedOwners = async ({ table }: MemoryPorts) =>
  (await table.query({ index: 'activeByOwner', partition: SWEPT_OWNERS })).items.map(
    (item) => item['activeSort'],
  );

/** A task whose process died when it had taken the slot. */
async function givenClaim(ports: MemoryPorts, ownerId: string, taskId: string) {
  const task = await givenTask(ports, {
    ownerId,
    taskId,
    status: 'pending',
    stage: 'waiting',
    run: 0,
  });
  const quota = await loadQuota(ports, ownerId);
  await takeSlot(ports, quota, task, nextSlot(quota, task, ports.clock.now()));
  return task;
}

describe('the sweeper', () => {
  it('costs six reads a minute where nobody works', async () => {
    const ports = createMemoryPorts();
    await sweep(ports, UNHURRIED);
    const { get, query, put, update, delete: removed } = ports.table.calls;
    expect({ get, query, writes: put + update + removed }).toEqual({ get: 1, query: 5, writes: 0 });
  });

  it('looks after an owner as long as something works or waits, and a while longer', async () => {
    const ports = createMemoryPorts();
    const pending = await givenTask(ports, { status: 'pending', stage: 'waiting', run: 0 });
    await beginOrQueue(ports, pending, { by: OWNER });
    ports.clock.advance(2 * SWEPT_IDLE_MS);
    await sweep(ports, UNHURRIED);
    expect(await listedOwners(ports)).toEqual([OWNER]);

    await changeTask(ports, TASK_ID, { set: { status: 'completed', charged: 100 } });
    await comeToRest(ports, await loadTask(ports, TASK_ID));
    await sweep(ports, UNHURRIED);
    expect(await listedOwners(ports)).toEqual([]);
    expect(await loadQuota(ports, OWNER)).toMatchObject({ used: 100, slots: {} });
  });

  it('leaves what is about to be done for a while, and then gives it up', async () => {
    const ports = createMemoryPorts();
    const seen = await givenClaim(ports, OWNER, TASK_ID);
    await sweep(ports, UNHURRIED);
    expect(Object.keys((await loadQuota(ports, OWNER)).slots)).toEqual([TASK_ID]);
    ports.clock.advance(CLAIM_GRACE_MS);
    await sweep(ports, UNHURRIED);
    expect((await loadQuota(ports, OWNER)).slots).toEqual({});
    // Had the process only been slow, what it does now is in vain: it would work without a slot.
    const { revision } = await loadTask(ports, TASK_ID);
    expect(revision).toBe((seen.revision ?? 0) + 1);
  });

  it('lets nobody create a task under an id whose slot it gave up, but who tries again', async () => {
    const ports = createMemoryPorts();
    const task = taskItem({ status: 'pending', run: 0 });
    const quota = await loadQuota(ports, OWNER);
    await takeSlot(ports, quota, task, nextSlot(quota, task, ports.clock.now()));
    ports.clock.advance(CLAIM_GRACE_MS);
    await sweep(ports, UNHURRIED);
    expect((await loadQuota(ports, OWNER)).slots).toEqual({});
    expect(await ports.table.put(tableKeys.task(TASK_ID), task, { absent: 'pk' })).toBe(false);
    expect(await ports.table.get(tableKeys.task(TASK_ID))).toBeUndefined();
  });

  it('goes on with the next owners where its time was over', async () => {
    const ports = createMemoryPorts();
    const owners = Array.from({ length: 120 }, (_, i) => `owner-${String(i).padStart(3, '0')}`);
    for (const [i, ownerId] of owners.entries()) {
      await givenClaim(ports, ownerId, `task_01J${String(i).padStart(23, '0')}`);
    }
    ports.clock.advance(CLAIM_GRACE_MS);
    const left = async () => {
      const quotas = await Promise.all(owners.map((ownerId) => loadQuota(ports, ownerId)));
      return quotas.filter(({ slots }) => Object.keys(slots).length > 0).length;
    };
    await sweep(ports, { remainingMs: () => 0 });
    expect(await left()).toBe(20);
    await sweep(ports, { remainingMs: () => 0 });
    expect(await left()).toBe(0);
    expect(await ports.table.get(tableKeys.sweep)).toBeUndefined();
  });

  it('mends the others where one owner cannot be', async () => {
    const ports = createMemoryPorts();
    await givenClaim(ports, 'owner-1', 'task_01J00000000000000000000001');
    await givenClaim(ports, 'owner-2', 'task_01J00000000000000000000002');
    await ports.table.put(tableKeys.task('task_01J00000000000000000000001'), { broken: true });
    ports.clock.advance(CLAIM_GRACE_MS);
    await expect(sweep(ports, UNHURRIED)).rejects.toThrow('Not everything could be mended.');
    expect((await loadQuota(ports, 'owner-2')).slots).toEqual({});
  });
});
