/** The listener that sends events to the clients of the WebSocket. */
import {
  lasts,
  type Listener,
  type ListenerPorts,
  type NumberedEvent,
} from '../events/listener.ts';
import { isTerminal } from '../events/owed.ts';
import { runOf } from '../events/taskEvents.ts';
import { CROWD_SUBSCRIBERS, FIRST_SEND_COST_MS, PUSH_SHARE, SEND_COST_MS } from '../limits.ts';
import type { TaskItem } from '../schemas/items.ts';
import { TASK_EVENT_TYPES, type TaskEvent } from '../schemas/stream.ts';
import { claimEnd } from './endTold.ts';
import { fanOut, type Recipient } from './fanOut.ts';
import { activeSubscribers } from './subscribers.ts';

const types: ReadonlySet<string> = new Set(TASK_EVENT_TYPES);

/** Whether an event is one of the stream's; the log has more. */
export const isForClients = <E extends NumberedEvent>(
  event: E,
): event is E & { type: TaskEvent['type'] } => types.has(event.type);

/** The message of an event: what clients rely on, and nothing else. */
export const messageOf = ({ type, seq, at, payload }: NumberedEvent): string =>
  JSON.stringify({ type, seq, at, payload });

export const sockets: Listener = {
  async tell(ports, { task, events, turn, inHaste }) {
    const told = events.filter(isForClients);
    if (told.length === 0) return 'told';
    const subscribers = await activeSubscribers(ports, task.ownerId, task.taskId);
    if (subscribers.size === 0) return 'told';
    const lasting = told.some(lasts);
    if (subscribers.size > CROWD_SUBSCRIBERS && !told.some(isTerminal)) {
      if (lasting && inHaste) return 'left';
      if (!isEarned(ports, task, subscribers.size)) {
        turn.costs(subscribers.size * FIRST_SEND_COST_MS);
        return lasting ? 'left' : 'told';
      }
    }

    const end = events.filter(lasts).findLast(isTerminal);
    const hearEnd =
      end && (await claimEnd(ports, { ...task, run: runOf(end) }, subscribers.keys(), 'publisher'));
    // The end may bear the number of a snapshot that was taken after it; an end behind which the task began anew is
    // as old as any other event to whoever has a later snapshot.
    const isEnd = (event: NumberedEvent) => event === end && runOf(end) === task.run;
    const messages = told.map((event) => ({ event, text: messageOf(event) }));
    const recipients = [...subscribers]
      // Whoever was told of the end by another hears no more: not of the start behind the end either.
      .filter(([connectionId]) => hearEnd === undefined || hearEnd.has(connectionId))
      .map(([connectionId, sinceSeq]): Recipient => ({
        connectionId,
        messages: messages
          .filter(({ event }) => isEnd(event) || event.seq > sinceSeq)
          .map(({ text }) => text),
      }));
    const listed = ports.clock.monotonicMs() - turn.since;
    const sent = await fanOut(ports, turn, rotated(recipients, task.seq), lasting);
    const known = subscribers.size * SEND_COST_MS;
    // What a few take is waiting for the table, which costs nobody anything.
    turn.costs(subscribers.size > CROWD_SUBSCRIBERS ? Math.max(listed + sent, known) : known);
    return 'told';
  },
};

/** Whether the task has run for long enough that a first push to so many takes no more than its share. */
function isEarned({ clock }: ListenerPorts, task: TaskItem, subscribers: number): boolean {
  const ranMs = clock.now() - (task.startedAt ?? task.createdAt);
  // A clock that was set back says nothing.
  return ranMs < 0 || ranMs >= subscribers * FIRST_SEND_COST_MS * PUSH_SHARE;
}

/** Not always the same come last: a push that takes too long leaves the last ones out. */
function rotated<T>(all: readonly T[], by: number): T[] {
  const first = all.length === 0 ? 0 : (by * SENDS_STEP) % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

/** Some prime: consecutive pushes begin at places far from each other. */
const SENDS_STEP = 7919;
