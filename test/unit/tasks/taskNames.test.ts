import mammoth from 'mammoth';
import { describe, expect, it } from 'vitest';
import { newCreation } from '../../../shared/creation.ts';
import { readLog } from '../../../shared/events/eventLog.ts';
import { getTask } from '../../../shared/tasks/readTasks.ts';
import { createTask } from '../../../shared/tasks/createTask.ts';
import { CreateTaskSchema } from '../../../shared/schemas/taskApi.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { readArchive } from '../../support/archives.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { OWNER } from '../../support/tasks.ts';
import { archiveBytes, givenTemplate, runTask, startedTask } from '../../support/runTask.ts';

const created = async (ports: MemoryPorts, data: Row[], ...paragraphs: string[]) => {
  const templateIds = [await givenTemplate(ports, ...paragraphs)];
  return createTask(
    ports,
    OWNER,
    CreateTaskSchema.parse({ templateIds, data }),
    newCreation('task', ports),
  );
};

describe('a task whose tags and columns differ', () => {
  it('says so in its answers and in its log', async () => {
    const ports = createMemoryPorts();
    const warnings = [
      'No column fills the tag {Zip}: it stays blank. Did you mean the column "zip"?',
      'No tag reads the column "zip".',
    ];
    const task = await created(ports, [{ name: 'Ann', zip: '01067' }], '{name} {Zip}');
    expect(task.warnings).toEqual(warnings);
    expect((await getTask(ports, OWNER, task.taskId)).warnings).toEqual(warnings);
    const { data } = await readLog(ports, OWNER, task.taskId, { limit: 10 });
    expect(data).toMatchObject([{ seq: 1, type: 'warnings_found', by: OWNER }]);
    for (const warning of warnings) expect(data[0]?.message).toContain(warning);
  });

  it('compares what loops read with what the items of lists hold', async () => {
    const rows: Row[] = [
      { items: [{ name: 'a' }, { name: 'b', price: 1 }], address: { city: 'Bonn' } },
    ];
    const text = '{#items}{name} {Price} {address.city}{/items}';
    const { warnings } = await created(createMemoryPorts(), rows, text);
    expect(warnings).toEqual([
      'No column fills the tag {Price}: it stays blank. Did you mean the column "items[1].price"?',
      'No tag reads the column "items[1].price".',
    ]);
  });

  it('makes documents and their names from columns that are spelt otherwise', async () => {
    const ports = createMemoryPorts();
    const templateIds = [await givenTemplate(ports, '[{Client’s name}]')];
    const { taskId } = await startedTask(ports, {
      templateIds,
      data: [{ "Client's name": 'Ann' }],
      fileName: '{Client’s\u00a0name}-{row}',
    });
    await runTask(ports, taskId);
    const entries = await readArchive(await archiveBytes(ports, taskId));
    const letter = entries.find(({ name }) => name === 'Ann-1.docx');
    const { value } = await mammoth.extractRawText({ buffer: letter?.bytes ?? Buffer.alloc(0) });
    expect(value.trim()).toBe('[Ann]');
  });

  it('has no warnings where all fits', async () => {
    const ports = createMemoryPorts();
    const task = await created(ports, [{ name: 'Ann' }], '{name}');
    expect(task.warnings).toEqual([]);
    expect((await getTask(ports, OWNER, task.taskId)).warnings).toEqual([]);
    expect((await readLog(ports, OWNER, task.taskId, { limit: 10 })).data).toEqual([]);
  });
});
