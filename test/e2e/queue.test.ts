/** More tasks than may be at work at a time: the others wait for their turn. */
import { expect, it } from 'vitest';
import { followTask } from '../../client/followTask.ts';
import { client, docx } from './api.ts';

/** Of a deployed stack nobody knows how many tasks its key may have at work. */
const isLocal = (process.env['SHEAF_API_URL'] ?? '') === '';

/** Enough that a task is still at work when the last one was started. */
const ROWS = 15_000;

const atEnd = (taskId: string) =>
  followTask(client(), taskId, undefined, { progress: () => undefined });

it.runIf(isLocal)(
  'starts three of five, and the others by priority as soon as there is room',
  async () => {
    const usage = await client().getUsage({});
    expect(usage).toMatchObject({ tasksRunning: 0, tasksQueued: 0, taskLimit: 3 });
    const { templateId } = await client().uploadTemplate('letter.docx', docx('Dear {name}'));
    const csv = ['name', ...Array.from({ length: ROWS }, (_, i) => `Person ${i}`)].join('\n');
    const bytes = new TextEncoder().encode(csv);
    const { dataSourceId } = await client().uploadDataSource('people.csv', bytes);
    const create = (priority: number) =>
      client().createTask({
        body: { templateIds: [templateId], dataSourceId, options: { priority }, autoStart: true },
      });
    const working = [await create(50), await create(50), await create(50)];
    const low = await create(10);
    const high = await create(90);
    expect(working.map(({ status }) => status)).toEqual(['running', 'running', 'running']);
    expect([low.status, high.status]).toEqual(['queued', 'queued']);
    const full = await client().getUsage({});
    expect(full).toMatchObject({ taskLimit: 3, tasksRunning: 3, tasksQueued: 2 });
    expect(full.documents).toEqual({
      budget: null,
      reserved: 3 * ROWS,
      used: usage.documents.used,
    });

    // One that is cancelled makes room, and the highest priority takes it.
    await client().cancelTask({ taskId: working[0]?.taskId ?? '' });
    const tasks = [...working, low, high];
    const finals = await Promise.all(tasks.map(({ taskId }) => atEnd(taskId)));
    expect(finals.slice(1).map(({ status }) => status)).toEqual(Array(4).fill('completed'));
    const [lowStart, highStart] = await Promise.all(
      [low, high].map(async ({ taskId }) => (await client().getTask({ taskId })).startedAt ?? ''),
    );
    expect(Date.parse(highStart ?? '')).toBeLessThanOrEqual(Date.parse(lowStart ?? ''));

    const made = finals.reduce((sum, { succeeded }) => sum + succeeded, 0);
    await expect
      .poll(() => client().getUsage({}), { timeout: 10_000 })
      .toEqual({
        taskLimit: 3,
        tasksRunning: 0,
        tasksQueued: 0,
        documents: { budget: null, reserved: 0, used: usage.documents.used + made },
      });
    const log = await client().readLog({ taskId: low.taskId });
    expect(log.data.map(({ type }) => type)).toEqual([
      'start_requested',
      'task_queued',
      'task_started',
      'task_completed',
    ]);
  },
);
