/** What may be sent to webhooks: the stream's events that last. Progress and single failures pass by. */
import * as z from 'zod';
import { OwedEventSchema, type LastingEvent } from './events.ts';
import { ENDING_PAYLOADS, TASK_EVENT_TYPES, type TaskEvent } from './stream.ts';

export type WebhookEventType = TaskEvent['type'] & LastingEvent['type'];

const lasting: ReadonlySet<string> = new Set(
  OwedEventSchema.options.map(({ shape }) => shape.type.value),
);
const isLasting = (type: TaskEvent['type']): type is WebhookEventType => lasting.has(type);

export const WEBHOOK_EVENT_TYPES: readonly WebhookEventType[] = TASK_EVENT_TYPES.filter(isLasting);

/** The ends of a task: sent unless others are chosen. */
export const ENDING_EVENT_TYPES = Object.keys(ENDING_PAYLOADS) as (keyof typeof ENDING_PAYLOADS)[];

const [first, ...others] = WEBHOOK_EVENT_TYPES;
if (first === undefined) throw new Error('Some events last.');

export const WebhookEventTypeSchema = z.enum([first, ...others], {
  error: `Must be one of ${WEBHOOK_EVENT_TYPES.join(', ')}. What passes by, such as task_progress, is told over the WebSocket only.`,
});

/** Which events are sent; each counts once. */
export const WebhookEventsSchema = z
  .array(WebhookEventTypeSchema)
  .min(1)
  .max(WEBHOOK_EVENT_TYPES.length)
  .transform((types) => [...new Set(types)])
  .describe(
    `Which events are sent. Default: those that end a task, ${ENDING_EVENT_TYPES.join(', ')}.`,
  );
