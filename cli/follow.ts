/** Following a task to its end over the WebSocket. */
import { WebSocket } from 'ws';
import {
  ServerMessageSchema,
  type Progress,
  type Snapshot,
  type TaskEvent,
} from '../shared/schemas/stream.ts';
import type { SheafClient } from './client.ts';

/** Well below the 10 minutes after which the server closes a silent connection. */
const PING_MS = 4 * 60_000;
/** Without a word for this long, the state is asked for: events may be lost, the state never is. */
const SILENCE_MS = 10_000;
/** Before the connection is made again. */
const RECONNECT_MS = 500;

const ENDS: ReadonlySet<string> = new Set([
  'completed',
  'partially_completed',
  'failed',
  'cancelled',
]);

/** What happens while a task is followed. */
export interface Listener {
  progress(progress: Progress): void;
  documentFailed?(event: Extract<TaskEvent, { type: 'document_failed' }>['payload']): void;
}

type Outcome = 'ended' | 'lost';

/** One connection's life: resolves when the task has ended, or when the connection is lost. */
function listen(url: string, taskId: string, listener: Listener): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    let silence: NodeJS.Timeout;
    const done = (outcome: Outcome) => {
      clearInterval(ping);
      clearTimeout(silence);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.close();
      resolve(outcome);
    };
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => done('lost'), SILENCE_MS);
    };
    const ping = setInterval(() => socket.send(JSON.stringify({ action: 'ping' })), PING_MS);
    heard();

    const shown = (snapshot: Snapshot): Outcome | undefined => {
      listener.progress(snapshot);
      return ENDS.has(snapshot.status) ? 'ended' : undefined;
    };
    socket.on('open', () =>
      socket.send(
        JSON.stringify({ action: 'subscribe', channels: ['task_progress'], filters: { taskId } }),
      ),
    );
    socket.on('message', (bytes: Buffer) => {
      heard();
      const message = ServerMessageSchema.parse(JSON.parse(bytes.toString('utf8')));
      switch (message.type) {
        case 'subscribed':
          if (message.payload.tasks.some((task) => shown(task) === 'ended')) done('ended');
          return;
        case 'task_progress':
          return listener.progress(message.payload);
        case 'document_failed':
          return listener.documentFailed?.(message.payload);
        case 'task_completed':
        case 'task_failed':
        case 'task_cancelled':
          return done('ended');
        default:
          return;
      }
    });
    socket.on('close', () => done('lost'));
    socket.on('error', () => done('lost'));
  });
}

/**
 * Follows a task until it has ended, through lost connections: whatever was missed is in the snapshot
 * that begins each one.
 * @param websocketUrl the address that came with the task; later ones are fetched
 * @returns the final numbers
 */
export async function followTask(
  client: SheafClient,
  taskId: string,
  websocketUrl: string,
  listener: Listener,
): Promise<Snapshot> {
  let url = websocketUrl;
  for (;;) {
    const outcome = await listen(url, taskId, listener);
    const snapshot = await client.getProgress(taskId);
    listener.progress(snapshot);
    if (ENDS.has(snapshot.status)) return snapshot;
    if (outcome === 'lost') await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    url = await client.streamUrl();
  }
}
