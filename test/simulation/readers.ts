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
  /** It has heard all that there was, after everything had come to rest. */
  readonly isWhole: boolean;
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

/** What a reader follows. */
interface Following {
  readonly taskId: string | undefined;
  /** Where to go on: the id of the last event. */
  readonly lastEventId: string;
  readonly answers: readonly (readonly Heard[])[];
  /** How the last answer began: a browser gives up behind one that is no stream. */
  readonly status: number | undefined;
}

/** Asks once, and reads for a while. */
async function readOnce(
  world: World,
  client: SheafClient,
  { taskId, lastEventId, answers }: Following,
  ms: number,
): Promise<Following> {
  const { eventsUrl } = await client.createTicket();
  // What is left of an event that was cut off is nothing to the next answer.
  const reader = createEventStreamReader(lastEventId);
  const heard: Heard[] = [];
  const status = await readEvents(world, { eventsUrl, taskId, lastEventId }, ms, (text) => {
    heard.push(...reader.take(text).flatMap(({ data }) => heardIn(data)));
  });
  return { taskId, lastEventId: reader.lastEventId, answers: [...answers, heard], status };
}

/** Comes, reads, leaves, and comes again with the last event's id, as a browser does. */
export async function readOnAndOff(
  world: World,
  client: SheafClient,
  { stays }: Reader,
  taskId: string | undefined,
): Promise<HeardByReader & Following> {
  let following: Following = { taskId, lastEventId: '', answers: [], status: undefined };
  for (const { ms, awayMs } of stays) {
    following = await readOnce(world, client, following, ms);
    const { status } = following;
    // Of a task that is gone, and of a table that does not answer.
    if (status !== undefined && status !== 200) break;
    await world.pause(awayMs);
  }
  return { ...following, isOver: following.status === NOTHING_TO_COME, isWhole: false };
}
const NOTHING_TO_COME = 204;

/** Comes once more when everything rests, and hears what is left. */
export async function readTheRest(
  world: World,
  client: SheafClient,
  before: HeardByReader & Following,
): Promise<HeardByReader> {
  if (before.taskId === undefined) return before;
  let following: Following = before;
  for (let asked = 0; asked < 2; asked++) {
    following = await readOnce(world, client, following, REST_MS);
    if (following.status !== 200) break;
  }
  const isOver = following.status === NOTHING_TO_COME;
  return {
    ...following,
    isOver: isOver || before.isOver,
    isWhole: isOver || following.status === 200,
  };
}
/** A stream looks at once when it is opened. */
const REST_MS = 3_000;
