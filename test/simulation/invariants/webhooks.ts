/** Deliveries of the events that end a run: each came at least once, and always under its one id. */

/** A delivery as the task tells of it. */
export interface FoundDelivery {
  readonly deliveryId: string;
  readonly type: string;
  readonly status: 'pending' | 'delivered' | 'failed';
}

/** A request that the receiver got. */
export interface ReceivedRequest {
  /** The header webhook-id. */
  readonly id: string;
  /** Of the body. */
  readonly type: string;
  /** Whether the receiver answered that it took it. */
  readonly taken: boolean;
  /** The body, to the byte. */
  readonly body: string;
}

/**
 * Violations among the deliveries of one task and what a receiver got of them.
 * @param ends how many ends were told to listeners, at least
 */
export function webhookViolations(
  deliveries: readonly FoundDelivery[],
  received: readonly ReceivedRequest[],
  ends: number,
  isEnd: (type: string) => boolean,
): string[] {
  const violations: string[] = [];
  const ids = new Set(deliveries.map(({ deliveryId }) => deliveryId));
  if (ids.size < deliveries.length) violations.push('Two deliveries have one id.');
  const told = deliveries.filter(({ type }) => isEnd(type));
  if (told.length < ends) violations.push(`${ends} ends have ${told.length} deliveries.`);
  const bodies = new Map<string, string>();
  for (const { id, body } of received) {
    if (!ids.has(id)) violations.push(`${id} was received, and is no delivery of the task.`);
    if ((bodies.get(id) ?? body) !== body) violations.push(`${id} came with two bodies.`);
    bodies.set(id, body);
  }
  const taken = new Set(received.filter((request) => request.taken).map(({ id }) => id));
  for (const { deliveryId, type, status } of deliveries) {
    if (status === 'delivered' && !taken.has(deliveryId)) {
      violations.push(`${deliveryId} (${type}) is delivered, and the receiver never took it.`);
    }
    if (status !== 'delivered' && isEnd(type)) {
      violations.push(`${deliveryId} (${type}) is ${status} although the receiver takes it.`);
    }
  }
  return violations;
}
