/** The durable list of a task's events: one item for each that lasts, in the order of their seq. */
import { sortPrefixes, tableKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import type { Page, PageQuery } from '../schemas/common.ts';
import { EventItemSchema, type LastingEvent, type LogEntry } from '../schemas/events.ts';
import type { TaskItem } from '../schemas/items.ts';
import { loadOwnedTask } from '../tasks/taskStore.ts';
import * as z from 'zod';
import { lasts, type Listener, type ListenerPorts } from './listener.ts';
import { messageOf } from './messages.ts';

const OnceItemSchema = z.object({ seq: z.int() });

/**
 * The seq under which an event is in the list. A failed shard is owed again when the step that recorded it
 * broke down, perhaps after it was told, or numbered: the first number of its key stands.
 */
async function seqInList(
  { table }: ListenerPorts,
  task: TaskItem,
  event: LastingEvent,
): Promise<number> {
  if (event.type !== 'shard_failed') return event.seq;
  const key = tableKeys.eventOnce(task.taskId, event.key);
  if (await table.put(key, { seq: event.seq }, { absent: 'pk' })) return event.seq;
  return OnceItemSchema.parse(await table.get(key)).seq;
}

/** Writes an event under its number, unless it is there. */
export async function writeEvent(
  { table }: Pick<Ports, 'table'>,
  task: TaskItem,
  event: LastingEvent,
): Promise<void> {
  await table.put(tableKeys.event(task.taskId, event.seq), { ...event }, { absent: 'pk' });
}

/** Writes each event once; a repeat finds it written. */
export const eventLog: Listener = {
  async tell(ports, { task, events }) {
    await Promise.all(
      events.filter(lasts).map(async (event) => {
        const seq = await seqInList(ports, task, event);
        await writeEvent(ports, task, { ...event, seq });
      }),
    );
    return 'told';
  },
};

/** What happened to a task, oldest first. @throws Problem TASK_NOT_FOUND */
export async function readLog(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  taskId: string,
  { limit, cursor }: PageQuery,
): Promise<Page<LogEntry>> {
  await loadOwnedTask(ports, ownerId, taskId);
  const page = await ports.table.query({
    partition: tableKeys.task(taskId).pk,
    prefix: sortPrefixes.events,
    limit,
    ...(cursor === undefined ? {} : { after: cursor }),
  });
  const data = page.items.map((item): LogEntry => {
    const event = EventItemSchema.parse(item);
    const { at, seq, type, payload, by } = event;
    const message = messageOf(event);
    return { at, seq, type, message, payload: { ...payload }, ...(by !== undefined && { by }) };
  });
  return { data, nextCursor: page.next ?? null };
}
