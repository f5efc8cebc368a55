/** Deleted means deleted: by its owner or by time, in one call or after any crash; and nothing else is. */
import { describe, expect, it } from 'vitest';
import { objectKeys, objectPrefixes, tableKeys } from '../../../shared/keys.ts';
import {
  DELETION_PAGE,
  NOTE_GRACE_MS,
  SECOND_DELETION_SECONDS,
  SECONDS_PER_DAY,
} from '../../../shared/limits.ts';
import { TASK_STATUSES, type Row } from '../../../shared/schemas/common.ts';
import { CreateTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { planShards } from '../../../shared/shards/planShards.ts';
import { recordShardFailure } from '../../../shared/shards/recordShardFailure.ts';
import { renderShard } from '../../../shared/shards/renderShard.ts';
import { assembleTask } from '../../../shared/tasks/assembleTask.ts';
import { cancelTask, pauseTask, resumeTask, startTask } from '../../../shared/tasks/controlTask.ts';
import { newCreation } from '../../../shared/creation.ts';
import { createTask } from '../../../shared/tasks/createTask.ts';
import { deleteTask, expireTasks, finishDeletion } from '../../../shared/tasks/deleteTask.ts';
import { failTask, finishTask } from '../../../shared/tasks/finishTask.ts';
import { getDownload } from '../../../shared/tasks/downloads.ts';
import { isAtWork, isFinal } from '../../../shared/tasks/lifeCycle.ts';
import { getTask, listTasks } from '../../../shared/tasks/readTasks.ts';
import { changeTask } from '../../../shared/tasks/taskStore.ts';
import { telling } from '../../../shared/events/owed.ts';
import { Died, mortal } from '../../support/mortal.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import {
  archiveBytes,
  givenTemplate,
  runTask,
  startedTask,
  UNHURRIED,
} from '../../support/runTask.ts';
import { givenTask, loadTask, OWNER, TASK_ID } from '../../support/tasks.ts';

const DAY_MS = SECONDS_PER_DAY * 1_000;

/** All that there is of a task, but for notes. */
const left = (ports: MemoryPorts, taskId: string) => [
  ...ports.table.items().filter(({ pk }) => pk === tableKeys.task(taskId).pk),
  ...ports.objects.keys().filter((key) => key.startsWith(objectPrefixes.task(taskId))),
];
const notes = (ports: MemoryPorts) =>
  ports.table.items().filter(({ pk, sk }) => pk === 'DUE' && String(sk).startsWith('TASK#'));

const sweep = (ports: MemoryPorts) => expireTasks(ports, { untilMs: Number.POSITIVE_INFINITY });

/** Everything that time brings: the sweeper comes again and again. */
async function sweepForHours(ports: MemoryPorts) {
  for (const ms of [0, NOTE_GRACE_MS, SECOND_DELETION_SECONDS * 1_000, NOTE_GRACE_MS]) {
    ports.clock.advance(ms + 1_000);
    await sweep(ports);
  }
}

/** A task that has made its documents, beside another one. */
async function ended(options: object = {}) {
  const ports = createMemoryPorts();
  const templateId = await givenTemplate(ports, 'Dear {name}');
  const data: Row[] = [{ name: 'Ada' }, { nam: 'x' }];
  const body = { templateIds: [templateId], data, options };
  const { taskId } = await startedTask(ports, body);
  const { taskId: other } = await startedTask(ports, body);
  for (const id of [taskId, other]) await runTask(ports, id);
  return { ports, taskId, other };
}

describe('deleting a task', () => {
  it.each(TASK_STATUSES)('that is %s is done, unless somebody works on it', async (status) => {
    const ports = createMemoryPorts();
    const task = await givenTask(ports, { status });
    const deletion = deleteTask(ports, OWNER, TASK_ID);
    if (isAtWork(status)) {
      await expect(deletion).rejects.toMatchObject({
        code: 'INVALID_STATE',
        message: expect.stringContaining(`The task is ${status} and cannot be deleted.`) as string,
      });
      expect(await loadTask(ports, TASK_ID)).toEqual(task);
    } else {
      await deletion;
      expect(left(ports, TASK_ID)).toEqual([]);
    }
  });

  it('leaves nothing of it, and everything of others', async () => {
    const { ports, taskId, other } = await ended();
    expect(left(ports, taskId).length).toBeGreaterThan(5);
    const before = left(ports, other);
    await deleteTask(ports, OWNER, taskId);
    expect(left(ports, taskId)).toEqual([]);
    expect(left(ports, other)).toEqual(before);
    const listed = await listTasks(ports, OWNER, { limit: 20 });
    expect(listed.data.map((task) => task.taskId)).toEqual([other]);
    await sweepForHours(ports);
    expect(left(ports, other)).toEqual(before);
    // Nor is there anything left to do, once the other one has expired, too.
    ports.clock.advance(8 * DAY_MS);
    await sweepForHours(ports);
    expect(notes(ports)).toEqual([]);
  });

  it('is a matter of its owner alone, and of one that is there', async () => {
    const { ports, taskId } = await ended();
    await expect(deleteTask(ports, 'owner-b', taskId)).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
    });
    await deleteTask(ports, OWNER, taskId);
    for (const call of [startTask, pauseTask, resumeTask, cancelTask, deleteTask, getTask]) {
      await expect(call(ports, OWNER, taskId)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    }
    await expect(getDownload(ports, OWNER, taskId)).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
    });
  });

  it('does in one call what fits into it, and leaves the rest to the sweeper', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports, { status: 'completed' });
    for (let row = 1; row <= 2.5 * DELETION_PAGE; row++) {
      await ports.objects.put(objectKeys.document(TASK_ID, row, 0), Buffer.from('x'));
      await ports.table.put(tableKeys.shard(TASK_ID, row), { firstRow: row });
    }
    await deleteTask(ports, OWNER, TASK_ID);
    expect(ports.objects.calls.delete).toBe(DELETION_PAGE);
    await expect(getTask(ports, OWNER, TASK_ID)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    // No time is left: it goes on next time.
    await expireTasks(ports, { untilMs: 0 });
    expect(left(ports, TASK_ID).length).toBeGreaterThan(DELETION_PAGE);
    expect(await sweep(ports)).toBe(1);
    expect(left(ports, TASK_ID)).toEqual([]);
  });

  it('is done for its owner though the store does not answer', async () => {
    const { ports, taskId } = await ended();
    const objects = { ...ports.objects, list: () => Promise.reject(new Error('No answer.')) };
    await deleteTask({ ...ports, objects }, OWNER, taskId);
    await expect(getTask(ports, OWNER, taskId)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    expect(left(ports, taskId).length).toBeGreaterThan(5);
    await sweep(ports);
    expect(left(ports, taskId)).toEqual([]);
  });

  it('leaves nothing to do, and nobody to tell, to late steps of its run', async () => {
    const { ports, taskId } = await ended();
    const { run } = await loadTask(ports, taskId);
    await deleteTask(ports, OWNER, taskId);
    const step = { taskId, run, round: 1 };
    const shard = { ...step, firstRow: 1, rowCount: 1, byteOffset: 0, byteLength: 1 };
    const error = { Error: 'Lambda.Unknown', Cause: '' };
    expect(await planShards(ports, step)).toMatchObject({ shards: 0 });
    expect(await renderShard(ports, shard, UNHURRIED)).toMatchObject({ status: 'stopped' });
    expect(await recordShardFailure(ports, { shard, error })).toMatchObject({ status: 'stopped' });
    expect(await assembleTask(ports, { ...step, shards: 1 })).toMatchObject({ left: false });
    await finishTask(ports, { taskId, run });
    await failTask(ports, { taskId, run, error });
    expect(left(ports, taskId)).toEqual([]);
  });

  it('leaves nothing to do to a worker that was frozen before it took its shard', async () => {
    const { ports, taskId } = await ended();
    const { run } = await loadTask(ports, taskId);
    const shard = { taskId, run, round: 1, firstRow: 1, rowCount: 1, byteOffset: 0, byteLength: 1 };
    const table = {
      ...ports.table,
      async get(...key: Parameters<typeof ports.table.get>) {
        const task = await ports.table.get(...key);
        if (task) await deleteTask(ports, OWNER, taskId);
        return task;
      },
    };
    const outcome = await renderShard({ ...ports, table }, shard, UNHURRIED);
    expect(outcome).toMatchObject({ status: 'stopped' });
    await sweepForHours(ports);
    expect(left(ports, taskId)).toEqual([]);
  });

  it('takes what a late worker writes with it, too', async () => {
    const { ports, taskId } = await ended();
    await deleteTask(ports, OWNER, taskId);
    await sweep(ports);
    await ports.objects.put(objectKeys.segment(taskId, 1, 9, 0), Buffer.from('late'));
    await ports.table.put(tableKeys.shard(taskId, 1), { firstRow: 1 });
    await sweepForHours(ports);
    expect(left(ports, taskId)).toEqual([]);
  });

  it.each(['before', 'behind'] as const)(
    'by a process that dies %s any call: it is all there or goes altogether',
    async (when) => {
      for (let at = 1; ; at++) {
        const { ports, taskId, other } = await ended();
        const others = left(ports, other);
        const whole = left(ports, taskId);
        const world = mortal(ports, at, when);
        await deleteTask(world.ports, OWNER, taskId).catch((error: unknown) =>
          expect(error).toBeInstanceOf(Died),
        );
        if (!world.died()) break;
        const isThere = await getTask(ports, OWNER, taskId).then(
          () => true,
          () => false,
        );
        await sweepForHours(ports);
        expect(left(ports, taskId)).toEqual(isThere ? whole : []);
        expect(left(ports, other)).toEqual(others);
        if (isThere) {
          await deleteTask(ports, OWNER, taskId);
          expect(left(ports, taskId)).toEqual([]);
        }
      }
    },
  );

  it('and beginning it again in the same moment: one of the two comes first', async () => {
    for (const status of ['pending', 'paused'] as const) {
      for (let at = 1; at <= 6; at++) {
        const ports = createMemoryPorts();
        await givenTask(ports, { status, run: status === 'pending' ? 0 : 1, stage: 'waiting' });
        const begin = async () => {
          await (status === 'pending' ? startTask : resumeTask)(ports, OWNER, TASK_ID).catch(
            (error: unknown) => expect(error).toMatchObject({ code: 'TASK_NOT_FOUND' }),
          );
        };
        const world = mortal(ports, at, 'before', { instead: begin });
        const deleted = await deleteTask(world.ports, OWNER, TASK_ID).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'INVALID_STATE' });
            return false;
          },
        );
        await sweepForHours(ports);
        if (deleted) expect(left(ports, TASK_ID)).toEqual([]);
        else expect(await getTask(ports, OWNER, TASK_ID)).toMatchObject({ status: 'running' });
        // The other way round.
        const beside = createMemoryPorts();
        await givenTask(beside, { status, run: status === 'pending' ? 0 : 1, stage: 'waiting' });
        const remove = async () => {
          await deleteTask(beside, OWNER, TASK_ID).catch((error: unknown) =>
            expect(error).toMatchObject({ code: 'INVALID_STATE' }),
          );
        };
        const late = mortal(beside, at, 'before', { instead: remove });
        const begun = await (status === 'pending' ? startTask : resumeTask)(
          late.ports,
          OWNER,
          TASK_ID,
        ).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'TASK_NOT_FOUND' });
            return false;
          },
        );
        if (!begun) expect(left(beside, TASK_ID)).toEqual([]);
      }
    }
  });
});

describe('how long a task is kept', () => {
  it.each([1, 7, 365])('%i days after its end, and then it is gone at once', async (days) => {
    const { ports, taskId, other } = await ended({ retentionDays: days });
    const { finishedAt, expiresAt } = await getTask(ports, OWNER, taskId);
    expect(
      Date.parse(String(expiresAt)) - Math.floor(Date.parse(String(finishedAt)) / 1000) * 1000,
    ).toBe(days * DAY_MS);
    ports.clock.set(Date.parse(String(expiresAt)) - 1);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({ taskId });
    await sweep(ports);
    expect(left(ports, taskId).length).toBeGreaterThan(5);
    ports.clock.set(Date.parse(String(expiresAt)));
    await expect(getTask(ports, OWNER, taskId)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    expect((await listTasks(ports, OWNER, { limit: 20 })).data).toEqual([]);
    await sweepForHours(ports);
    for (const id of [taskId, other]) expect(left(ports, id)).toEqual([]);
    expect(notes(ports)).toEqual([]);
  });

  it.each(TASK_STATUSES)('is known while it is %s', async (status) => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const { taskId } = await createTask(
      ports,
      OWNER,
      CreateTaskSchema.parse({ templateIds: [templateId], data: [{ name: 'Ada' }] }),
      newCreation('task', ports),
    );
    if (status === 'pending') {
      expect((await getTask(ports, OWNER, taskId)).expiresAt).not.toBeNull();
      return;
    }
    const before = await loadTask(ports, taskId);
    const at = ports.clock.now();
    await changeTask(ports, taskId, { set: telling(before, { status, finishedAt: at }, { at }) });
    const { expiresAt } = await getTask(ports, OWNER, taskId);
    expect(expiresAt !== null).toBe(isFinal(status));
    // Whenever it expires, somebody knows.
    ports.clock.advance(400 * DAY_MS);
    await sweepForHours(ports);
    expect(left(ports, taskId).length > 0).toBe(!isFinal(status));
  });

  it('is for ever while it is paused: months later it goes on', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const data = Array.from({ length: 50 }, (_, i) => ({ name: `P${i}` }));
    const body = { templateIds: [templateId], data, options: { retentionDays: 1 } };
    const { taskId } = await startedTask(ports, body);
    await pauseTask(ports, OWNER, taskId);
    await runTask(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({
      status: 'paused',
      expiresAt: null,
    });
    const before = left(ports, taskId);
    for (const item of before) {
      if (typeof item === 'object') expect(item).not.toHaveProperty('expiresAt');
    }
    for (let day = 0; day < 200; day++) {
      ports.clock.advance(DAY_MS);
      await sweep(ports);
    }
    expect(left(ports, taskId)).toEqual(before);
    await resumeTask(ports, OWNER, taskId);
    await runTask(ports, taskId);
    const { taskId: fresh } = await startedTask(ports, body);
    await runTask(ports, fresh);
    expect((await archiveBytes(ports, taskId)).equals(await archiveBytes(ports, fresh))).toBe(true);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({ status: 'completed' });
    ports.clock.advance(2 * DAY_MS);
    await sweepForHours(ports);
    expect(left(ports, taskId)).toEqual([]);
  });

  it('ends for one whose creation broke off, too', async () => {
    for (let at = 1; ; at++) {
      const ports = createMemoryPorts();
      const templateId = await givenTemplate(ports, 'Dear {name}');
      const body = CreateTaskSchema.parse({ templateIds: [templateId], data: [{ nam: 'Ada' }] });
      const world = mortal(ports, at, 'behind');
      await createTask(world.ports, OWNER, body, newCreation('task', ports)).catch(() => undefined);
      if (!world.died()) break;
      ports.clock.advance(8 * DAY_MS);
      await sweepForHours(ports);
      expect(ports.objects.keys().filter((key) => key.startsWith('tasks/'))).toEqual([]);
      expect(ports.table.items().filter(({ pk }) => String(pk).startsWith('TASK#'))).toEqual([]);
    }
  });

  it('is not touched by a sweeper that comes in the moment of its end', async () => {
    const { ports, taskId } = await ended();
    expect(await finishDeletion(ports, taskId)).toBe('wanted');
    expect(left(ports, taskId).length).toBeGreaterThan(5);
  });
});
