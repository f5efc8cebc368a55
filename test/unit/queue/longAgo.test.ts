/** Whoever was frozen in the middle of starting a task, and goes on when others have run it, charges nothing. */
import { beforeEach, describe, expect, it } from 'vitest';
import { CLAIM_GRACE_MS } from '../../../shared/limits.ts';
import { beginOrQueue } from '../../../shared/queue/begin.ts';
import { loadQuota, nextSlot } from '../../../shared/queue/quota.ts';
import { comeToRest } from '../../../shared/queue/rest.ts';
import { takeSlot } from '../../../shared/queue/slots.ts';
import { sweep } from '../../../shared/sweep/sweep.ts';
import { changeTask } from '../../../shared/tasks/taskStore.ts';
import type { TaskItem } from '../../../shared/schemas/items.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, loadTask, OWNER, TASK_ID } from '../../support/tasks.ts';

const MADE = 46;

let ports: MemoryPorts;
/** The task as it was before anybody started it. */
let seen: TaskItem;

/** Ends the run that is under way, with so many documents made in all. */
async function endRun(charged: number) {
  await changeTask(ports, TASK_ID, { set: { status: 'completed', charged } });
  await comeToRest(ports, await loadTask(ports, TASK_ID));
}

/** Takes a slot by what was seen, and dies. */
async function dieWithSlot() {
  const quota = await loadQuota(ports, OWNER);
  await takeSlot(ports, quota, seen, nextSlot(quota, seen, ports.clock.now()));
}

beforeEach(async () => {
  ports = createMemoryPorts();
  seen = await givenTask(ports, { status: 'pending', stage: 'waiting', run: 0 });
  await beginOrQueue(ports, seen, { by: OWNER });
  await endRun(MADE);
  expect(await loadQuota(ports, OWNER)).toMatchObject({ used: MADE, slots: {} });
});

describe('two starts at the same time', () => {
  it('charge what is made once, whichever slot is left', async () => {
    const again = await loadTask(ports, TASK_ID);
    const quota = await loadQuota(ports, OWNER);
    const slot = nextSlot(quota, again, ports.clock.now());
    await takeSlot(ports, quota, again, slot);
    await beginOrQueue(ports, again, { by: OWNER });
    // The slot that the run began with is replaced by one that comes too late.
    const begun = await loadQuota(ports, OWNER);
    ports.clock.advance(1_000);
    await takeSlot(ports, begun, again, nextSlot(begun, again, ports.clock.now()));
    await endRun(MADE + 4);
    expect(await loadQuota(ports, OWNER)).toMatchObject({ used: MADE + 4, slots: {} });
  });
});

describe('a start by what was seen long ago', () => {
  it('begins nothing, and charges nothing again', async () => {
    expect(await beginOrQueue(ports, seen, { by: OWNER })).toBeUndefined();
    expect(await loadQuota(ports, OWNER)).toMatchObject({ used: MADE, slots: {} });
  });

  it('that dies with its slot charges nothing by the hands of the sweeper', async () => {
    await dieWithSlot();
    ports.clock.advance(2 * CLAIM_GRACE_MS);
    await sweep(ports, { remainingMs: () => 60_000 });
    expect(await loadQuota(ports, OWNER)).toMatchObject({ used: MADE, slots: {} });
  });

  it('that dies with its slot charges nothing by the hands of the next run', async () => {
    await dieWithSlot();
    await beginOrQueue(ports, await loadTask(ports, TASK_ID), { by: OWNER });
    await endRun(MADE + 4);
    expect(await loadQuota(ports, OWNER)).toMatchObject({ used: MADE + 4, slots: {} });
  });
});
