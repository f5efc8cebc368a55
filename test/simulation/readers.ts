/** Those who read server-sent events: what they heard over all answers, and how the last one began. */
import * as z from 'zod';
import type { SheafClient } from '../../client/client.ts';
import { ServerMessageSchema, SnapshotSchema } from '../../shared/schemas/stream.ts';
import { createEventStreamReader } from '../support/eventStream.ts';
import type { Heard } from './invariants/stream.ts';
import { readEvents } from './people.ts';
import type { Reader } from './scenario.ts';
import type { World } from './world/world.ts';

export interface HeardByReader {
  readonly taskId: string | undefined;
  /** What each answer told. */
  readonly answers: readonly (readonly Heard[])[];
  /** The last answer said that there is nothing to come any more. */
  readonly isOver: boolean;
}

const FirstSchema = z.object({
  type: z.literal('snapshot'),
  payload: z.object({ tasks: z.array(SnapshotSchema) }),
});

function heardIn(data: string): Heard[] {
  const message: unknown = JSON.parse(data);
  const first = FirstSchema.safeParse(message);
  if (first.success) return [{ type: 'snapshot', tasks: first.data.payload.tasks }];
  const event = ServerMessageSchema.parse(message);
  return 'seq' in event ? [event] : [];
}

/** Comes, reads, leaves, and comes again with the last event's id, as a browser does. */
export async function readOnAndOff(
  world: World,
  client: SheafClient,
  { stays }: Reader,
  taskId: string | undefined,
): Promise<HeardByReader> {
  const { eventsUrl } = await client.createTicket();
  const answers: Heard[][] = [];
  let lastEventId = '';
  for (const { ms, awayMs } of stays) {
    // What is left of an event that was cut off is nothing to the next answer.
    const reader = createEventStreamReader(lastEventId);
    const heard: Heard[] = [];
    answers.push(heard);
    const status = await readEvents(world, { eventsUrl, taskId, lastEventId }, ms, (text) => {
      heard.push(...reader.take(text).flatMap(({ data }) => heardIn(data)));
    });
    ({ lastEventId } = reader);
    if (status === NOTHING_TO_COME) return { taskId, answers, isOver: true };
    // Of a task that is gone, and of a table that does not answer: a browser would give up.
    if (status !== undefined && status !== 200) break;
    await world.pause(awayMs);
  }
  return { taskId, answers, isOver: false };
}
const NOTHING_TO_COME = 204;
