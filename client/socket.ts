/** One WebSocket connection, as messages to wait for. */
import type * as z from 'zod';
import {
  ServerMessageSchema,
  type ClientMessageSchema,
  type ServerMessage,
} from '../shared/schemas/stream.ts';
import type { ClientClock } from './clock.ts';

/** What is used of a WebSocket: the platform's, or the one of the package ws where there is none. */
export interface SocketLike {
  send(text: string): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
}
export type SocketConstructor = new (url: string) => SocketLike;

export interface Connection {
  /**
   * The next message: `silence` when none came in time, `lost` when the connection is gone and all that
   * it brought was taken.
   * @throws the signal's reason
   */
  next(timeoutMs: number): Promise<ServerMessage | 'silence' | 'lost'>;
  say(message: z.input<typeof ClientMessageSchema>): void;
  close(): void;
}

/**
 * Connects.
 * @param hello said as soon as the connection is open
 */
export function connect(
  WebSocket: SocketConstructor,
  url: string,
  hello: z.input<typeof ClientMessageSchema>,
  clock: ClientClock,
  signal: AbortSignal | undefined,
): Connection {
  const socket = new WebSocket(url);
  const heard: ServerMessage[] = [];
  let isLost = false;
  let wake = () => {};
  const lose = () => {
    isLost = true;
    wake();
  };
  const say: Connection['say'] = (message) => socket.send(JSON.stringify(message));
  const wakeUp = () => wake();
  signal?.addEventListener('abort', wakeUp);
  socket.addEventListener('open', () => say(hello));
  socket.addEventListener('close', lose);
  socket.addEventListener('error', lose);
  socket.addEventListener('message', ({ data }) => {
    const message = readMessage(data);
    if (message) heard.push(message);
    wake();
  });

  return {
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
    say,
    close() {
      signal?.removeEventListener('abort', wakeUp);
      socket.close();
    },
  };
}

/** A message; undefined for what only a newer client would know. */
function readMessage(data: unknown): ServerMessage | undefined {
  try {
    return ServerMessageSchema.safeParse(JSON.parse(String(data))).data;
  } catch {
    return undefined;
  }
}
