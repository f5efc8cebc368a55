/** What tests of webhooks share: endpoints, events, and the delivery workflow without Step Functions. */
import { newCreation } from '../../../shared/creation.ts';
import { createEndpoint } from '../../../shared/webhooks/endpoints.ts';
import { secretOf } from '../../../shared/webhooks/signing.ts';
import { sendWebhook } from '../../../shared/webhooks/sendWebhook.ts';
import { SendingSchema, type Sending } from '../../../shared/schemas/workflow.ts';
import { DeliveryItemSchema, type DeliveryItem } from '../../../shared/schemas/webhookItems.ts';
import type { CreateEndpoint, EndpointView } from '../../../shared/schemas/webhookApi.ts';
import type { MemoryPorts } from '../../support/memoryPorts.ts';
import { OWNER } from '../../support/tasks.ts';

export const HOOK = 'https://example.org/hooks';

/** Makes an endpoint as its route does, with its secret. */
export async function givenEndpoint(
  ports: MemoryPorts,
  body: Partial<CreateEndpoint> = {},
  ownerId = OWNER,
): Promise<EndpointView & { secret: string }> {
  const creation = newCreation('endpoint', ports);
  const endpoint = await createEndpoint(ports, ownerId, { url: HOOK, ...body }, creation);
  return { ...endpoint, secret: await secretOf(ports, endpoint.endpointId) };
}

/** All deliveries in the table, of tests as well. */
export const deliveries = ({ table }: MemoryPorts): DeliveryItem[] =>
  table
    .items()
    .filter(({ sk }) => String(sk).startsWith('DELIVERY#'))
    .map((item) => DeliveryItemSchema.parse(item));

/** The executions of the delivery workflow that were started, each once. */
export function sendings({ workflow }: MemoryPorts): Sending[] {
  const started = workflow.starts.filter((start) => start.workflow === 'delivery');
  const byName = new Map(started.map(({ executionName, input }) => [executionName, input]));
  return [...byName.values()].map((input) => SendingSchema.parse(input));
}

/** Runs one execution to its end, as the state machine does; the pauses, in seconds. */
export async function runSending(ports: MemoryPorts, sending: Sending): Promise<number[]> {
  const pauses: number[] = [];
  for (;;) {
    const { again, pauseSeconds } = await sendWebhook(ports, sending);
    if (!again) return pauses;
    pauses.push(pauseSeconds);
    ports.clock.advance(pauseSeconds * 1000);
  }
}

/** Runs every execution that was started. */
export async function runAll(ports: MemoryPorts): Promise<void> {
  for (const sending of sendings(ports)) await runSending(ports, sending);
}
