/** Webhooks: endpoints, and what was sent to them. */
import type { webhookRoutes } from '../../../shared/api/webhooks.ts';
import {
  createEndpoint,
  deleteEndpoint,
  listEndpoints,
  testEndpoint,
} from '../../../shared/webhooks/endpoints.ts';
import { secretOf } from '../../../shared/webhooks/signing.ts';
import { listDeliveries, replayDelivery } from '../../../shared/webhooks/taskDeliveries.ts';
import type { Handlers } from '../route.ts';

export const webhookHandlers: Handlers<typeof webhookRoutes> = {
  createWebhookEndpoint: {
    make: (ports, { ownerId, body }, creation) => createEndpoint(ports, ownerId, body, creation),
    fresh: async (ports, _request, { endpointId }) => ({
      secret: await secretOf(ports, endpointId),
    }),
  },
  listWebhookEndpoints: (ports, { ownerId, query }) => listEndpoints(ports, ownerId, query),
  deleteWebhookEndpoint: async (ports, { ownerId, params }) => {
    await deleteEndpoint(ports, ownerId, params.endpointId);
    return { empty: true };
  },
  testWebhookEndpoint: async (ports, { ownerId, params }) => ({
    data: await testEndpoint(ports, ownerId, params.endpointId),
  }),
  listDeliveries: (ports, { ownerId, params, query }) =>
    listDeliveries(ports, ownerId, params.taskId, query),
  replayDelivery: async (ports, { ownerId, params }) => ({
    data: await replayDelivery(ports, ownerId, params.taskId, params.deliveryId),
  }),
};
