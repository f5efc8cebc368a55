/**
 * A process that is killed at any of its calls while it starts a task that has a slot, queues one, lets the next
 * one begin, or ends one: after a sweep everything is as if it had not been.
 */
import { describe, expect, it } from 'vitest';
import { CLAIM_GRACE_MS, PUSH_LEASE_MS } from '../../../shared/limits.ts';
import { tableKeys } from '../../../shared/keys.ts';
import { sweepOwner } from '../../../shared/queue/sweep.ts';
import { readUsage } from '../../../shared/queue/usage.ts';
import { cancelTask, startTask } from '../../../shared/tasks/controlTask.ts';
import { finishTask } from '../../../shared/tasks/finishTask.ts';
import type { Ports } from '../../../shared/ports.ts';
import { Killed, mortalPorts } from '../../support/mortalPorts.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, loadTask, OWNER } from '../../support/tasks.ts';

const [FIRST, SECOND, THIRD] = ['1', '2', '3'].map((n) => `task_01J${n.padStart(23, '0')}`) as [
  string,
  string,
  string,
];

/** An owner who may have one task at work: the first is, the others are not started. */
async function givenOwner(): Promise<MemoryPorts> {
  const ports = createMemoryPorts();
  await ports.table.put(tableKeys.quota(OWNER), { taskLimit: 1 });
  for (const taskId of [FIRST, SECOND, THIRD]) {
    await givenTask(ports, { taskId, status: 'pending', stage: 'waiting', run: 0 });
  }
  return ports;
}

/** The first has a slot, the second waits. */
async function givenQueue(): Promise<MemoryPorts> {
  const ports = await givenOwner();
  await startTask(ports, OWNER, FIRST);
  await startTask(ports, OWNER, SECOND);
  return ports;
}

const cancelling = async (ports: MemoryPorts) => {
  await cancelTask(ports, OWNER, FIRST);
  return ports;
};

const CASES: readonly {
  readonly what: string;
  readonly given: () => Promise<MemoryPorts>;
  readonly act: (ports: Ports) => Promise<unknown>;
}[] = [
  {
    what: 'starts a task with a slot',
    given: givenOwner,
    act: (ports) => startTask(ports, OWNER, FIRST),
  },
  {
    what: 'queues a task',
    given: async () => {
      const ports = await givenOwner();
      await startTask(ports, OWNER, FIRST);
      return ports;
    },
    act: (ports) => startTask(ports, OWNER, SECOND),
  },
  {
    what: 'ends a task and lets the next one begin',
    given: async () => cancelling(await givenQueue()),
    act: (ports) => finishTask(ports, { taskId: FIRST, run: 1 }),
  },
  {
    what: 'cancels a task that waits',
    given: givenQueue,
    act: (ports) => cancelTask(ports, OWNER, SECOND),
  },
];

/** What the world is like when nobody is at work any more who could change it. */
async function settle(ports: MemoryPorts) {
  const sweep = async () => {
    ports.clock.advance(CLAIM_GRACE_MS + PUSH_LEASE_MS);
    await sweepOwner(ports, OWNER);
  };
  await sweep();
  // Every task at work ends as the workflow ends it, and everybody else has a turn.
  for (let i = 0; i < 4; i++) {
    for (const taskId of [FIRST, SECOND, THIRD]) {
      const { run, status } = await loadTask(ports, taskId);
      if (status !== 'running' && status !== 'cancelling') continue;
      expect(ports.workflow.starts.map(({ executionName }) => executionName)).toContain(
        `${taskId}-${run}`,
      );
      if (status === 'running') await cancelTask(ports, OWNER, taskId);
      await finishTask(ports, { taskId, run });
    }
    await sweep();
  }
}

describe.each(CASES)('a process that $what and is killed', ({ given, act }) => {
  it.each(['before', 'behind'] as const)('%s any of its calls leaves nothing', async (when) => {
    const undisturbed = mortalPorts(await given(), 0, when);
    await act(undisturbed.ports);
    for (let at = 1; ; at++) {
      const ports = await given();
      const mortal = mortalPorts(ports, at, when);
      await act(mortal.ports).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      if (!mortal.isDead()) {
        expect(at).toBeGreaterThan(4);
        return;
      }
      expect((await readUsage(ports, OWNER)).tasksRunning).toBeLessThanOrEqual(1);
      await settle(ports);
      expect(await readUsage(ports, OWNER)).toEqual({
        tasksRunning: 0,
        tasksQueued: 0,
        taskLimit: 1,
        documents: { budget: null, reserved: 0, used: 0 },
      });
      for (const taskId of [FIRST, SECOND]) {
        expect(['pending', 'cancelled']).toContain((await loadTask(ports, taskId)).status);
      }
    }
  });
});
