/** Small requests to one service over connections that stay open. */
import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingHttpHeaders,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { CONNECT_MS } from '../callLimits.ts';

export interface SmallRequest {
  readonly method: 'POST';
  /** As it is sent, percent-encoded. */
  readonly path: string;
  /** All but the length of the body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SmallAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request, and reads its answer whole. @throws Node's errors of the network */
export type Transport = (request: SmallRequest, stop: AbortSignal) => Promise<SmallAnswer>;

/** The connection to the service was closed before the request was sent on it. */
class ClosedBefore extends Error {
  override readonly name = 'ClosedBefore';
  readonly code = 'ECONNRESET';
}

class NotConnected extends Error {
  override readonly name = 'NotConnected';
  readonly code = 'ETIMEDOUT';
  constructor() {
    super(`There was no connection within ${CONNECT_MS} ms.`);
  }
}

/** A transport to the host of `url`. @param connections how many there may be at a time */
export function createTransport(url: URL, connections: number): Transport {
  const secure = url.protocol === 'https:';
  const options = { keepAlive: true, maxSockets: connections } as const;
  const agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
  const begin = secure ? httpsRequest : httpRequest;

  const sendOnce: Transport = ({ method, path, headers, body }, stop) =>
    new Promise((resolve, reject) => {
      const length = { 'content-length': Buffer.byteLength(body) };
      const request = begin(url, {
        agent,
        path,
        method,
        signal: stop,
        headers: { ...headers, ...length },
      });
      limitConnecting(request);
      request.on('response', (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        // Read to its end in any case, so that the connection is free for the next request. By events: an
        // iterator of a stream takes as long as sending the request.
        let read = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => (read += piece));
        response.on('end', () => resolve({ status, headers: answered, body: read }));
        response.on('error', reject);
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The service may close a connection that was idle in the moment in which it is used again.
        const closed = request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
        reject(closed ? new ClosedBefore() : error);
      });
      request.end(body);
    });

  return (request, stop) =>
    sendOnce(request, stop).catch((error: unknown) => {
      if (error instanceof ClosedBefore) return sendOnce(request, stop);
      throw error;
    });
}

/** Without it a host that takes no connection would hold the request until the call's own end. */
function limitConnecting(request: ClientRequest): void {
  request.on('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => request.destroy(new NotConnected()), CONNECT_MS);
    const connected = () => clearTimeout(timer);
    socket.once('connect', connected).once('close', connected);
  });
}
