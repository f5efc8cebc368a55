/** Following tasks for as long as a page shows them: whatever breaks is taken up again. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../client/errors.ts';
import type { ConnectionState, StreamEvent } from '../../client/events.ts';
import { useApp } from './app.ts';
import { isRefused } from './refused.ts';

export type Liveness = ConnectionState | 'offline';

/** Between attempts while nothing can be reached; the browser's own word that it is online comes first. */
const OFFLINE_MS = 5_000;

/**
 * Follows a task to its end, or all tasks.
 * @param taskId undefined: all tasks; null: none yet
 * @param onEvent called with each event
 * @param key another one begins anew
 * @param onRefused told when it is refused for good, such as of a task that was deleted
 * @returns how events come; undefined before and after
 */
export function useFollow(
  taskId: string | undefined | null,
  onEvent: (event: StreamEvent) => void,
  key: unknown,
  onRefused?: () => void,
): Liveness | undefined {
  const { client, signOut } = useApp();
  const [liveness, setLiveness] = useState<Liveness>();
  const listener = useRef(onEvent);
  listener.current = onEvent;
  const refused = useRef(onRefused);
  refused.current = onRefused;
  useEffect(() => {
    if (taskId === null) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const follow = async () => {
      while (!signal.aborted) {
        try {
          const onConnection = (state: ConnectionState) => {
            if (!signal.aborted) setLiveness(state);
          };
          for await (const event of client.events({ taskId, signal, onConnection })) {
            listener.current(event);
          }
          if (!signal.aborted) setLiveness(undefined);
          return;
        } catch (error) {
          if (signal.aborted) return;
          if (isRefused(error)) {
            signOut(true);
            return;
          }
          if (error instanceof ApiError && !error.retryable) {
            setLiveness(undefined);
            refused.current?.();
            return;
          }
          setLiveness('offline');
          await onlineAgain(signal);
        }
      }
    };
    void follow();
    return () => controller.abort();
  }, [client, taskId, key]);
  return liveness;
}

function onlineAgain(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, OFFLINE_MS);
    addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}
