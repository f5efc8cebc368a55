/** What PlanShards answers to the workflow, by what the rows of its sample take. */
import { describe, expect, it } from 'vitest';
import { SHARDS_PER_SECOND } from '../../../shared/limits.ts';
import { ServerMessageSchema } from '../../../shared/schemas/stream.ts';
import { planShards } from '../../../shared/shards/planShards.ts';
import { receive } from '../../../shared/stream/receive.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { givenTemplate, slowed, startedTask } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';

const ROWS = 10_000;

/** A started task. */
async function given(rowCount: number, body: object = {}) {
  const ports = createMemoryPorts();
  const templateId = await givenTemplate(ports, 'Dear {name}');
  const data = Array.from({ length: rowCount }, (_, i) => ({ name: `P${i}` }));
  const { taskId } = await startedTask(ports, { templateIds: [templateId], data, ...body });
  return { ports, taskId };
}

/** Plans a task whose rows take so long. */
async function plan(
  rowMs: number,
  body: { mode?: 'sequential'; options?: { concurrency: number } },
  outside: { taskConcurrency?: number } = {},
) {
  const { ports: memory, taskId } = await given(ROWS, body);
  const ports = { ...memory, ...outside };
  const message = { action: 'subscribe', channels: ['task_progress'], filters: { taskId } };
  await receive(ports, { connectionId: 'c1', ownerId: OWNER, body: JSON.stringify(message) });
  const planned = await planShards(slowed(ports, rowMs), { taskId, run: 1, round: 1 });
  const started = ports.connections.sent
    .map((sent) => ServerMessageSchema.parse(JSON.parse(sent.message)))
    .find(({ type }) => type === 'task_started');
  const { shards, concurrency } = planned;
  return { shards, concurrency, started: started?.payload };
}

describe('the plan of a task', () => {
  it('has as many shards at a time as are asked for', async () => {
    const planned = await plan(10, { options: { concurrency: 20 } });
    expect(planned).toMatchObject({
      shards: 20,
      concurrency: 20,
      started: { estimatedDuration: (ROWS * 0.01) / 20 },
    });
  });

  it('leaves to others what it must, and is cut for as many as it gets', async () => {
    const planned = await plan(10, { options: { concurrency: 20 } }, { taskConcurrency: 5 });
    expect(planned).toMatchObject({
      shards: 10, // 100 s of work in two turns of five
      concurrency: 5,
      started: { estimatedDuration: (ROWS * 0.01) / 5 },
    });
  });

  it('has fewer when they are quick, and tells how long it takes with so many', async () => {
    const planned = await plan(1, { options: { concurrency: 1_000 } });
    expect(planned).toMatchObject({
      shards: 40,
      concurrency: SHARDS_PER_SECOND,
      started: { estimatedDuration: 0.3 }, // 10 s of work in shards of a quarter
    });
  });

  it('has shards that are no shorter than they may end', async () => {
    // 1,000 s of work. 274 workers have 3.6 s each, so that 75 shards end a second.
    const planned = await plan(100, { options: { concurrency: 1_000 } });
    expect(planned).toMatchObject({
      shards: 271,
      concurrency: 277,
      started: { estimatedDuration: 3.7 },
    });
  });

  it('has all of them when they are slow', async () => {
    const planned = await plan(2_000, { options: { concurrency: 700 } });
    expect(planned).toMatchObject({ concurrency: 700, started: { estimatedDuration: 28.6 } });
  });

  it('has one shard at a time when the task is sequential, however slow they are', async () => {
    const planned = await plan(2_000, { mode: 'sequential', options: { concurrency: 700 } });
    expect(planned).toMatchObject({
      concurrency: 1,
      started: { estimatedDuration: ROWS * 2 },
    });
  });
});
