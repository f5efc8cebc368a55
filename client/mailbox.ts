/** What was heard and not yet taken: messages that one side puts in, and the other waits for. */
import type { ServerMessage } from '../shared/schemas/stream.ts';
import type { ClientClock } from './clock.ts';

export interface Mailbox {
  put(message: ServerMessage): void;
  /** No more will come. */
  lose(): void;
  readonly isLost: boolean;
  /** As Connection.next. */
  next(timeoutMs: number): Promise<ServerMessage | 'silence' | 'lost'>;
  /** Forgets the signal. */
  close(): void;
}

export function createMailbox(clock: ClientClock, signal: AbortSignal | undefined): Mailbox {
  const heard: ServerMessage[] = [];
  let isLost = false;
  let wake = () => {};
  const wakeUp = () => wake();
  signal?.addEventListener('abort', wakeUp);
  return {
    put(message) {
      heard.push(message);
      wake();
    },
    lose() {
      isLost = true;
      wake();
    },
    get isLost() {
      return isLost;
    },
    async next(timeoutMs) {
      let isLate = false;
      const waiting = new AbortController();
      const late = clock.sleep(timeoutMs, waiting.signal).then(
        () => (isLate = true),
        () => undefined,
      );
      while (heard.length === 0 && !isLost && !isLate && !signal?.aborted) {
        await Promise.race([late, new Promise<void>((resolve) => (wake = resolve))]);
      }
      waiting.abort();
      signal?.throwIfAborted();
      return heard.shift() ?? (isLost ? 'lost' : 'silence');
    },
    close() {
      signal?.removeEventListener('abort', wakeUp);
    },
  };
}
