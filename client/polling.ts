/** Asking again and again, as a connection: for where neither sockets nor streams get through. */
import type { Snapshot } from '../shared/schemas/stream.ts';
import { isFinal } from '../shared/tasks/lifeCycle.ts';
import type { ClientClock } from './clock.ts';
import type { Connection } from './socket.ts';
import { POLL_FOR_MS } from './timing.ts';

/**
 * Tells where the tasks are, every `pauseMs`; is lost after a while, so that something better is tried.
 * @param look where they are
 */
export function connectByPolling(
  look: () => Promise<readonly Snapshot[]>,
  pauseMs: number,
  taskId: string | undefined,
  clock: ClientClock,
  signal: AbortSignal | undefined,
): Connection {
  const begun = clock.now();
  let isFirst = true;
  let hasEnded = false;
  return {
    async next() {
      if (hasEnded) return 'silence';
      if (!isFirst) await clock.sleep(pauseMs, signal);
      if (clock.now() - begun > POLL_FOR_MS) return 'lost';
      isFirst = false;
      const tasks = [...(await look())];
      signal?.throwIfAborted();
      hasEnded = taskId !== undefined && tasks.every(({ status }) => isFinal(status));
      const at = new Date(clock.date()).toISOString();
      const payload = { channels: ['task_progress' as const], taskId: taskId ?? null, tasks };
      return { type: 'subscribed', at, payload };
    },
    say: () => undefined,
    close: () => undefined,
  };
}
