import mammoth from 'mammoth';
import { describe, expect, it } from 'vitest';
import { newCreation } from '../../../shared/creation.ts';
import { readLog } from '../../../shared/events/eventLog.ts';
import { getTask } from '../../../shared/tasks/readTasks.ts';
import { createTask } from '../../../shared/tasks/createTask.ts';
import type { Mapping } from '../../../shared/columns/mapping.ts';
import { CreateTaskSchema, RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { readArchive } from '../../support/archives.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { OWNER } from '../../support/tasks.ts';
import { archiveBytes, givenTemplate, runTask, startedTask } from '../../support/runTask.ts';

const created = async (ports: MemoryPorts, data: Row[], text: string, mapping?: Mapping) => {
  const templateIds = [await givenTemplate(ports, text)];
  return createTask(
    ports,
    OWNER,
    CreateTaskSchema.parse({ templateIds, data, options: mapping && { mapping } }),
    newCreation('task', ports),
  );
};

describe('a task whose tags and columns differ', () => {
  it('says so in its answers and in its log', async () => {
    const ports = createMemoryPorts();
    const warnings = [
      'No column fills the tag {Ciy}: it stays blank. Did you mean the column "city"?',
      'Filled from columns that are spelt otherwise: {Zip} from "zip". If one is wrong, say which column it is in options.mapping.',
      'No tag reads the column "city".',
    ];
    const task = await created(
      ports,
      [{ name: 'Ann', zip: '01067', city: 'Bonn' }],
      '{name} {Zip} {Ciy}',
    );
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
    const text = '{#items}{name} {Prize} {address.city}{/items}';
    const { warnings } = await created(createMemoryPorts(), rows, text);
    expect(warnings).toEqual([
      'No column fills the tag {Prize}: it stays blank. Did you mean the column "items[1].price"?',
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

  const textOf = async (ports: MemoryPorts, taskId: string, name: string) => {
    const entries = await readArchive(await archiveBytes(ports, taskId));
    const letter = entries.find((entry) => entry.name === name);
    const { value } = await mammoth.extractRawText({ buffer: letter?.bytes ?? Buffer.alloc(0) });
    return value.trim();
  };

  it('fills tags from columns that differ in case, blanks, signs and accents', async () => {
    const ports = createMemoryPorts();
    const text =
      '{First Name} {E-Mail} {Résumé} {＃Items}{Unit Price}; {/Items}{items | sum:"unit price"}';
    const templateIds = [await givenTemplate(ports, text)];
    const row: Row = { first_name: 'Ann', email: 'a@b.c', resume: 'x', items: [{ unit_price: 2 }] };
    const { taskId, warnings } = await startedTask(ports, { templateIds, data: [row] });
    expect(warnings).toEqual([expect.stringContaining('{First Name} from "first_name"')]);
    await runTask(ports, taskId);
    expect(await textOf(ports, taskId, 'letter-1.docx')).toBe('Ann a@b.c x 2; 2');
  });

  it('takes none of several columns that a tag is near to, and says so', async () => {
    const data: Row[] = [{ NAME: 'A', Name_: 'B' }];
    const { warnings = [] } = await created(createMemoryPorts(), data, '{name}');
    expect(warnings[0]).toBe(
      'No column fills the tag {name}: it stays blank. It may be "NAME" or "Name_": say which in options.mapping.',
    );
  });

  it('reads the columns that a mapping names, in lists too, and instead of those of the same name', async () => {
    const ports = createMemoryPorts();
    const text = '{Name} {City} {#Lines}{Amount};{/Lines}';
    const templateIds = [await givenTemplate(ports, text)];
    const mapping = {
      Name: 'Full name',
      City: 'address.town',
      Lines: 'items',
      Amount: 'items[1].price',
    };
    const row: Row = {
      Name: 'not this',
      'Full name': 'Ann',
      address: { town: 'Bonn' },
      items: [{ price: 1 }, { price: 2 }],
    };
    const body = { templateIds, data: [row], fileName: '{Name}-{row}', options: { mapping } };
    const { taskId } = await startedTask(ports, body);
    await runTask(ports, taskId);
    expect(await textOf(ports, taskId, 'Ann-1.docx')).toBe('Ann Bonn 1;2;');

    const retried = await retryTask(
      ports,
      OWNER,
      taskId,
      RetryTaskSchema.parse({ rows: '1', mapping: { ...mapping, Name: 'address.town' } }),
    );
    expect(retried.options.mapping?.Name).toBe('address.town');
    await runTask(ports, taskId);
    expect(await textOf(ports, taskId, 'Bonn-1.docx')).toBe('Bonn Bonn 1;2;');
    const wrong = RetryTaskSchema.parse({ rows: '1', mapping: { Name: 'none' } });
    await expect(retryTask(ports, OWNER, taskId, wrong)).rejects.toMatchObject({
      errors: [{ pointer: '/mapping/Name' }],
    });
  });

  it('refuses a mapping of tags or columns that are not there, with all of them', async () => {
    const wrong = { Nme: 'name', name: 'nam', 'a/b': 'x' };
    const task = created(createMemoryPorts(), [{ name: 'Ann' }], '{name}', wrong);
    await expect(task).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      errors: [
        {
          pointer: '/options/mapping/Nme',
          detail: 'No template has the tag {Nme}, nor has fileName. Did you mean {name}?',
        },
        {
          pointer: '/options/mapping/name',
          detail: 'The rows have no column "nam" for the tag {name}. Did you mean "name"?',
        },
        { pointer: '/options/mapping/a~1b' },
      ],
    });
  });

  it('has no warnings where all fits', async () => {
    const ports = createMemoryPorts();
    const task = await created(ports, [{ name: 'Ann' }], '{name}');
    expect(task.warnings).toEqual([]);
    expect((await getTask(ports, OWNER, task.taskId)).warnings).toEqual([]);
    expect((await readLog(ports, OWNER, task.taskId, { limit: 10 })).data).toEqual([]);
  });
});
