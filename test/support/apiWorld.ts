/** An owner who has one of everything, made by the API and the workflows' steps. */
import { ingestSource } from '../../shared/dataSources/ingestSource.ts';
import { objectKeys } from '../../shared/keys.ts';
import {
  createApiClient,
  createTypedClient,
  type ApiAnswer,
  type ApiRequest,
} from './apiClient.ts';
import { docx } from './docx.ts';
import { runTrial } from '../../shared/trials/runTrial.ts';
import { createMemoryPorts, type MemoryPorts } from './memoryPorts.ts';
import { assembleAndFinish, renderAll } from './runTask.ts';
import { OWNER } from './tasks.ts';

export interface ApiWorld {
  readonly ports: MemoryPorts;
  /** Sends a request as the owner, unless it says otherwise. */
  readonly send: (request: ApiRequest) => Promise<ApiAnswer>;
  /** Ids of what the owner has, by the names of path parameters; the template and task are ready. */
  readonly ids: Readonly<
    Record<
      | 'templateId'
      | 'dataSourceId'
      | 'taskId'
      | 'endpointId'
      | 'deliveryId'
      | 'connectionId'
      | 'checkId'
      | 'sampleId',
      string
    >
  >;
}

/** Rows of the owner's data source; the third has no name, the value that the template needs. */
const PEOPLE = 'name,city\nAda,London\nLinus,Helsinki\n,Paris\n';

export async function createApiWorld(): Promise<ApiWorld> {
  const ports = createMemoryPorts();
  const client = createApiClient(ports);
  const send = (request: ApiRequest) => client({ ownerId: OWNER, ...request });
  const api = createTypedClient(ports, OWNER);

  const template = { name: 'letter', fileName: 'letter.docx' };
  const { templateId } = await api.createTemplate({ body: template });
  await ports.objects.put(objectKeys.templateUpload(templateId), docx('Dear {name} of {city}'));
  await api.completeTemplate({ templateId });

  const source = { name: 'people', fileName: 'people.csv' };
  const { dataSourceId } = await api.createDataSource({ body: source });
  await ports.objects.put(objectKeys.sourceUpload(dataSourceId), Buffer.from(PEOPLE));
  await api.completeDataSource({ dataSourceId });
  await ingestSource(ports, { dataSourceId, read: 1 });

  const hook = { url: 'https://example.org/hooks' };
  const { endpointId } = await api.createWebhookEndpoint({ body: hook });

  const service = {
    name: 'Dify',
    baseUrl: 'https://api.dify.ai/v1',
    secretHeaders: { Authorization: 'Bearer app-1234' },
  };
  const { connectionId } = await api.createConnection({ body: service });

  const { taskId } = await api.createTask({
    body: {
      templateIds: [templateId],
      dataSourceId,
      options: { missingValue: 'error' },
      autoStart: true,
    },
  });
  await renderAll(ports, taskId);
  await assembleAndFinish(ports, taskId);
  const [delivery] = (await api.listDeliveries({ taskId })).data;
  const deliveryId = delivery?.deliveryId ?? '';
  const order = { templateIds: [templateId], dataSourceId };
  const { checkId } = await api.createCheck({ body: order });
  const { sampleId } = await api.createSamples({ body: order });
  const trials = { checkId, sampleId };
  for (const of of Object.values(trials)) await runTrial(ports, { of, reportOnly: false });
  return {
    ports,
    send,
    ids: { templateId, dataSourceId, taskId, endpointId, deliveryId, connectionId, ...trials },
  };
}
