/** Tasks that begin with a check of their rows. */
import { describe, expect, it } from 'vitest';
import { executionNames, objectKeys } from '../../../shared/keys.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { pauseTask } from '../../../shared/tasks/controlTask.ts';
import { deleteTask } from '../../../shared/tasks/deleteTask.ts';
import { failTask } from '../../../shared/tasks/finishTask.ts';
import { RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { getTask } from '../../../shared/tasks/readTasks.ts';
import { getCheck, getCheckReport } from '../../../shared/trials/readCheck.ts';
import { runTrial } from '../../../shared/trials/runTrial.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';

const RIGHT: Row[] = [{ born: '2026-11-25' }, { born: '25.11.2026' }];
const WRONG: Row[] = [{ born: '2026-11-25' }, { born: '3/4/2026' }];

async function given(data: Row[], options: object) {
  const ports = createMemoryPorts();
  const templateIds = [await givenTemplate(ports, '{born | date:"d MMMM yyyy"}')];
  const { taskId } = await startedTask(ports, { templateIds, data, options });
  return { ports, taskId, task: () => getTask(ports, OWNER, taskId) };
}

const step = (taskId: string) => ({ of: taskId, run: 1, reportOnly: false });

describe('a task that is checked', () => {
  it('tells its execution so, and one that is not, too', async () => {
    for (const [options, check] of [
      [{ check: 'warn' }, true],
      [{ check: 'strict' }, true],
      [{ check: 'off' }, false],
      [{}, false],
    ] as const) {
      const { ports, task } = await given(RIGHT, options);
      expect(ports.workflow.starts.at(-1)?.input).toMatchObject({ round: 1, check });
      expect((await task()).check === null).toBe(!check);
    }
  });

  it('is made all the same when its rows have errors, and tells how many', async () => {
    const { ports, taskId, task } = await given(WRONG, { check: 'warn' });
    expect((await task()).check).toMatchObject({ status: 'checking', errors: null });
    await runTask(ports, taskId);
    expect(await task()).toMatchObject({
      status: 'partially_completed',
      succeeded: 1,
      failed: 1,
      check: { status: 'done', errors: 1, warnings: 0 },
    });
  });

  it('is not made when it is strict and its rows have errors', async () => {
    const { ports, taskId, task } = await given(WRONG, { check: 'strict' });
    await expect(runTrial(ports, step(taskId))).rejects.toMatchObject({ name: 'CheckFailed' });
    await failTask(ports, { taskId, run: 1, error: { Error: 'CheckFailed', Cause: '' } });
    const { status, succeeded, pending, error } = await task();
    expect({ status, succeeded, pending }).toEqual({ status: 'failed', succeeded: 0, pending: 2 });
    expect(error).toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining('found errors of one kind in 2 rows') as string,
    });
  });

  it('is made when it is strict and its rows are right', async () => {
    const { ports, taskId, task } = await given(RIGHT, { check: 'strict' });
    await runTask(ports, taskId);
    expect(await task()).toMatchObject({
      status: 'completed',
      check: { status: 'done', errors: 0 },
    });
  });

  it('ends whenever its step is repeated in this run, and not when it is retried', async () => {
    const { ports, taskId, task } = await given(WRONG, { check: 'strict' });
    for (const times of [1, 2]) {
      await expect([times, runTrial(ports, step(taskId))][1]).rejects.toThrow('found errors');
    }
    const lost = { ...step(taskId), error: { Error: 'States.Timeout', Cause: '' } };
    await expect(runTrial(ports, lost)).rejects.toThrow('found errors');
    await failTask(ports, { taskId, run: 1, error: { Error: 'CheckFailed', Cause: '' } });
    await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse({}));
    await runTrial(ports, { ...step(taskId), run: 2 });
    await runTask(ports, taskId);
    expect(await task()).toMatchObject({ status: 'partially_completed', succeeded: 1 });
  });

  it('is not checked by what a retry replaced', async () => {
    const { ports, taskId, task } = await given(WRONG, { check: 'strict' });
    await pauseTask(ports, OWNER, taskId);
    await runTask(ports, taskId);
    expect((await task()).status).toBe('paused');
    const corrections = [{ row: 2, values: { born: '2026-04-03' } }];
    await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse({ corrections }));
    await runTrial(ports, { ...step(taskId), run: 2 });
    await runTask(ports, taskId);
    expect(await task()).toMatchObject({ status: 'completed', check: { status: 'failed' } });
  });

  it('goes on unless it is strict when the check could not be made', async () => {
    const error = { Error: 'Sandbox.Timedout', Cause: '' };
    const warned = await given(RIGHT, { check: 'warn' });
    await runTrial(warned.ports, { ...step(warned.taskId), error });
    expect((await warned.task()).check).toMatchObject({ status: 'failed', errors: null });
    const strict = await given(RIGHT, { check: 'strict' });
    await expect(runTrial(strict.ports, { ...step(strict.taskId), error })).rejects.toMatchObject({
      name: 'CheckFailed',
    });
  });

  it('is checked when it goes on, where it was paused before', async () => {
    const { ports, taskId, task } = await given(WRONG, { check: 'strict' });
    await pauseTask(ports, OWNER, taskId);
    await runTrial(ports, step(taskId));
    expect((await task()).check).toMatchObject({ status: 'checking' });
  });

  it('has its check and report as long as it is there', async () => {
    const { ports, taskId, task } = await given(WRONG, { check: 'warn' });
    await runTask(ports, taskId);
    const { checkId = '' } = (await task()).check ?? {};
    expect(await getCheck(ports, OWNER, checkId)).toMatchObject({
      status: 'done',
      expiresAt: null,
      findings: [{ code: 'VALUE_UNREADABLE', firstRows: [2] }],
    });
    await expect(getCheck(ports, 'owner-b', checkId)).rejects.toMatchObject({ code: 'NOT_FOUND' });

    // The report is written when it is asked for first.
    const ask = () => getCheckReport(ports, OWNER, checkId);
    await expect(ask()).rejects.toMatchObject({ code: 'INVALID_STATE', retryAfterSeconds: 2 });
    expect(ports.workflow.starts.at(-1)).toMatchObject({
      workflow: 'trial',
      executionName: executionNames.report(taskId, ports.clock.now()),
      input: { of: taskId, reportOnly: true },
    });
    await runTrial(ports, { of: taskId, reportOnly: true });
    expect(await ask()).toMatchObject({ fileName: 'check.xlsx' });

    await deleteTask(ports, OWNER, taskId);
    await expect(getCheck(ports, OWNER, checkId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await ports.objects.head(objectKeys.checkReport(taskId))).toBeUndefined();
  });
});
