/** How the gateway refuses to open a WebSocket: an HTTP answer instead of the upgrade. */
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { gatewayRequestId, splitTarget } from '../http/requestEvent.ts';
import { isLoopbackHost } from '../../net/loopbackHost.ts';

/** The status by which the gateway itself refuses, before any function is asked. */
export function refusalOf({ method, url = '', headers }: IncomingMessage, path: string) {
  if (!isLoopbackHost(headers.host)) return 403;
  if (splitTarget(url).path !== path) return 403;
  const isWebSocket =
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '');
  return isWebSocket ? undefined : 400;
}

/** What the gateway says with a status; others say the status's own words. */
const MESSAGES: Record<number, string> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  500: 'Internal server error',
  502: 'Internal server error',
};

/** Answers the handshake with a status, in API Gateway's shape, and ends it. */
export function refuse(socket: Duplex, status: number, connectionId: string): void {
  const reason = STATUS_CODES[status] ?? '';
  const message = MESSAGES[status] ?? reason;
  const body = JSON.stringify({ message, connectionId, requestId: gatewayRequestId() });
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
