/** Endpoints and deliveries as clients see them. */
import { DELIVERY_SECONDS } from '../limits.ts';
import type { AttemptView, DeliveryView, EndpointView } from '../schemas/webhookApi.ts';
import { EndpointIdSchema } from '../schemas/common.ts';
import {
  ATTEMPT_FAULTS,
  type AttemptItem,
  type DeliveryItem,
  type EndpointItem,
} from '../schemas/webhookItems.ts';

const iso = (ms: number) => new Date(ms).toISOString();

const attemptView = ({ at, ms, status, fault }: AttemptItem): AttemptView => ({
  at: iso(at),
  milliseconds: ms,
  delivered: fault === undefined,
  httpStatus: status ?? null,
  reason: fault ?? null,
  detail: fault === undefined ? null : ATTEMPT_FAULTS[fault],
});

export const endpointView = (endpoint: EndpointItem): EndpointView => ({
  endpointId: endpoint.endpointId,
  url: endpoint.url,
  events: endpoint.events,
  description: endpoint.description ?? null,
  status: endpoint.goneAt === undefined ? 'active' : 'gone',
  lastTest: endpoint.lastTest ? attemptView(endpoint.lastTest) : null,
  createdAt: iso(endpoint.createdAt),
});

const ABANDONED = {
  endpoint_deleted: 'The endpoint was deleted before it was delivered.',
  endpoint_gone: 'The server answered 410, and gets nothing more.',
} as const;

const HOURS = DELIVERY_SECONDS / 3600;

function failureOf({ status, abandoned }: DeliveryItem): string | null {
  if (status !== 'failed') return null;
  if (abandoned) return ABANDONED[abandoned];
  return `No attempt within ${HOURS} hours delivered it. Replay it once the server takes it.`;
}

export const deliveryView = (delivery: DeliveryItem): DeliveryView => ({
  deliveryId: delivery.deliveryId,
  endpointId: EndpointIdSchema.safeParse(delivery.endpointId).data ?? null,
  type: delivery.type,
  status: delivery.status,
  detail: failureOf(delivery),
  attempts: delivery.attempts.map(attemptView),
  nextAttemptAt: delivery.nextAttemptAt === undefined ? null : iso(delivery.nextAttemptAt),
  createdAt: iso(delivery.createdAt),
});
