/** Items of webhooks in the table: where events are sent to, and what became of them. */
import * as z from 'zod';
import { DeliveryIdSchema, EndpointIdSchema, TaskIdSchema } from './common.ts';
import { WebhookEventTypeSchema } from './webhookEvents.ts';

const epochMs = z.int().min(0);
const epochSeconds = z.int().min(0);

/** Why an attempt did not deliver. */
export const ATTEMPT_FAULTS = {
  status: 'The server answered with another status than 2xx.',
  redirect:
    'The server answered with a redirect, which is not followed. Give the URL that it leads to.',
  gone: 'The server answered 410: nothing more is sent to this URL.',
  not_allowed:
    'The host leads to an address that is not on the internet, or the URL is none that is taken.',
  unresolved: 'The name of the host leads to no address.',
  unreachable: 'The server takes no connection.',
  insecure: 'The certificate of the server is not valid for its name, or it speaks no TLS.',
  timeout: 'The server did not answer in time.',
  broken: 'The connection ended before the answer was there.',
} as const;
export const AttemptFaultSchema = z.enum(
  Object.keys(ATTEMPT_FAULTS) as [keyof typeof ATTEMPT_FAULTS, ...(keyof typeof ATTEMPT_FAULTS)[]],
);
export type AttemptFault = z.infer<typeof AttemptFaultSchema>;

/** One try to deliver; of what the server answered, the status alone. */
export const AttemptItemSchema = z.object({
  at: epochMs,
  /** How long it took, in ms. */
  ms: z.int().min(0),
  status: z.int().optional(),
  /** Absent: it was delivered. */
  fault: AttemptFaultSchema.optional(),
});
export type AttemptItem = z.infer<typeof AttemptItemSchema>;

/**
 * OWNER#id / ENDPOINT#id, and TASK#id / WEBHOOK, whose id is the task's. Its secret is derived from its id
 * (webhooks/signing.ts), and kept nowhere.
 */
export const EndpointItemSchema = z.object({
  endpointId: z.union([EndpointIdSchema, TaskIdSchema]),
  ownerId: z.string(),
  url: z.string(),
  events: z.array(WebhookEventTypeSchema),
  description: z.string().optional(),
  /** When it answered 410: since then nothing is sent to it. */
  goneAt: epochMs.optional(),
  /** What became of the last test. */
  lastTest: AttemptItemSchema.optional(),
  createdAt: epochMs,
});
export type EndpointItem = z.infer<typeof EndpointItemSchema>;

/** TASK#id / DELIVERY#id, and ENDPOINT#id / DELIVERY#id of a test. */
export const DeliveryItemSchema = z.object({
  deliveryId: DeliveryIdSchema,
  ownerId: z.string(),
  /** That of the endpoint; of a task's own webhook, the task's. */
  endpointId: z.union([EndpointIdSchema, TaskIdSchema]),
  type: z.union([WebhookEventTypeSchema, z.literal('webhook_test')]),
  /** What is sent, to the byte, at every attempt. It holds no value of a row. */
  body: z.string(),
  status: z.enum(['pending', 'delivered', 'failed']),
  /** Counts how often it was begun to be sent, from 1: replaying begins anew. */
  sending: z.int().min(1),
  sendingSince: epochMs,
  /** Attempts of this sending, over all: `attempts` keeps the last ones of all sendings. */
  tries: z.int().min(0),
  attempts: z.array(AttemptItemSchema),
  /** When the next attempt is due. */
  nextAttemptAt: epochMs.optional(),
  /** Why it failed, where it was not by its attempts. */
  abandoned: z.enum(['endpoint_deleted', 'endpoint_gone']).optional(),
  createdAt: epochMs,
  /** Of a test; a task's goes with the task. */
  expiresAt: epochSeconds.optional(),
});
export type DeliveryItem = z.infer<typeof DeliveryItemSchema>;
