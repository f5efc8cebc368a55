/** Opening a stream of server-sent events: whose it is, of what, and from where on. */
import * as z from 'zod';
import { findTicketOwner } from '../access/tickets.ts';
import { MAX_SNAPSHOT_TASKS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import { TaskIdSchema } from '../schemas/common.ts';
import type { Snapshot } from '../schemas/stream.ts';
import { activeTasks } from '../tasks/readTasks.ts';
import { loadOwnedTask, taskNotFound, taskStore } from '../tasks/taskStore.ts';
import { frameText } from './frames.ts';
import { enterStream } from './openStreams.ts';
import { createOwnerReader, idOf, newestTasks } from './ownerReader.ts';
import { paceOfOwner, paceOfTask, serve, type Served } from './serve.ts';
import { createTaskReader, hasEnded, snapshotToFollow } from './taskReader.ts';

export type EventStreamPorts = Pick<Ports, 'table' | 'clock' | 'random' | 'log'>;

export interface EventsRequest {
  readonly query: URLSearchParams;
  /** The header Last-Event-ID. */
  readonly lastEventId: string | undefined;
}

export interface EventsLimits {
  /** How many streams there may be at a time. */
  readonly streams: number;
  /** How long this one may last, in ms. */
  readonly remainingMs: number;
}

const PARAMETERS: readonly string[] = ['ticket', 'taskId', 'lastEventId'];

/**
 * The stream's text, piece by piece; undefined when there is nothing to come any more, so that the client
 * need not ask again.
 * @throws Problem UNAUTHORIZED, VALIDATION_ERROR, TASK_NOT_FOUND, UNAVAILABLE
 */
export async function openEvents(
  ports: EventStreamPorts,
  request: EventsRequest,
  limits: EventsLimits,
): Promise<AsyncGenerator<string, void, undefined> | undefined> {
  const { query } = request;
  const ownerId = await requireOwner(ports, query);
  refuseUnknown(query);
  const taskId = query.get('taskId');
  const served = taskId === null ? 'owner' : await openTask(ports, ownerId, taskId, request);
  if (served === 'over') return undefined;
  const leave = await enterStream(ports, limits.streams);
  try {
    const opened = served === 'owner' ? await openOwner(ports, ownerId) : served;
    return serve(ports, opened, { remainingMs: limits.remainingMs, leave });
  } catch (error) {
    await leave();
    throw error;
  }
}

async function requireOwner(ports: EventStreamPorts, query: URLSearchParams): Promise<string> {
  const ownerId = await findTicketOwner(ports, query.get('ticket') ?? undefined);
  if (ownerId !== undefined) return ownerId;
  throw new Problem(
    'UNAUTHORIZED',
    'The address has no ticket that is good. Get a new eventsUrl by POST /stream/tickets.',
  );
}

function refuseUnknown(query: URLSearchParams): void {
  const names = [...new Set(query.keys())];
  const errors = names.flatMap((name) => {
    const pointer = `/${name}`;
    if (!PARAMETERS.includes(name)) {
      return { pointer, detail: `There is no such parameter. There are ${PARAMETERS.join(', ')}.` };
    }
    return query.getAll(name).length > 1 ? { pointer, detail: 'Give it only once.' } : [];
  });
  const [first] = errors;
  if (!first) return;
  const detail = `The query is not valid. ${first.pointer}: ${first.detail}`;
  throw new Problem('VALIDATION_ERROR', detail, { errors });
}

/** One task: from the last event that the client has, or from a snapshot. */
async function openTask(
  ports: EventStreamPorts,
  ownerId: string,
  taskId: string,
  { query, lastEventId }: EventsRequest,
): Promise<Served | 'over'> {
  if (!TaskIdSchema.safeParse(taskId).success) throw taskNotFound(taskId);
  const task = await loadOwnedTask(ports, ownerId, taskId);
  // A browser that comes again has the newest in the header, and the first one in the address still.
  const last = seqOf(lastEventId) ?? seqOf(query.get('lastEventId') ?? undefined);
  // A number that no event of this task has yet is that of something else.
  if (last !== undefined && last <= task.seq) {
    if (hasEnded(task, last)) return 'over';
    return { first: '', pace: paceOfTask, reader: createTaskReader(ports, taskId, last) };
  }
  const snapshot = snapshotToFollow(task);
  return {
    first: snapshotText(ports, taskId, [snapshot], snapshot.seq),
    pace: paceOfTask,
    reader: createTaskReader(ports, taskId, snapshot.seq),
  };
}

/** All tasks of the owner: always from a snapshot of those that have not ended. */
async function openOwner(ports: EventStreamPorts, ownerId: string): Promise<Served> {
  const newest = await newestTasks(ports, ownerId);
  const known = new Map<string, number | undefined>();
  for await (const { pk } of taskStore.entries(ports, ownerId, 'activeByOwner')) {
    known.set(idOf(pk), undefined);
  }
  const tasks = await activeTasks(ports, ownerId, MAX_SNAPSHOT_TASKS);
  const snapshots = tasks.map(snapshotToFollow);
  for (const { taskId, seq } of snapshots) known.set(taskId, seq);
  const older = newest.filter((taskId) => !known.has(taskId));
  const reader = createOwnerReader(ports, ownerId, known, older);
  return { first: snapshotText(ports, null, snapshots), pace: paceOfOwner(reader), reader };
}

const SeqSchema = z
  .string()
  .regex(/^\d{1,12}$/)
  .transform(Number);

const seqOf = (text: string | undefined): number | undefined => SeqSchema.safeParse(text).data;

/** The first event, in the form of the others. @param seq the number that a client goes on from */
function snapshotText(
  { clock }: Pick<Ports, 'clock'>,
  taskId: string | null,
  tasks: readonly Snapshot[],
  seq?: number,
): string {
  const at = new Date(clock.now()).toISOString();
  const numbered = seq === undefined ? {} : { seq };
  const data = { type: 'snapshot', ...numbered, at, payload: { taskId, tasks } };
  return frameText({
    event: 'snapshot',
    data: JSON.stringify(data),
    ...(seq !== undefined && { id: seq }),
  });
}
