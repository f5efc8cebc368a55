/** Tasks that wait until they are started with the hash of their samples. */
import { describe, expect, it } from 'vitest';
import { newCreation } from '../../../shared/creation.ts';
import { CreateSamplesSchema } from '../../../shared/schemas/sampleApi.ts';
import { ChangeTaskSchema, CreateTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { changeDetails } from '../../../shared/tasks/changeDetails.ts';
import { pauseTask, resumeTask, startTask } from '../../../shared/tasks/controlTask.ts';
import { createTask } from '../../../shared/tasks/createTask.ts';
import { getTask } from '../../../shared/tasks/readTasks.ts';
import { createSamples } from '../../../shared/trials/createSamples.ts';
import { getSamples } from '../../../shared/trials/readSamples.ts';
import { runTrial } from '../../../shared/trials/runTrial.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { givenTemplate, runTask } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';

const DATA = [
  { name: 'Ada', vip: 'yes' },
  { name: 'Grace', vip: '' },
];

/** What the samples and the task are made of, where they may differ. */
interface Given {
  readonly samples?: object;
  readonly task?: object;
  readonly approval?: boolean;
}

async function given({ samples = {}, task = {}, approval = true }: Given = {}) {
  const ports = createMemoryPorts();
  const templateIds = [await givenTemplate(ports, '{name}{#vip}!{/vip}')];
  const order = { templateIds, data: DATA };
  const asked = CreateSamplesSchema.parse({ ...order, ...samples });
  const { sampleId } = await createSamples(ports, OWNER, asked, newCreation('sample', ports));
  await runTrial(ports, { of: sampleId, reportOnly: false });
  const { hash } = await getSamples(ports, OWNER, sampleId);
  const { options = {}, ...body } = { ...order, ...task } as { options?: object };
  const wanted = CreateTaskSchema.parse({ ...body, options: { ...options, approval } });
  const { taskId, status } = await createTask(ports, OWNER, wanted, newCreation('task', ports));
  expect(status).toBe('pending');
  const start = (given?: string) =>
    startTask(ports, OWNER, taskId, given === undefined ? {} : { approval: given });
  return { ports, taskId, hash: hash ?? '', start };
}

describe('a task with approval', () => {
  it('waits, and starts with the hash of its samples, again and again', async () => {
    const { ports, taskId, hash, start } = await given();
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    await expect(start()).rejects.toMatchObject({
      code: 'INVALID_STATE',
      message: expect.stringContaining('waits for an approval') as string,
    });
    expect((await getTask(ports, OWNER, taskId)).status).toBe('pending');
    expect(ports.workflow.starts.filter(({ workflow }) => workflow === 'task')).toEqual([]);
    expect((await start(hash)).status).toBe('running');
    // Whoever repeats the call, or begins it again without one, finds it begun.
    expect((await start(hash)).status).toBe('running');
    expect((await start()).status).toBe('running');
    await runTask(ports, taskId);
    expect((await getTask(ports, OWNER, taskId)).status).toBe('completed');
  });

  it('is paused and resumed like any other once it was started', async () => {
    const { ports, taskId, hash, start } = await given();
    await start(hash);
    expect((await pauseTask(ports, OWNER, taskId)).status).toBe('pausing');
    expect((await resumeTask(ports, OWNER, taskId)).status).toBe('running');
  });

  it.each<[string, Given]>([
    ['other rows', { task: { data: [{ name: 'Eve', vip: '' }] } }],
    ['another pattern of names', { task: { fileName: '{name}' } }],
    ['another value for what is missing', { task: { options: { missingValue: 'error' } } }],
    ['other empty paragraphs', { task: { options: { emptyParagraphs: 'remove' } } }],
    ['another mapping', { task: { options: { mapping: { name: 'vip' } } } }],
    ['fewer rows', { task: { options: { rows: '1' } } }],
    ['a filter', { task: { options: { filter: 'vip != ""' } } }],
    ['groups', { task: { options: { groupBy: 'vip' } } }],
  ])('is not started with the hash of samples with %s', async (_, differs) => {
    const { ports, taskId, hash, start } = await given(differs);
    await expect(start(hash)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      errors: [{ pointer: '/approval' }],
    });
    expect((await getTask(ports, OWNER, taskId)).status).toBe('pending');
  });

  it.each<[string, Given]>([
    ['another concurrency', { task: { options: { concurrency: 3, priority: 9, maxRetries: 1 } } }],
    ['another check', { task: { options: { check: 'warn' } } }],
    ['named samples', { samples: { rows: '2' } }],
    [
      'a mapping in another order',
      {
        samples: { options: { mapping: { name: 'name', vip: 'vip' } } },
        task: { options: { mapping: { vip: 'vip', name: 'name' } } },
      },
    ],
    [
      'groups on both sides',
      { samples: { options: { groupBy: 'vip' } }, task: { options: { groupBy: 'vip' } } },
    ],
  ])('is started all the same with %s', async (_, differs) => {
    const { hash, start } = await given(differs);
    expect((await start(hash)).status).toBe('running');
  });

  it.each([
    ['autoStart', { autoStart: true }],
    ['startAt', { startAt: '2026-01-02T00:00:00Z' }],
  ])('is refused with %s', async (name, body) => {
    const ports = createMemoryPorts();
    const templateIds = [await givenTemplate(ports, '{name}')];
    const order = { templateIds, data: DATA, options: { approval: true }, ...body };
    const asked = CreateTaskSchema.parse(order);
    await expect(createTask(ports, OWNER, asked, newCreation('task', ports))).rejects.toMatchObject(
      { code: 'VALIDATION_ERROR', errors: [{ pointer: `/${name}` }] },
    );
  });

  it('is given no time later on, but other details', async () => {
    const { ports, taskId } = await given();
    const change = (body: object) =>
      changeDetails(ports, OWNER, taskId, ChangeTaskSchema.parse(body));
    await expect(change({ startAt: '2026-01-02T00:00:00Z' })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    });
    expect(await change({ startAt: null, name: 'Later' })).toMatchObject({
      name: 'Later',
      status: 'pending',
    });
  });
});

describe('a task without', () => {
  it('starts without a hash, and with none but its own', async () => {
    const { hash, start } = await given({ approval: false });
    await expect(start('0'.repeat(64))).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    expect((await start(hash)).status).toBe('running');
    const other = await given({ approval: false });
    expect((await other.start()).status).toBe('running');
  });
});
