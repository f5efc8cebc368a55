/** A stream as a client reads it. */
import * as z from 'zod';
import { issueEventsTicket } from '../../../shared/access/tickets.ts';
import { openEvents } from '../../../shared/eventStream/openEvents.ts';
import type { Ports } from '../../../shared/ports.ts';
import { parseEventStream, type ReceivedEvent } from '../../support/eventStream.ts';
import { OWNER } from '../../support/tasks.ts';

const DataSchema = z.looseObject({
  type: z.string(),
  seq: z.number().optional(),
  payload: z.looseObject({}),
});

export interface OpenedStream {
  /** All that came until it ended. */
  rest(): Promise<ReceivedEvent[]>;
  /** The events of the next piece that has some; undefined at the end. */
  next(): Promise<ReceivedEvent[] | undefined>;
  /** The text of everything that came so far. */
  readonly text: () => string;
  close(): Promise<void>;
}

export interface Opening {
  readonly ownerId?: string;
  readonly taskId?: string;
  readonly lastEventId?: string;
  readonly query?: Record<string, string>;
  readonly streams?: number;
  readonly remainingMs?: number;
}

/** Opens a stream; undefined when there is nothing to come. */
export async function open(
  ports: Ports,
  { ownerId = OWNER, taskId, lastEventId, query = {}, ...limits }: Opening = {},
): Promise<OpenedStream | undefined> {
  const { url } = await issueEventsTicket(ports, ownerId);
  const parameters = new URL(url).searchParams;
  if (taskId !== undefined) parameters.set('taskId', taskId);
  for (const [name, value] of Object.entries(query)) parameters.set(name, value);
  const pieces = await openEvents(
    ports,
    { query: parameters, lastEventId },
    { streams: 5, remainingMs: 120_000, ...limits },
  );
  if (!pieces) return undefined;
  let text = '';
  const next = async () => {
    for (;;) {
      const { value, done } = await pieces.next();
      if (done) return undefined;
      text += value;
      const events = parseEventStream(value);
      if (events.length > 0) return events;
    }
  };
  return {
    next,
    text: () => text,
    async rest() {
      const events: ReceivedEvent[] = [];
      for (let some = await next(); some; some = await next()) events.push(...some);
      return events;
    },
    close: async () => void (await pieces.return()),
  };
}

/** What an event says, once it is held against its framing. */
export function dataOf({ event, id, data }: ReceivedEvent) {
  const parsed = DataSchema.parse(JSON.parse(data));
  if (parsed.type !== event) throw new Error(`An event ${event} says that it is ${parsed.type}.`);
  if (parsed.seq !== undefined && String(parsed.seq) !== id)
    throw new Error(`${id} is not its seq.`);
  return parsed;
}
