/** One WebSocket connection, as messages to wait for. */
import type * as z from 'zod';
import {
  ServerMessageSchema,
  type ClientMessageSchema,
  type ServerMessage,
} from '../shared/schemas/stream.ts';
import type { ClientClock } from './clock.ts';
import { createMailbox } from './mailbox.ts';

/** What is used of a WebSocket: the platform's, or the one of the package ws where there is none. */
export interface SocketLike {
  send(text: string): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
}
export type SocketConstructor = new (url: string) => SocketLike;

/** A source of messages, of whatever kind. */
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
  const mailbox = createMailbox(clock, signal);
  const say: Connection['say'] = (message) => socket.send(JSON.stringify(message));
  socket.addEventListener('open', () => say(hello));
  socket.addEventListener('close', () => mailbox.lose());
  socket.addEventListener('error', () => mailbox.lose());
  socket.addEventListener('message', ({ data }) => {
    const message = readMessage(data);
    if (message) mailbox.put(message);
  });

  return {
    next: (timeoutMs) => mailbox.next(timeoutMs),
    say,
    close() {
      mailbox.close();
      socket.close();
    },
  };
}

/** A message; undefined for what only a newer client would know. */
export function readMessage(data: unknown): ServerMessage | undefined {
  try {
    return ServerMessageSchema.safeParse(JSON.parse(String(data))).data;
  } catch {
    return undefined;
  }
}
