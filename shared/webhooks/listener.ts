/**
 * The listener that sends events to webhooks. It only notes what is to be sent, and starts its execution:
 * nobody who works on a task waits for somebody else's server.
 */
import { createHash } from 'node:crypto';
import { isTerminal } from '../events/owed.ts';
import { lasts, type Listener, type ListenerPorts } from '../events/listener.ts';
import { newId } from '../ids.ts';
import { tableKeys } from '../keys.ts';
import { MAX_DELIVERIES, MAX_PASSING_DELIVERIES } from '../limits.ts';
import type { LastingEvent } from '../schemas/events.ts';
import type { TaskItem } from '../schemas/items.ts';
import { WEBHOOK_EVENT_TYPES, type WebhookEventType } from '../schemas/webhookEvents.ts';
import type { DeliveryItem, EndpointItem } from '../schemas/webhookItems.ts';
import { beginningOf, bodyOf, findDelivery, startSending } from './deliveries.ts';
import { endpointsOfTask } from './endpointStore.ts';

const types: ReadonlySet<string> = new Set(WEBHOOK_EVENT_TYPES);

type SentEvent = LastingEvent & { type: WebhookEventType };
const isSent = (event: LastingEvent): event is SentEvent => types.has(event.type);

/** The same event of a task for the same endpoint is the same delivery, however often it is told. */
function deliveryIdOf({ taskId }: TaskItem, event: LastingEvent, endpointId: string): string {
  const what = createHash('sha256').update(`${taskId}\n${event.key}\n${endpointId}`).digest();
  return newId('delivery', {
    clock: { now: () => Date.parse(event.at) },
    random: { bytes: (count) => what.subarray(0, count) },
  });
}

/** Whether the task may have one more. A crash may count one twice, and none is left out. */
async function isAdmitted(
  { table, log }: ListenerPorts,
  task: TaskItem,
  event: LastingEvent,
): Promise<boolean> {
  const most = isTerminal(event) ? MAX_DELIVERIES : MAX_PASSING_DELIVERIES;
  const counted = await table.update(
    tableKeys.deliveryCount(task.taskId),
    { add: { count: 1 } },
    { any: [{ absent: 'count' }, { attribute: 'count', is: '<', value: most }] },
  );
  if (counted) return true;
  log.warn('A task has as many deliveries as it may: an event is not sent.', {
    taskId: task.taskId,
    type: event.type,
  });
  return false;
}

/** Notes a delivery and starts it. May be repeated. */
async function deliver(
  ports: ListenerPorts,
  task: TaskItem,
  event: SentEvent,
  endpoint: EndpointItem,
): Promise<void> {
  const { taskId, ownerId } = task;
  const { endpointId } = endpoint;
  const deliveryId = deliveryIdOf(task, event, endpointId);
  const known = await findDelivery(ports, taskId, deliveryId);
  if (known) return startSending(ports, taskId, known);
  if (!(await isAdmitted(ports, task, event))) return;
  const now = ports.clock.now();
  const delivery: DeliveryItem = {
    deliveryId,
    ownerId,
    endpointId,
    type: event.type,
    body: bodyOf({ type: event.type, at: event.at, data: event.payload }),
    ...beginningOf(1, now),
    attempts: [],
    createdAt: now,
  };
  await ports.table.put(tableKeys.delivery(taskId, deliveryId), delivery, { absent: 'pk' });
  await startSending(ports, taskId, delivery);
}

export const webhooks: Listener = {
  async tell(ports, { task, events }) {
    const sent = events.filter(lasts).filter(isSent);
    if (sent.length === 0) return 'told';
    const endpoints = await endpointsOfTask(ports, task);
    try {
      for (const event of sent) {
        const wanted = endpoints.filter(({ events: chosen }) => chosen.includes(event.type));
        await Promise.all(wanted.map((endpoint) => deliver(ports, task, event, endpoint)));
      }
      return 'told';
    } catch (error) {
      // Work on the task goes on, and whoever tells next tries again; after its end nobody would.
      if (sent.some(isTerminal)) throw error;
      ports.log.warn('Events could not be sent to webhooks yet.', { taskId: task.taskId, error });
      return 'left';
    }
  },
};
