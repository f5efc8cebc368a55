/** The deliveries of a task, for its owner. */
import { sortPrefixes, tableKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { Page, PageQuery } from '../schemas/common.ts';
import type { DeliveryView } from '../schemas/webhookApi.ts';
import { DeliveryItemSchema, type DeliveryItem } from '../schemas/webhookItems.ts';
import { loadOwnedTask } from '../tasks/taskStore.ts';
import { beginningOf, findDelivery, startSending, type DeliveryPorts } from './deliveries.ts';
import { closedBy, findEndpoint } from './endpointStore.ts';
import { deliveryView } from './views.ts';

/** Newest first. @throws Problem TASK_NOT_FOUND */
export async function listDeliveries(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  taskId: string,
  { limit, cursor }: PageQuery,
): Promise<Page<DeliveryView>> {
  await loadOwnedTask(ports, ownerId, taskId);
  const { items, next } = await ports.table.query({
    partition: tableKeys.task(taskId).pk,
    prefix: sortPrefixes.deliveries,
    descending: true,
    limit,
    ...(cursor !== undefined && { after: cursor }),
  });
  const deliveries = items.map((item) => DeliveryItemSchema.parse(item));
  const closed = await closedEndpoints(ports, deliveries);
  return {
    data: deliveries.map((delivery) => deliveryView(asItStands(delivery, closed))),
    nextCursor: next ?? null,
  };
}

type Closed = ReadonlyMap<string, NonNullable<DeliveryItem['abandoned']>>;

/** Endpoints that deliveries wait for, and to which nothing is sent any more, by id. */
async function closedEndpoints(
  ports: Pick<Ports, 'table'>,
  deliveries: readonly DeliveryItem[],
): Promise<Closed> {
  const closed = new Map<string, NonNullable<DeliveryItem['abandoned']>>();
  const waiting = deliveries.filter(({ status }) => status === 'pending');
  const awaited = new Map(waiting.map(({ endpointId, ownerId }) => [endpointId, ownerId]));
  await Promise.all(
    [...awaited].map(async ([endpointId, ownerId]) => {
      const abandoned = closedBy(await findEndpoint(ports, ownerId, endpointId));
      if (abandoned !== undefined) closed.set(endpointId, abandoned);
    }),
  );
  return closed;
}

/**
 * One that waits for an endpoint to which nothing is sent any more is over. Its next attempt notes that; where whoever
 * noted the delivery died before its sending began, and the endpoint was deleted before it was noted again, none comes.
 */
function asItStands(delivery: DeliveryItem, closed: Closed): DeliveryItem {
  const abandoned = delivery.status === 'pending' ? closed.get(delivery.endpointId) : undefined;
  if (abandoned === undefined) return delivery;
  return { ...delivery, status: 'failed', abandoned, nextAttemptAt: undefined };
}

/** @throws Problem INVALID_STATE when there is no endpoint to send it to any more */
async function requireEndpoint(
  ports: Pick<Ports, 'table'>,
  { ownerId, endpointId }: DeliveryItem,
): Promise<void> {
  const endpoint = await findEndpoint(ports, ownerId, endpointId);
  if (endpoint && endpoint.goneAt === undefined) return;
  throw new Problem(
    'INVALID_STATE',
    endpoint
      ? 'The server of this endpoint answered 410, and nothing more is sent to it. Make a new endpoint.'
      : 'The endpoint was deleted. There is nowhere to send this to.',
  );
}

/**
 * Sends a delivery anew, under the same id: at once, and again as often as the first time. A sending that
 * is under way ends at its next attempt.
 * @throws Problem TASK_NOT_FOUND, NOT_FOUND, INVALID_STATE
 */
export async function replayDelivery(
  ports: DeliveryPorts,
  ownerId: string,
  taskId: string,
  deliveryId: string,
): Promise<DeliveryView> {
  await loadOwnedTask(ports, ownerId, taskId);
  const delivery = await findDelivery(ports, taskId, deliveryId);
  if (!delivery) {
    throw new Problem('NOT_FOUND', `The task has no delivery ${deliveryId}.`);
  }
  await requireEndpoint(ports, delivery);
  const { sending } = delivery;
  const item = await ports.table.update(
    tableKeys.delivery(taskId, deliveryId),
    {
      set: beginningOf(sending + 1, ports.clock.now()),
      remove: ['abandoned', 'nextAttemptAt'],
    },
    { attribute: 'sending', is: '=', value: sending },
  );
  // Another call has begun the next sending in this moment: that is what was asked for.
  const replayed = item ? DeliveryItemSchema.parse(item) : delivery;
  if (item) await startSending(ports, taskId, replayed);
  return deliveryView(replayed);
}
