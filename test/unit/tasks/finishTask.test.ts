/** How a task ends whose workflow broke. */
import { describe, expect, it } from 'vitest';
import { RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { cancelTask } from '../../../shared/tasks/controlTask.ts';
import { failTask } from '../../../shared/tasks/finishTask.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { givenTemplate, renderAll, runTask, startedTask } from '../../support/runTask.ts';
import { loadTask, OWNER } from '../../support/tasks.ts';

async function givenStarted() {
  const ports = createMemoryPorts();
  const templateIds = [await givenTemplate(ports, 'Dear {name}')];
  const data = [{ name: 'Ada' }, { name: 'Grace' }];
  const { taskId } = await startedTask(ports, { templateIds, data });
  return {
    ports,
    taskId,
    broken: { taskId, run: 1, error: { Error: 'States.Timeout', Cause: '' } },
  };
}

describe('a task that is cancelled, and whose workflow breaks', () => {
  it('has failed where what was made is in no archive, and can be retried', async () => {
    const { ports, taskId, broken } = await givenStarted();
    await renderAll(ports, taskId);
    await cancelTask(ports, OWNER, taskId);
    await failTask(ports, broken);
    const { status, error } = await loadTask(ports, taskId);
    expect(status).toBe('failed');
    expect(error?.message).toMatch(/2 documents that were made are kept: retry .* cancel it again/);
    await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse({}));
    await runTask(ports, taskId);
    expect(await loadTask(ports, taskId)).toMatchObject({
      status: 'completed',
      archive: { documents: 2 },
    });
  });

  it('is cancelled where nothing was made, or its check did not let it begin', async () => {
    for (const Error of ['States.Timeout', 'CheckFailed']) {
      const { ports, taskId, broken } = await givenStarted();
      await cancelTask(ports, OWNER, taskId);
      await failTask(ports, { ...broken, error: { Error, Cause: '' } });
      expect(await loadTask(ports, taskId)).toMatchObject({ status: 'cancelled' });
    }
  });
});
