/** An owner who has one of everything, made by the API and the workflows' steps. */
import * as z from 'zod';
import { ingestSource } from '../../shared/dataSources/ingestSource.ts';
import { objectKeys } from '../../shared/keys.ts';
import { createApiClient, type ApiAnswer, type ApiRequest } from './apiClient.ts';
import { docx } from './docx.ts';
import { createMemoryPorts, type MemoryPorts } from './memoryPorts.ts';
import { assembleAndFinish, renderAll } from './runTask.ts';
import { OWNER } from './tasks.ts';

export interface ApiWorld {
  readonly ports: MemoryPorts;
  /** Sends a request as the owner, unless it says otherwise. */
  readonly send: (request: ApiRequest) => Promise<ApiAnswer>;
  /** Ids of what the owner has, by the names of path parameters; the template and task are ready. */
  readonly ids: Readonly<Record<'templateId' | 'dataSourceId' | 'taskId', string>>;
}

/** Rows of the owner's data source; the third has no name, the value that the template needs. */
const PEOPLE = 'name,city\nAda,London\nLinus,Helsinki\n,Paris\n';

export async function createApiWorld(): Promise<ApiWorld> {
  const ports = createMemoryPorts();
  const client = createApiClient(ports);
  const send = (request: ApiRequest) => client({ ownerId: OWNER, ...request });
  const make = async (path: string, json: unknown, field: string) => {
    const answer = await send({ method: 'POST', path, json });
    return z.object({ data: z.looseObject({ [field]: z.string() }) }).parse(answer.json()).data[
      field
    ];
  };

  const template = { name: 'letter', fileName: 'letter.docx' };
  const templateId = String(await make('/templates', template, 'templateId'));
  await ports.objects.put(objectKeys.templateUpload(templateId), docx('Dear {name} of {city}'));
  await send({ method: 'POST', path: `/templates/${templateId}/complete` });

  const source = { name: 'people', fileName: 'people.csv' };
  const dataSourceId = String(await make('/data-sources', source, 'dataSourceId'));
  await ports.objects.put(objectKeys.sourceUpload(dataSourceId), Buffer.from(PEOPLE));
  await send({ method: 'POST', path: `/data-sources/${dataSourceId}/complete` });
  await ingestSource(ports, { dataSourceId });

  const task = {
    templateIds: [templateId],
    dataSourceId,
    options: { missingValue: 'error' },
    autoStart: true,
  };
  const taskId = String(await make('/batch/tasks', task, 'taskId'));
  await renderAll(ports, taskId);
  await assembleAndFinish(ports, taskId);
  return { ports, send, ids: { templateId, dataSourceId, taskId } };
}
