/** Endpoints in the table: an owner's, for all its tasks, and the one that a task may have of its own. */
import { sortPrefixes, tableKeys } from '../keys.ts';
import { MAX_ENDPOINTS } from '../limits.ts';
import type { ItemKey, Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { TaskItem } from '../schemas/items.ts';
import {
  EndpointItemSchema,
  type DeliveryItem,
  type EndpointItem,
} from '../schemas/webhookItems.ts';

type TablePort = Pick<Ports, 'table'>;

const isTasks = (endpointId: string) => endpointId.startsWith('task_');

/** @param endpointId of a task's own webhook, the task's */
const keyOf = (ownerId: string, endpointId: string): ItemKey =>
  isTasks(endpointId) ? tableKeys.taskWebhook(endpointId) : tableKeys.endpoint(ownerId, endpointId);

export const endpointNotFound = (endpointId: string) =>
  new Problem('NOT_FOUND', `There is no webhook endpoint ${endpointId}. It may have been deleted.`);

/** The endpoint; undefined when it is gone, or another owner's. */
export async function findEndpoint(
  { table }: TablePort,
  ownerId: string,
  endpointId: string,
): Promise<EndpointItem | undefined> {
  const item = await table.get(keyOf(ownerId, endpointId));
  const endpoint = item && EndpointItemSchema.parse(item);
  return endpoint?.ownerId === ownerId ? endpoint : undefined;
}

/** Why nothing is sent to an endpoint any more; undefined where it is. @param endpoint undefined for none */
export function closedBy(endpoint: EndpointItem | undefined): DeliveryItem['abandoned'] {
  if (!endpoint) return 'endpoint_deleted';
  return endpoint.goneAt === undefined ? undefined : 'endpoint_gone';
}

/** Stores a new one. */
export async function addEndpoint({ table }: TablePort, endpoint: EndpointItem): Promise<void> {
  const { ownerId, endpointId } = endpoint;
  await table.put(keyOf(ownerId, endpointId), endpoint, { absent: 'pk' });
}

/** Changes one that is there; one that was deleted meanwhile stays deleted. */
export async function changeEndpoint(
  { table }: TablePort,
  { ownerId, endpointId }: EndpointItem,
  set: Partial<EndpointItem>,
): Promise<void> {
  await table.update(keyOf(ownerId, endpointId), { set }, { present: 'pk' });
}

/** False when there is none. */
export const removeEndpoint = (
  { table }: TablePort,
  ownerId: string,
  endpointId: string,
): Promise<boolean> => table.delete(tableKeys.endpoint(ownerId, endpointId), { present: 'pk' });

/** A page of the owner's, newest first. */
export async function endpointsOf(
  { table }: TablePort,
  ownerId: string,
  // One more than there may be: two that are made at the same time see each other.
  { limit = MAX_ENDPOINTS + 1, cursor }: { limit?: number; cursor?: string | undefined } = {},
): Promise<{ endpoints: EndpointItem[]; next?: string }> {
  const { items, next } = await table.query({
    partition: tableKeys.endpoint(ownerId, '').pk,
    prefix: sortPrefixes.endpoints,
    descending: true,
    limit,
    ...(cursor !== undefined && { after: cursor }),
  });
  return {
    endpoints: items.map((item) => EndpointItemSchema.parse(item)),
    ...(next !== undefined && { next }),
  };
}

/** All that hear of a task: its owner's, and its own. */
export async function endpointsOfTask(
  ports: TablePort,
  { taskId, ownerId, hasWebhook = false }: TaskItem,
): Promise<EndpointItem[]> {
  const [{ endpoints }, own] = await Promise.all([
    endpointsOf(ports, ownerId),
    hasWebhook ? findEndpoint(ports, ownerId, taskId) : undefined,
  ]);
  return [...endpoints, ...(own ? [own] : [])].filter(({ goneAt }) => goneAt === undefined);
}
