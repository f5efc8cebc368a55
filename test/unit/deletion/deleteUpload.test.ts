/** Templates and data sources are deleted at once for everybody, and from the stores when no task needs them. */
import { describe, expect, it } from 'vitest';
import {
  completeDataSource,
  createDataSource,
  deleteDataSource,
  getDataSource,
} from '../../../shared/dataSources/dataSources.ts';
import { ingestSource } from '../../../shared/dataSources/ingestSource.ts';
import { expireUploads } from '../../../shared/deletion/deleteUpload.ts';
import { newCreation } from '../../../shared/creation.ts';
import { objectKeys, itemOf, objectPrefixes } from '../../../shared/keys.ts';
import {
  AWAITING_UPLOAD_SECONDS,
  NOTE_GRACE_MS,
  SECOND_DELETION_SECONDS,
  SECONDS_PER_DAY,
} from '../../../shared/limits.ts';
import { CreateTaskSchema, RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { createTask } from '../../../shared/tasks/createTask.ts';
import { deleteTask } from '../../../shared/tasks/deleteTask.ts';
import { getTask } from '../../../shared/tasks/readTasks.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import {
  completeTemplate,
  createTemplate,
  deleteTemplate,
  getTemplate,
  listTemplates,
} from '../../../shared/templates/templates.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { Died, mortal } from '../../support/mortal.ts';
import { archiveBytes, givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';
import { docx } from '../../support/docx.ts';

/** All that there is of it, but for notes. */
const left = (ports: MemoryPorts, id: string) => [
  ...ports.table.items().filter(({ pk }) => pk === itemOf(id).pk),
  ...ports.objects
    .keys()
    .filter((key) =>
      [objectPrefixes.template(id), objectPrefixes.source(id)].some((prefix) =>
        key.startsWith(prefix),
      ),
    ),
];
const notes = (ports: MemoryPorts) =>
  ports.table.items().filter(({ pk, sk }) => pk === 'DUE' && String(sk).startsWith('UPLOAD#'));

/** Lets so many seconds pass, and the sweeper come. */
async function after(ports: MemoryPorts, seconds: number) {
  ports.clock.advance(seconds * 1_000);
  await expireUploads(ports, { untilMs: Number.POSITIVE_INFINITY });
}

/** Everything that time brings. */
async function sweepForDays(ports: MemoryPorts) {
  const times = [
    1,
    NOTE_GRACE_MS / 1_000,
    SECOND_DELETION_SECONDS,
    SECONDS_PER_DAY,
    SECONDS_PER_DAY,
  ];
  for (const seconds of times) await after(ports, seconds + 1);
}

async function givenSource(ports: MemoryPorts, text = 'name\nAda\nGrace\n') {
  const creation = newCreation('dataSource', ports);
  const { dataSourceId } = await createDataSource(
    ports,
    OWNER,
    { name: 'D', fileName: 'd.csv' },
    creation,
  );
  await ports.objects.put(objectKeys.sourceUpload(dataSourceId), Buffer.from(text));
  await completeDataSource(ports, OWNER, dataSourceId, {});
  await ingestSource(ports, { dataSourceId, read: 1 });
  return dataSourceId;
}

describe('deleting a template or a data source', () => {
  it('leaves nothing of it, and everything of others', async () => {
    const ports = createMemoryPorts();
    const [first, second] = [await givenTemplate(ports, '{a}'), await givenTemplate(ports, '{b}')];
    const [third, fourth] = [await givenSource(ports), await givenSource(ports)];
    const others = [second, fourth].map((id) => left(ports, id));
    await deleteTemplate(ports, OWNER, first);
    await deleteDataSource(ports, OWNER, third);
    expect([first, third].flatMap((id) => left(ports, id))).toEqual([]);
    const page = await listTemplates(ports, OWNER, { limit: 20 });
    expect(page.data.map(({ templateId }) => templateId)).toEqual([second]);
    await expect(getDataSource(ports, OWNER, third)).rejects.toMatchObject({
      code: 'DATA_SOURCE_NOT_FOUND',
    });
    await sweepForDays(ports);
    expect([second, fourth].map((id) => left(ports, id))).toEqual(others);
    expect(notes(ports)).toEqual([]);
  });

  it("is its owner's alone", async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, '{a}');
    await expect(deleteTemplate(ports, 'another', templateId)).rejects.toMatchObject({
      code: 'TEMPLATE_NOT_FOUND',
    });
    expect((await getTemplate(ports, OWNER, templateId)).status).toBe('ready');
  });

  it('lets tasks that use it go on, and takes its file when the last of them is gone', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const dataSourceId = await givenSource(ports);
    const { taskId } = await startedTask(ports, { templateIds: [templateId], dataSourceId });
    await deleteTemplate(ports, OWNER, templateId);
    await deleteDataSource(ports, OWNER, dataSourceId);
    await expect(
      startedTask(ports, { templateIds: [templateId], data: [{ name: 'x' }] }),
    ).rejects.toMatchObject({ code: 'TEMPLATE_NOT_FOUND' });
    await sweepForDays(ports);
    await runTask(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({
      status: 'completed',
      succeeded: 2,
    });
    expect((await archiveBytes(ports, taskId)).length).toBeGreaterThan(0);

    await deleteTask(ports, OWNER, taskId);
    await sweepForDays(ports);
    expect([templateId, dataSourceId].flatMap((id) => left(ports, id))).toEqual([]);
    expect(notes(ports)).toEqual([]);
  });

  it('lets a retry go on with what it was given in place of what was wrong', async () => {
    const ports = createMemoryPorts();
    const [wrong, right] = [await givenTemplate(ports, '{a}'), await givenTemplate(ports, '{b}')];
    const dataSourceId = await givenSource(ports, 'a,b\n1,2\n');
    const { taskId } = await startedTask(ports, { templateIds: [wrong], data: [{ a: 1, b: 2 }] });
    await runTask(ports, taskId);
    const retry = { rows: '1', templateIds: [right], dataSourceId };
    await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse(retry));
    await deleteTemplate(ports, OWNER, right);
    await deleteDataSource(ports, OWNER, dataSourceId);
    await sweepForDays(ports);
    await runTask(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({ status: 'completed', run: 2 });
  });

  it.each(['before', 'behind'] as const)(
    'is finished by the sweeper when its process dies %s any call',
    async (when) => {
      for (let at = 1; at < 100; at++) {
        const ports = createMemoryPorts();
        const templateId = await givenTemplate(ports, '{a}');
        const world = mortal(ports, at, when);
        const wasDeleted = await deleteTemplate(world.ports, OWNER, templateId).then(
          () => true,
          (error: unknown) => {
            if (!(error instanceof Died)) throw error;
            return false;
          },
        );
        const died = world.died();
        const seen = await getTemplate(ports, OWNER, templateId).then(
          () => true,
          () => false,
        );
        if (wasDeleted) expect(seen).toBe(false);
        await sweepForDays(ports);
        expect(left(ports, templateId).length > 0).toBe(seen);
        expect(notes(ports)).toEqual([]);
        if (!died) return;
      }
      throw new Error('It never ends.');
    },
  );

  it('never takes from under a task that is created at the same moment what it is made of', async () => {
    for (let at = 1; at < 100; at++) {
      const ports = createMemoryPorts();
      const templateId = await givenTemplate(ports, 'Dear {name}');
      const world = mortal(ports, at, 'before', {
        instead: () => deleteTemplate(ports, OWNER, templateId),
      });
      const body = CreateTaskSchema.parse({
        templateIds: [templateId],
        data: [{ name: 'Ada' }],
        autoStart: true,
      });
      const creation = newCreation('task', ports);
      const made = await createTask(world.ports, OWNER, body, creation).catch(
        (error: unknown) => error,
      );
      if (made instanceof Error) {
        expect(made).toMatchObject({ code: 'TEMPLATE_NOT_FOUND' });
        continue;
      }
      await sweepForDays(ports);
      await runTask(ports, creation.id);
      expect(await getTask(ports, OWNER, creation.id)).toMatchObject({ status: 'completed' });
      const isStill = await getTemplate(ports, OWNER, templateId).catch(() => undefined);
      if (isStill) return;
    }
    throw new Error('It never ends.');
  });
});

describe('a file that never came', () => {
  it('is forgotten after a day, with what was uploaded and not completed', async () => {
    const ports = createMemoryPorts();
    const creation = newCreation('template', ports);
    const { templateId } = await createTemplate(
      ports,
      OWNER,
      { name: 'A', fileName: 'a.docx' },
      creation,
    );
    await ports.objects.put(objectKeys.templateUpload(templateId), docx('{a}'));
    await after(ports, AWAITING_UPLOAD_SECONDS - 10);
    expect(left(ports, templateId)).toHaveLength(2);
    await sweepForDays(ports);
    expect(left(ports, templateId)).toEqual([]);
    expect(notes(ports)).toEqual([]);
    await expect(completeTemplate(ports, OWNER, templateId)).rejects.toMatchObject({
      code: 'TEMPLATE_NOT_FOUND',
    });
  });
});
