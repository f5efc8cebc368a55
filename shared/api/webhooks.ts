/** Webhooks: where events are sent to, and what became of them. */
import { PageQuerySchema } from '../schemas/common.ts';
import {
  CreatedEndpointSchema,
  CreateEndpointSchema,
  DeliveryViewSchema,
  EndpointTestSchema,
  EndpointViewSchema,
} from '../schemas/webhookApi.ts';
import { deliveryParams, endpointParams, taskParams } from './params.ts';
import { taskPaths } from './paths.ts';
import { defineRoutes } from './route.ts';

const tag = 'Webhooks';

export const webhookRoutes = defineRoutes({
  createWebhookEndpoint: {
    method: 'POST',
    path: '/webhook-endpoints',
    tag,
    summary: 'Have the events of all your tasks sent to a URL',
    description:
      'Messages are signed as Standard Webhooks says; `secret` verifies them, and is told this once. An event that is not taken is sent again, with growing pauses, for 24 hours.',
    creates: { kind: 'endpoint', fresh: ['secret'] },
    body: { name: 'CreateWebhookEndpoint', schema: CreateEndpointSchema },
    answers: [
      {
        kind: 'data',
        status: 201,
        name: 'CreatedWebhookEndpoint',
        schema: CreatedEndpointSchema,
      },
    ],
    problems: ['LIMIT_EXCEEDED'],
  },
  listWebhookEndpoints: {
    method: 'GET',
    path: '/webhook-endpoints',
    tag,
    summary: 'List your webhook endpoints, newest first',
    query: PageQuerySchema,
    answers: [{ kind: 'page', name: 'WebhookEndpoint', schema: EndpointViewSchema }],
    problems: [],
  },
  deleteWebhookEndpoint: {
    method: 'DELETE',
    path: '/webhook-endpoints/{endpointId}',
    tag,
    summary: 'Send nothing more to an endpoint',
    params: endpointParams,
    answers: [{ kind: 'empty' }],
    problems: [],
  },
  testWebhookEndpoint: {
    method: 'POST',
    path: '/webhook-endpoints/{endpointId}/test',
    tag,
    summary: 'Send a message of the type webhook_test to an endpoint, once',
    description: '`lastTest` of the endpoint says what became of it.',
    // One too many is a test that was made twice.
    repeatable: true,
    params: endpointParams,
    answers: [
      { kind: 'data', status: 202, name: 'WebhookEndpointTest', schema: EndpointTestSchema },
    ],
    problems: ['INVALID_STATE'],
  },
  listDeliveries: {
    method: 'GET',
    path: taskPaths.deliveries,
    tag,
    summary: 'List what was sent of a task, or is to be, newest first',
    params: taskParams,
    query: PageQuerySchema,
    answers: [{ kind: 'page', name: 'Delivery', schema: DeliveryViewSchema }],
    problems: [],
  },
  replayDelivery: {
    method: 'POST',
    path: `${taskPaths.deliveries}/{deliveryId}/replay`,
    tag,
    summary: 'Send a delivery anew, at once and under the same id',
    // It bears the same id: whoever got it already knows.
    repeatable: true,
    params: deliveryParams,
    answers: [{ kind: 'data', status: 202, name: 'Delivery', schema: DeliveryViewSchema }],
    problems: ['INVALID_STATE'],
  },
});
