/** One open WebSocket, with API Gateway's limits on what passes through it. */
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { SocketMeter } from '../../billing/meter.ts';
import { MAX_MESSAGE_BYTES, type OpenConnection } from './connectionsApi.ts';
import { createFrameScanner } from './frameSizes.ts';
import { createMessageQueue } from './messageQueue.ts';
import type { ConnectionFacts } from './socketEvents.ts';

/** A frame, either way, has at most 32 KB. */
const MAX_FRAME_BYTES = 32 * 1024;

/** A connection without traffic is closed after 10 minutes, any connection after 2 hours. */
const IDLE_MS = 10 * 60 * 1000;
const LIFE_MS = 2 * 3600 * 1000;

/** What may wait for a slow client before further messages are refused. */
const MAX_WAITING_BYTES = 16 * MAX_MESSAGE_BYTES;

/** Close codes of RFC 6455, section 7.4.1. */
export const CLOSE = { normal: 1000, goingAway: 1001, unsupported: 1003, tooBig: 1009 } as const;

export interface ConnectionOptions {
  readonly webSocket: WebSocket;
  /** The socket beneath, where frames can be measured. */
  readonly socket: Duplex;
  readonly facts: ConnectionFacts;
  readonly userAgent: string;
  /** Told of its time and of what passes through it. */
  readonly meter: SocketMeter | undefined;
  /** Runs the function of a message; never rejects. */
  readonly onMessage: (text: string) => Promise<void>;
  readonly onClose: (closed: { code: number; reason: string }) => void;
}

/** Takes an accepted WebSocket over. */
export function openConnection(options: ConnectionOptions): OpenConnection {
  const { webSocket, socket, facts, userAgent, meter } = options;
  meter?.connected();
  let lastActiveAt = facts.connectedAt;
  const goAway = () => webSocket.close(CLOSE.goingAway, 'Going away');
  const idle = setTimeout(goAway, IDLE_MS);
  const life = setTimeout(goAway, LIFE_MS);
  const active = () => {
    lastActiveAt = Date.now();
    idle.refresh();
  };

  // Before ws reads the same bytes, so that a message of such a frame is never passed on.
  const isTooLarge = createFrameScanner(MAX_FRAME_BYTES);
  socket.prependListener('data', (bytes: Uint8Array) => {
    if (isTooLarge(bytes)) webSocket.close(CLOSE.tooBig, 'Frame too long');
  });

  const messages = createMessageQueue({
    run: (text) => options.onMessage(text),
    hold: () => webSocket.pause(),
    release: () => webSocket.resume(),
  });
  webSocket.on('message', (data: RawData, isBinary: boolean) => {
    active();
    if (webSocket.readyState !== webSocket.OPEN) return;
    if (isBinary) webSocket.close(CLOSE.unsupported, 'Binary is not supported');
    else {
      const text = textOf(data);
      meter?.received(Buffer.byteLength(text));
      messages.add(text);
    }
  });
  webSocket.on('ping', active);
  webSocket.on('close', (code, reason) => {
    clearTimeout(idle);
    clearTimeout(life);
    meter?.disconnected();
    options.onClose({ code, reason: reason.toString() });
  });
  // What ws makes of it (a close frame, or none) arrives as 'close'.
  webSocket.on('error', () => undefined);

  return {
    connectedAt: facts.connectedAt,
    sourceIp: facts.sourceIp,
    userAgent,
    get lastActiveAt() {
      return lastActiveAt;
    },
    send(message) {
      if (webSocket.bufferedAmount > MAX_WAITING_BYTES) return false;
      active();
      sendInFrames(webSocket, message);
      meter?.sent(message.length);
      return true;
    },
    close: () => webSocket.close(CLOSE.normal),
  };
}

function sendInFrames(webSocket: WebSocket, message: Buffer): void {
  let at = 0;
  do {
    const end = Math.min(at + MAX_FRAME_BYTES, message.length);
    webSocket.send(message.subarray(at, end), { binary: false, fin: end === message.length });
    at = end;
  } while (at < message.length);
}

const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString('utf8');
