/** The webhook that a task may have of its own, named in the body that creates it. */
import { readTarget } from '../egress/targets.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { CreateTask } from '../schemas/taskApi.ts';
import { ENDING_EVENT_TYPES } from '../schemas/webhookEvents.ts';
import { addEndpoint } from './endpointStore.ts';

/**
 * A URL that events may be sent to, as it is stored.
 * @param pointer where it stands in the body
 * @throws Problem VALIDATION_ERROR, which says what is wrong and what to do
 */
export function requireTarget(
  { egress }: Pick<Ports, 'egress'>,
  url: string,
  pointer: string,
): string {
  const target = readTarget(url, egress);
  if ('url' in target) return target.url.href;
  throw new Problem('VALIDATION_ERROR', target.fault, {
    errors: [{ pointer, detail: target.fault }],
  });
}

/** What a body asks for: where to, and which events. */
export interface WantedWebhook {
  readonly url: string;
  readonly webhookEvents: CreateTask['webhookEvents'];
}

/**
 * Keeps a task's webhook, beside the task; it goes with it. May be repeated. Nothing is kept whose secret
 * cannot be told.
 */
export async function keepTaskWebhook(
  ports: Pick<Ports, 'table' | 'secrets'>,
  task: TaskItem,
  { url, webhookEvents: events = [...ENDING_EVENT_TYPES] }: WantedWebhook,
): Promise<void> {
  const { taskId, ownerId, createdAt } = task;
  await ports.secrets.webhookMaster();
  await addEndpoint(ports, { endpointId: taskId, ownerId, url, events, createdAt });
}
