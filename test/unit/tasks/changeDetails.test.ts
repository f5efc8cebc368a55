/** PATCH of a task: what is named changes, in any state and beside any other call; the rest stays. */
import { describe, expect, it } from 'vitest';
import { executionNames } from '../../../shared/keys.ts';
import type { Workflow } from '../../../shared/ports.ts';
import { TASK_STATUSES } from '../../../shared/schemas/common.ts';
import { ChangeTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { planShards } from '../../../shared/shards/planShards.ts';
import { changeDetails } from '../../../shared/tasks/changeDetails.ts';
import { mortal } from '../../support/mortal.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { givenTemplate, slowed, startedTask } from '../../support/runTask.ts';
import { givenTask, loadTask, OWNER, TASK_ID } from '../../support/tasks.ts';

const EXECUTION = { workflow: 'task', executionName: executionNames.task(TASK_ID, 1) };

describe('changing details of a task', () => {
  it.each(TASK_STATUSES)('that is %s changes what is named, and nothing else', async (status) => {
    const ports = createMemoryPorts();
    const task = await givenTask(ports, { status, metadata: { a: '1', b: '2' } });
    const view = await changeDetails(ports, OWNER, TASK_ID, {
      name: 'New',
      metadata: { c: '3' },
      options: { concurrency: 40 },
    });
    expect(view).toMatchObject({
      status,
      name: 'New',
      metadata: { c: '3' },
      options: { ...task.options, concurrency: 40 },
    });
    const after = await loadTask(ports, TASK_ID);
    const changed = { name: 'New', metadata: { c: '3' }, revision: 1 };
    const options = { ...task.options, concurrency: 40 };
    expect(after).toEqual({ ...task, ...changed, options });
    await changeDetails(ports, OWNER, TASK_ID, {});
    expect(await loadTask(ports, TASK_ID)).toEqual(after);
  });

  it('is a matter of its owner alone', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports);
    await expect(changeDetails(ports, 'owner-b', TASK_ID, { name: 'x' })).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
    });
  });

  it('loses no change of another call in the same moment', async () => {
    for (let at = 1; at <= 4; at++) {
      const ports = createMemoryPorts();
      await givenTask(ports);
      const other = async () => {
        const theirs = { name: 'theirs', options: { priority: 90 } };
        await changeDetails(ports, OWNER, TASK_ID, theirs);
      };
      const world = mortal(ports, at, 'before', { instead: other });
      await changeDetails(world.ports, OWNER, TASK_ID, { options: { concurrency: 7 } });
      if (at > 2) await other();
      expect(await loadTask(ports, TASK_ID)).toMatchObject({
        name: 'theirs',
        options: { concurrency: 7, priority: 90 },
      });
    }
  });

  it.each([
    ['nothing of it', { surprise: 1 }],
    ['an option that cannot be changed', { options: { onError: 'stop' } }],
    ['no worker', { options: { concurrency: 0 } }],
    ['too many', { options: { concurrency: 1_001 } }],
    ['no name', { name: ' ' }],
    ['a priority beyond the highest', { options: { priority: 101 } }],
  ])('refuses %s', (_, body) => {
    expect(ChangeTaskSchema.safeParse(body).success).toBe(false);
  });
});

describe('changing the concurrency of a task that runs', () => {
  const running = { stage: 'rendering' as const, mapMost: 75 };

  it('gives its map as many workers as the round may have', async () => {
    const ports = createMemoryPorts();
    ports.workflow.mapsGoOn = true;
    await givenTask(ports, running);
    await changeDetails(ports, OWNER, TASK_ID, { options: { concurrency: 20 } });
    await changeDetails(ports, OWNER, TASK_ID, { options: { concurrency: 900 } });
    expect(ports.workflow.limits).toEqual([
      { ...EXECUTION, children: 20 },
      { ...EXECUTION, children: 75 },
    ]);
  });

  it('waits for a map that is about to begin, and not for ever', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports, running);
    const workflow = {
      ...ports.workflow,
      async limitMaps(...call: Parameters<Workflow['limitMaps']>) {
        if (ports.workflow.limits.length === 2) ports.workflow.mapsGoOn = true;
        return ports.workflow.limitMaps(...call);
      },
    };
    const body = { options: { concurrency: 20 } };
    await changeDetails({ ...ports, workflow }, OWNER, TASK_ID, body);
    expect(ports.workflow.limits).toHaveLength(3);
    ports.workflow.mapsGoOn = false;
    await changeDetails(ports, OWNER, TASK_ID, body);
    expect(ports.workflow.limits).toHaveLength(7);
  });

  it.each([
    ['that is planned', { stage: 'planning' as const, mapMost: 75 }],
    ['of one shard', { stage: 'rendering' as const }],
    ['that pauses', { ...running, status: 'pausing' as const }],
    ['that has ended', { status: 'completed' as const, mapMost: 75 }],
  ])('asks nothing of the workflow for a task %s', async (_, changes) => {
    const ports = createMemoryPorts();
    await givenTask(ports, changes);
    await changeDetails(ports, OWNER, TASK_ID, { options: { concurrency: 20 } });
    await changeDetails(ports, OWNER, TASK_ID, { name: 'no concurrency' });
    expect(ports.workflow.limits).toEqual([]);
  });

  it('while it is planned is seen by the plan', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const data = Array.from({ length: 500 }, (_, i) => ({ name: `P${i}` }));
    const { taskId } = await startedTask(ports, {
      templateIds: [templateId],
      data,
      options: { concurrency: 3 },
    });
    let asked = false;
    const objects = {
      ...ports.objects,
      async put(...call: Parameters<typeof ports.objects.put>) {
        // The manifest: the round is cut, and has not begun.
        if (!asked && call[0].includes('manifest')) {
          asked = true;
          await changeDetails(ports, OWNER, taskId, { options: { concurrency: 9 } });
        }
        return ports.objects.put(...call);
      },
    };
    const world = { ...slowed(ports, 10), objects, probeDocuments: 0 };
    const plan = await planShards(world, { taskId, run: 1, round: 1 });
    expect([asked, plan.shards > 1, plan.concurrency]).toEqual([true, true, 9]);
    expect((await loadTask(ports, taskId)).mapMost).toBeGreaterThanOrEqual(9);
    expect(ports.workflow.limits).toEqual([]);
  });
});
