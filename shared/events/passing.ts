/**
 * The listener that keeps documents that failed for whoever looks at the task a moment later
 * (eventStream/): they are nowhere in its item. One write a push, of those that tell of some.
 */
import { everyItem } from '../everyItem.ts';
import { sortPrefixes, tableKeys } from '../keys.ts';
import { PASSING_EVENT_SECONDS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { DocumentFailedSchema } from '../schemas/stream.ts';
import * as z from 'zod';
import type { Listener, NumberedEvent } from './listener.ts';

const PassingItemSchema = z.object({ events: z.array(DocumentFailedSchema) });
type DocumentFailed = z.infer<typeof DocumentFailedSchema>;

const isFailure = (event: NumberedEvent): event is DocumentFailed =>
  event.type === 'document_failed';

export const passingEvents: Listener = {
  async tell({ table, clock }, { task, events }) {
    const failed = events.filter(isFailure);
    const [first] = failed;
    if (first) {
      const expiresAt = Math.floor(clock.now() / 1000) + PASSING_EVENT_SECONDS;
      await table.put(tableKeys.passing(task.taskId, first.seq), { events: failed, expiresAt });
    }
    return 'told';
  },
};

/** Those with these numbers, as far as they are there. */
export async function readPassing(
  ports: Pick<Ports, 'table'>,
  taskId: string,
  first: number,
  last: number,
): Promise<DocumentFailed[]> {
  const { pk, sk: from } = tableKeys.passing(taskId, first);
  const { sk: to } = tableKeys.passing(taskId, last);
  const found: DocumentFailed[] = [];
  if (first > last) return found;
  for await (const item of everyItem(ports, {
    partition: pk,
    prefix: sortPrefixes.passing,
    from,
    to,
  })) {
    found.push(...PassingItemSchema.parse(item).events);
  }
  return found.filter(({ seq }) => seq <= last);
}
