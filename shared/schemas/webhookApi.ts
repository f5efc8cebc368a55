/** Requests and views of the webhook routes (docs/api.md, "Webhooks"). */
import * as z from 'zod';
import { DeliveryIdSchema, EndpointIdSchema, TextSchema } from './common.ts';
import { WebhookEventsSchema, WebhookEventTypeSchema } from './webhookEvents.ts';
import { AttemptFaultSchema, DeliveryItemSchema } from './webhookItems.ts';

/** Its length and where it leads are judged by egress/targets.ts, which says what to do. */
export const TargetUrlSchema = z
  .string()
  .meta({ example: 'https://example.org/hooks/sheaf' })
  .describe('An https URL that is reachable from the internet, of at most 2,048 characters.');

/** Body of POST /webhook-endpoints. */
export const CreateEndpointSchema = z.strictObject({
  url: TargetUrlSchema,
  events: WebhookEventsSchema.optional(),
  description: TextSchema.trim().min(1).max(200).optional().describe('For people.'),
});
export type CreateEndpoint = z.infer<typeof CreateEndpointSchema>;

export const AttemptViewSchema = z.object({
  at: z.iso.datetime(),
  milliseconds: z.int().describe('How long it took.'),
  delivered: z.boolean(),
  httpStatus: z.int().nullable().describe('What the server answered; null: nothing.'),
  reason: AttemptFaultSchema.nullable().describe('Why it did not deliver.'),
  detail: z.string().nullable().describe('The same in a sentence.'),
});
export type AttemptView = z.infer<typeof AttemptViewSchema>;

export const EndpointViewSchema = z.object({
  endpointId: EndpointIdSchema,
  url: z.string(),
  events: z.array(WebhookEventTypeSchema),
  description: z.string().nullable(),
  status: z
    .enum(['active', 'gone'])
    .describe('gone: the server answered 410, and nothing more is sent to it.'),
  lastTest: AttemptViewSchema.nullable().describe('What became of the last test.'),
  createdAt: z.iso.datetime(),
});
export type EndpointView = z.infer<typeof EndpointViewSchema>;

/** Answer of POST /webhook-endpoints. */
export const CreatedEndpointSchema = EndpointViewSchema.extend({
  secret: z
    .string()
    .describe('Verifies the signatures (Standard Webhooks). It is told this once; keep it.'),
});

/** Answer of POST /webhook-endpoints/{endpointId}/test. */
export const EndpointTestSchema = z.object({
  deliveryId: DeliveryIdSchema.describe('The webhook-id of the test.'),
});
export type EndpointTest = z.infer<typeof EndpointTestSchema>;

/** One element of GET …/deliveries. */
export const DeliveryViewSchema = z.object({
  deliveryId: DeliveryIdSchema.describe('The webhook-id: the same at every attempt and replay.'),
  endpointId: EndpointIdSchema.nullable().describe("null: the task's own webhookUrl."),
  type: DeliveryItemSchema.shape.type,
  status: DeliveryItemSchema.shape.status.describe('pending: it is sent, or will be again.'),
  detail: z.string().nullable().describe('Why it failed, in a sentence.'),
  attempts: z.array(AttemptViewSchema).describe('The last ones, oldest first.'),
  nextAttemptAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type DeliveryView = z.infer<typeof DeliveryViewSchema>;
