/** Starting and ending a task when others neither wait nor hold all slots: a task of ten rows must stay fast. */
import { expect, it } from 'vitest';
import { tableKeys } from '../../../shared/keys.ts';
import { beginOrQueue } from '../../../shared/queue/begin.ts';
import { comeToRest } from '../../../shared/queue/rest.ts';
import { changeTask } from '../../../shared/tasks/taskStore.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, loadTask, OWNER, TASK_ID } from '../../support/tasks.ts';

it('costs one read and one write more to start, and one write to end', async () => {
  const ports = createMemoryPorts();
  const { calls } = ports.table;
  const pending = await givenTask(ports, { status: 'pending', stage: 'waiting', run: 0 });

  const before = { ...calls };
  const begun = await beginOrQueue(ports, pending, { by: OWNER });
  expect(begun).toMatchObject({ status: 'running', run: 1 });
  // The other write is that of the task's state.
  expect(calls).toEqual({ ...before, get: before.get + 1, update: before.update + 2 });
  expect(ports.workflow.starts).toMatchObject([{ executionName: `${TASK_ID}-1` }]);

  await changeTask(ports, TASK_ID, { set: { status: 'completed', charged: 98 } });
  const ended = await loadTask(ports, TASK_ID);
  const atEnd = { ...calls };
  await comeToRest(ports, ended);
  expect(calls).toEqual({ ...atEnd, update: atEnd.update + 1 });
  expect(await ports.table.get(tableKeys.quota(OWNER))).toMatchObject({ used: 98 });
});
