/** What PlanShards answers to the workflow, by what the rows of its sample take. */
import { describe, expect, it } from 'vitest';
import { SHARDS_PER_SECOND } from '../../../shared/limits.ts';
import { WORKFLOW_ERRORS } from '../../../shared/names.ts';
import { ServerMessageSchema } from '../../../shared/schemas/stream.ts';
import { planShards } from '../../../shared/shards/planShards.ts';
import { receive } from '../../../shared/stream/receive.ts';
import { failTask } from '../../../shared/tasks/finishTask.ts';
import { loadTask } from '../../../shared/tasks/taskStore.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTemplate, startedTask } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';

const ROWS = 10_000;

/** Ports whose clock goes on by `rowMs` for each row that is measured. */
function slowed(ports: MemoryPorts, rowMs: number): MemoryPorts {
  const now = () => {
    ports.clock.advance(rowMs);
    return ports.clock.now();
  };
  return { ...ports, clock: { ...ports.clock, now } };
}

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
) {
  const { ports, taskId } = await given(ROWS, body);
  const message = { action: 'subscribe', channels: ['task_progress'], filters: { taskId } };
  await receive(ports, { connectionId: 'c1', ownerId: OWNER, body: JSON.stringify(message) });
  const planned = await planShards(slowed(ports, rowMs), { taskId, run: 1 });
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

describe('a task of more work than its shards can do', () => {
  /** More than there may be shards: some have two rows, which take longer than a function may. */
  const TOO_MANY = 9_001;
  const SLOW_MS = 40_000;

  it('is refused before anything is rendered, and no plan is left behind', async () => {
    const { ports, taskId } = await given(TOO_MANY);
    const before = ports.objects.keys();
    await expect(planShards(slowed(ports, SLOW_MS), { taskId, run: 1 })).rejects.toMatchObject({
      name: WORKFLOW_ERRORS.tooMuchWork,
      message:
        'A row takes about 40,000 ms, as a sample of them shows. A task of such rows can have 9,000 of them; this one has 9,001. Split the data source over 2 tasks.',
    });
    expect(ports.objects.keys()).toEqual(before);
    // Rows that take half as long are planned.
    await planShards(slowed(ports, SLOW_MS / 2), { taskId, run: 1 });
    expect(await loadTask(ports, taskId)).toMatchObject({ stage: 'rendering' });
  });

  it.each([
    ['as Lambda tells it', (errorMessage: string) => JSON.stringify({ errorMessage, trace: [] })],
    ['without what Lambda tells', () => 'nothing'],
  ])('fails with the reason: %s', async (_, causeOf) => {
    const { ports, taskId } = await given(1);
    const Cause = causeOf('Split the data source over 2 tasks.');
    const { tooMuchWork } = WORKFLOW_ERRORS;
    await failTask(ports, { taskId, run: 1, error: { Error: tooMuchWork, Cause } });
    const { status, error } = await loadTask(ports, taskId);
    expect([status, error?.code]).toEqual(['failed', 'GENERATION_FAILED']);
    expect(error?.message).toMatch(
      Cause === 'nothing' ? /TooMuchWork/ : /^Split the data source over 2 tasks.$/,
    );
  });

  it('tells nothing of other causes, which may quote data', async () => {
    const { ports, taskId } = await given(1);
    const error = { Error: 'TypeError', Cause: JSON.stringify({ errorMessage: 'SECRET' }) };
    await failTask(ports, { taskId, run: 1, error });
    expect(JSON.stringify(await loadTask(ports, taskId))).not.toContain('SECRET');
  });
});
