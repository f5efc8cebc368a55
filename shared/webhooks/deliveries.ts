/**
 * Deliveries: an event on its way to an endpoint. Each is an item, written before it is sent, and one
 * execution of the delivery workflow for each of its sendings.
 */
import { executionNames, tableKeys } from '../keys.ts';
import type { Ports, Workflow } from '../ports.ts';
import type { Sending } from '../schemas/workflow.ts';
import { DeliveryItemSchema, type DeliveryItem } from '../schemas/webhookItems.ts';

/** What is needed to begin one. */
export interface DeliveryPorts extends Pick<Ports, 'table' | 'clock' | 'log'> {
  readonly workflow: Pick<Workflow<'delivery'>, 'start'>;
}

/** What an event is sent as (Standard Webhooks, "Payload structure"). */
export const bodyOf = ({ type, at, data }: { type: string; at: string; data: unknown }): string =>
  JSON.stringify({ type, timestamp: at, data });

/** @param of the task, or the endpoint that is tested */
export async function findDelivery(
  { table }: Pick<Ports, 'table'>,
  of: string,
  deliveryId: string,
): Promise<DeliveryItem | undefined> {
  const item = await table.get(tableKeys.delivery(of, deliveryId));
  return item && DeliveryItemSchema.parse(item);
}

/** What a new sending begins with. */
export const beginningOf = (sending: number, now: number) => ({
  status: 'pending' as const,
  sending,
  sendingSince: now,
  tries: 0,
});

/**
 * Starts the execution of the present sending, unless an attempt shows that it runs. Its name makes a repeat
 * harmless.
 */
export async function startSending(
  { workflow }: Pick<DeliveryPorts, 'workflow'>,
  of: string,
  { deliveryId, sending, status, tries }: DeliveryItem,
): Promise<void> {
  if (status !== 'pending' || tries > 0) return;
  const input: Sending = { of, deliveryId, sending };
  await workflow.start('delivery', executionNames.delivery(deliveryId, sending), input);
}
