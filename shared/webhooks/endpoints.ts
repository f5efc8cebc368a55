/** Endpoints: where the events of all tasks of an owner are sent to. */
import type { Creation } from '../creation.ts';
import { newId } from '../ids.ts';
import { tableKeys } from '../keys.ts';
import { ENDPOINT_TEST_SECONDS, MAX_ENDPOINTS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { Page, PageQuery } from '../schemas/common.ts';
import type { CreateEndpoint, EndpointTest, EndpointView } from '../schemas/webhookApi.ts';
import { ENDING_EVENT_TYPES } from '../schemas/webhookEvents.ts';
import type { DeliveryItem, EndpointItem } from '../schemas/webhookItems.ts';
import { beginningOf, bodyOf, startSending, type DeliveryPorts } from './deliveries.ts';
import {
  addEndpoint,
  endpointNotFound,
  endpointsOf,
  findEndpoint,
  removeEndpoint,
} from './endpointStore.ts';
import { requireTarget } from './taskWebhook.ts';
import { endpointView } from './views.ts';

const tooMany = () =>
  new Problem(
    'LIMIT_EXCEEDED',
    `You have ${MAX_ENDPOINTS} webhook endpoints, which is the most. Delete one first.`,
  );

/**
 * Makes an endpoint; its secret is told beside it (signing.ts, secretOf). Of several that are made at the
 * same time no more stay than there may be: each counts after it was written. None is made whose secret
 * cannot be told.
 * @throws Problem VALIDATION_ERROR (the URL), LIMIT_EXCEEDED
 */
export async function createEndpoint(
  ports: Pick<Ports, 'table' | 'clock' | 'secrets' | 'egress'>,
  ownerId: string,
  { url, events = [...ENDING_EVENT_TYPES], description }: CreateEndpoint,
  { id: endpointId, isRepeat }: Creation,
): Promise<EndpointView> {
  const before = isRepeat ? await findEndpoint(ports, ownerId, endpointId) : undefined;
  if (before) return endpointView(before);
  const target = requireTarget(ports, url, '/url');
  const count = async () => (await endpointsOf(ports, ownerId)).endpoints.length;
  if ((await count()) >= MAX_ENDPOINTS) throw tooMany();
  await ports.secrets.webhookMaster();
  const endpoint: EndpointItem = {
    endpointId,
    ownerId,
    url: target,
    events,
    ...(description !== undefined && { description }),
    createdAt: ports.clock.now(),
  };
  await addEndpoint(ports, endpoint);
  if ((await count()) > MAX_ENDPOINTS) {
    await removeEndpoint(ports, ownerId, endpointId);
    throw tooMany();
  }
  return endpointView(endpoint);
}

/** The owner's, newest first. */
export async function listEndpoints(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  { limit, cursor }: PageQuery,
): Promise<Page<EndpointView>> {
  const { endpoints, next } = await endpointsOf(ports, ownerId, { limit, cursor });
  return { data: endpoints.map(endpointView), nextCursor: next ?? null };
}

/** Deletes an endpoint; what is on its way to it ends at its next attempt. @throws Problem NOT_FOUND */
export async function deleteEndpoint(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  endpointId: string,
): Promise<void> {
  if (!(await removeEndpoint(ports, ownerId, endpointId))) throw endpointNotFound(endpointId);
}

/**
 * Sends a message that says that it is a test, once; the endpoint's `lastTest` says what became of it.
 * @throws Problem NOT_FOUND, INVALID_STATE
 */
export async function testEndpoint(
  ports: DeliveryPorts & Pick<Ports, 'random'>,
  ownerId: string,
  endpointId: string,
): Promise<EndpointTest> {
  const endpoint = await findEndpoint(ports, ownerId, endpointId);
  if (!endpoint) throw endpointNotFound(endpointId);
  if (endpoint.goneAt !== undefined) {
    throw new Problem(
      'INVALID_STATE',
      'The server of this endpoint answered 410, and nothing more is sent to it. Delete the endpoint and make a new one.',
    );
  }
  const now = ports.clock.now();
  const deliveryId = newId('delivery', ports);
  const type = 'webhook_test';
  const data = { endpointId, message: 'A test of this endpoint. No task has changed.' };
  const delivery: DeliveryItem = {
    deliveryId,
    ownerId,
    endpointId,
    type,
    body: bodyOf({ type, at: new Date(now).toISOString(), data }),
    ...beginningOf(1, now),
    attempts: [],
    createdAt: now,
    expiresAt: Math.floor(now / 1000) + ENDPOINT_TEST_SECONDS,
  };
  await ports.table.put(tableKeys.delivery(endpointId, deliveryId), delivery, { absent: 'pk' });
  await startSending(ports, endpointId, delivery);
  return { deliveryId };
}
