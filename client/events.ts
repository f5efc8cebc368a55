/**
 * The events of one task, or of all tasks of an owner, through lost connections. Whatever was missed
 * is in the snapshot that begins each connection, and no event comes twice: `seq` rises by task.
 */
import { PROBLEMS, type ProblemCode } from '../shared/problems.ts';
import type { Snapshot, TaskEvent } from '../shared/schemas/stream.ts';
import { isFinal } from '../shared/tasks/lifeCycle.ts';
import type { ClientClock } from './clock.ts';
import { ApiError } from './errors.ts';
import type { Connection } from './socket.ts';
import {
  FIRST_SILENCE_MS,
  FIRST_WAIT_MS,
  LONGEST_SILENCE_MS,
  LONGEST_WAIT_MS,
  MAX_MUTE,
  REPLY_TIMEOUT_MS,
} from './timing.ts';

/** Where tasks are now: comes first, and after every reconnect. */
export interface SnapshotEvent {
  readonly type: 'snapshot';
  /**
   * The task; or all tasks that have not ended, and those that ended while nobody listened, which no
   * further event tells of.
   */
  readonly tasks: readonly Snapshot[];
}
export type StreamEvent = SnapshotEvent | TaskEvent;

export interface EventsOptions {
  /** Without it: all tasks of the owner, without an end. */
  readonly taskId?: string | undefined;
  /** An address with a fresh ticket, such as came with the task. */
  readonly websocketUrl?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told whenever the way changes that events come by. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
}

/** How events come. */
export type Transport = 'socket' | 'stream' | 'polling';

/** What is known of the way that events come by, for people who watch. */
export interface ConnectionState {
  readonly transport: Transport;
  /** Whether it brings what happens; otherwise it is being opened, for the first time or again. */
  readonly isOpen: boolean;
}

/** What events are made from. */
export interface EventSource {
  readonly clock: ClientClock;
  readonly random: () => number;
  /** The kinds that there are, the best first: the next is taken where one brings nothing. */
  readonly transports: readonly Transport[];
  /**
   * @param address that came with a task, for the first kind
   * @throws ApiError, ConnectionFailed
   */
  connect(transport: Transport, address: string | undefined): Promise<Connection>;
  /** Where a task is; undefined when there is none (any more). */
  progress(taskId: string): Promise<Snapshot | undefined>;
}

const ENDS: ReadonlySet<string> = new Set(['task_completed', 'task_failed', 'task_cancelled']);

/** Connections to be told of an end that the snapshot shows; then the snapshot was the last word. */
const MAX_UNTOLD = 2;

/**
 * Snapshots and events, in order, each event once. Those of one task end with its terminal event.
 * @throws ApiError, ConnectionFailed when no ticket is to be had; the signal's reason
 */
export async function* followEvents(
  source: EventSource,
  { taskId, websocketUrl, signal, onConnection }: EventsOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  const memory = createMemory();
  const choice = createChoice(source.transports);
  let url = websocketUrl;
  let untold = 0;
  for (let losses = 0; ; losses++) {
    const { transport } = choice;
    onConnection?.({ transport, isOpen: false });
    const connection = await source.connect(transport, url);
    url = undefined;
    let isMute = true;
    let wasSilent = false;
    const heard: Connection = {
      ...connection,
      async next(timeoutMs) {
        const message = await connection.next(timeoutMs);
        wasSilent = message === 'silence';
        return message;
      },
    };
    try {
      for await (const item of listen(source, transport, heard, memory, taskId)) {
        if (item === 'untold') {
          if (++untold === MAX_UNTOLD) return;
          break;
        }
        if (isMute) onConnection?.({ transport, isOpen: true });
        isMute = false;
        losses = 0;
        yield item;
        if (taskId !== undefined && ENDS.has(item.type)) return;
      }
    } finally {
      connection.close();
    }
    choice.ended(isMute, wasSilent);
    const bound = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(losses, 10));
    await source.clock.sleep(source.random() * bound, signal);
  }
}

/** Which kind of connection is taken: the best that brings anything. */
function createChoice(transports: readonly Transport[]) {
  let level = 0;
  let mute = 0;
  const isLast = () => level === transports.length - 1;
  return {
    get transport(): Transport {
      return transports[level] ?? 'polling';
    },
    /** Notes what became of a connection. @param wasSilent whether it was there, and brought nothing */
    ended(isMute: boolean, wasSilent: boolean) {
      if (!isMute) {
        mute = 0;
        // The last kind ends so that the others are tried again, each once.
        if (isLast() && level > 0) {
          level = 0;
          mute = MAX_MUTE - 1;
        }
        return;
      }
      mute += wasSilent ? 2 : 1;
      if (mute < MAX_MUTE || isLast()) return;
      level++;
      mute = isLast() ? 0 : MAX_MUTE / 2;
    },
  };
}

/** One connection's life; ends when it is lost. `untold`: the task has ended, but no event said so. */
async function* listen(
  source: EventSource,
  transport: Transport,
  connection: Connection,
  memory: Memory,
  taskId: string | undefined,
): AsyncGenerator<StreamEvent | 'untold', void, undefined> {
  let silenceMs = FIRST_SILENCE_MS;
  /** An answer is due: to the subscription, or about an end. */
  let isDue = true;
  let hasEnded = false;
  for (;;) {
    const message = await connection.next(isDue ? REPLY_TIMEOUT_MS : silenceMs);
    if (message === 'lost') return;
    if (message === 'silence') {
      if (hasEnded) yield 'untold';
      if (isDue) return;
      // A stream is told everything, and a comment keeps it open: in its silence nothing happens.
      if (transport === 'stream') continue;
      // Asked anew, the state comes as it is: an event may be lost, the state never is.
      connection.say(subscription(taskId));
      isDue = true;
      silenceMs = Math.min(2 * silenceMs, LONGEST_SILENCE_MS);
      continue;
    }
    switch (message.type) {
      case 'subscribed': {
        const { tasks } = message.payload;
        const missed = taskId === undefined ? await endedMeanwhile(source, memory, tasks) : [];
        for (const task of [...tasks, ...missed]) memory.take(task);
        hasEnded = taskId !== undefined && tasks.some(({ status }) => isFinal(status));
        isDue = hasEnded;
        yield { type: 'snapshot', tasks: [...tasks, ...missed] };
        break;
      }
      case 'error': {
        const { code, message: detail } = message.payload;
        const known = Object.hasOwn(PROBLEMS, code) ? (code as ProblemCode) : undefined;
        throw new ApiError(known ? PROBLEMS[known].status : 500, detail, { code: known });
      }
      case 'unsubscribed':
      case 'pong':
        break;
      default:
        silenceMs = FIRST_SILENCE_MS;
        if (memory.isNew(message)) yield message;
    }
  }
}

/** What to say to hear of a task, or of all. */
export const subscription = (taskId: string | undefined) => ({
  action: 'subscribe' as const,
  filters: taskId === undefined ? {} : { taskId },
});

/** Tasks that were under way and are not in a new snapshot: they ended while nobody listened. */
async function endedMeanwhile(
  source: EventSource,
  memory: Memory,
  tasks: readonly Snapshot[],
): Promise<Snapshot[]> {
  const present = new Set(tasks.map(({ taskId }) => taskId));
  const missing = memory.underWay().filter((taskId) => !present.has(taskId));
  const found = await Promise.all(missing.map((taskId) => source.progress(taskId)));
  for (const taskId of missing) memory.forget(taskId);
  return found.filter((task) => task !== undefined);
}

/** What was told of each task. */
interface Memory {
  /** Notes a snapshot: events up to its seq are old news. */
  take(task: Snapshot): void;
  /** Notes an event; false for one that was told before. */
  isNew(event: TaskEvent): boolean;
  underWay(): string[];
  forget(taskId: string): void;
}

function createMemory(): Memory {
  const seen = new Map<string, number>();
  /** Tasks whose end was told, until they begin anew. */
  const ended = new Set<string>();
  return {
    take({ taskId, seq, status }) {
      seen.set(taskId, Math.max(seq, seen.get(taskId) ?? 0));
      if (!isFinal(status)) ended.delete(taskId);
    },
    isNew({ type, seq, payload: { taskId } }) {
      const isOld = seq <= (seen.get(taskId) ?? -1);
      // The end may bear the number of a snapshot that was taken after it.
      const isEnd = ENDS.has(type);
      if (isOld && (!isEnd || ended.has(taskId))) return false;
      seen.set(taskId, Math.max(seq, seen.get(taskId) ?? 0));
      if (isEnd) ended.add(taskId);
      else ended.delete(taskId);
      return true;
    },
    underWay: () => [...seen.keys()].filter((taskId) => !ended.has(taskId)),
    forget(taskId) {
      ended.add(taskId);
    },
  };
}
