/** Endpoints of owners: what is sent to them, and that nothing is once they are deleted, or gone. */
import type { FoundDelivery, ReceivedRequest } from './webhooks.ts';

/** An endpoint as its owner knows it, and what came to its server. */
export interface FoundEndpoint {
  readonly endpointId: string;
  /** Of all tasks that are there, those for this endpoint. */
  readonly deliveries: readonly FoundDelivery[];
  /** @see ReceivedRequest, with the moment at which the process began that sent it */
  readonly received: readonly (ReceivedRequest & { readonly startedAt: number })[];
  /** When it was deleted, or its 410 was noted: who begins later sends nothing to it. */
  readonly closedAt: number | undefined;
  /** Tasks that ended while it was there, by id. */
  readonly endedTasks: readonly string[];
  /** Ids of those for whose end there is a delivery to it. */
  readonly toldTasks: ReadonlySet<string>;
}

export function endpointViolations(endpoint: FoundEndpoint): string[] {
  const { endpointId, deliveries, received, closedAt, endedTasks, toldTasks } = endpoint;
  const violations: string[] = [];
  const late = received.filter(({ startedAt }) => closedAt !== undefined && startedAt > closedAt);
  if (late.length > 0) violations.push(`${late.length} messages were sent after it was closed.`);
  const taken = new Set(received.filter((request) => request.taken).map(({ id }) => id));
  for (const { deliveryId, status } of deliveries) {
    if (status === 'pending') violations.push(`${deliveryId} stays pending.`);
    if (status === 'delivered' && !taken.has(deliveryId)) {
      violations.push(`${deliveryId} is delivered, and its server never took it.`);
    }
    if (status === 'failed' && closedAt === undefined) {
      violations.push(`${deliveryId} failed although its server takes it.`);
    }
  }
  if (closedAt === undefined) {
    const untold = endedTasks.filter((taskId) => !toldTasks.has(taskId));
    violations.push(...untold.map((taskId) => `It was not told of the end of ${taskId}.`));
  }
  return violations.map((sentence) => `Endpoint ${endpointId}: ${sentence}`);
}
