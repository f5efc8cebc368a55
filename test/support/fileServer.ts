/** A server of one file on this machine that keeps to HTTP, or breaks it as it is told. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is served: bytes, or what makes a stretch of them. */
export type Content =
  | Uint8Array
  | { readonly bytes: number; readonly cut: (offset: number, length: number) => Uint8Array };

export interface Behaviour {
  content: Content;
  /** Undefined: it says none. */
  etag: string | undefined;
  /** Whether it knows ranges; otherwise it sends all, with 200. */
  ranges: boolean;
  /** Whether it heeds If-Match. */
  conditions: boolean;
  /** After so many bytes of an answer the connection is cut. */
  breaksAfter: number;
  /** Answers instead of the file; returns whether it did. */
  instead: (asked: Asked, response: ServerResponse) => boolean;
}

interface Asked {
  /** From 1. */
  readonly nth: number;
  readonly path: string;
  readonly range: string | undefined;
  readonly ifMatch: string | undefined;
}

export interface FileServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** As it behaves from the next request on. */
  readonly behaviour: Behaviour;
  /** Bytes of the file that were handed to connections. */
  sent: number;
  readonly link: () => Promise<{ url: string }>;
  close(): Promise<void>;
}

const PIECE_BYTES = 16 * 1024;

export async function startFileServer(content: Content): Promise<FileServer> {
  const asked: Asked[] = [];
  const behaviour: Behaviour = {
    ...{ content, etag: '"one"', ranges: true, conditions: true },
    breaksAfter: Infinity,
    instead: () => false,
  };

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const { range, 'if-match': ifMatch } = request.headers;
    const ask = { nth: asked.length + 1, path: request.url ?? '', range, ifMatch };
    asked.push(ask);
    if (behaviour.instead(ask, response)) return;
    const { etag, ranges, conditions, breaksAfter } = behaviour;
    const { bytes } = sized(behaviour.content);
    if (conditions && ifMatch !== undefined && ifMatch !== etag) {
      response.writeHead(412).end();
      return;
    }
    const from = ranges ? Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0) : 0;
    if (from > 0 && from >= bytes) {
      response.writeHead(416, { 'content-range': `bytes */${bytes}` }).end();
      return;
    }
    const isRange = ranges && range !== undefined;
    response.writeHead(isRange ? 206 : 200, {
      'content-length': bytes - from,
      ...(isRange && { 'content-range': `bytes ${from}-${bytes - 1}/${bytes}` }),
      ...(etag !== undefined && { etag }),
    });
    await send(response, from, Math.min(bytes, from + breaksAfter));
    if (from + breaksAfter < bytes) response.destroy();
    else response.end();
  }

  async function send(response: ServerResponse, from: number, to: number) {
    const { cut } = sized(behaviour.content);
    for (let at = from; at < to && !response.destroyed; at += PIECE_BYTES) {
      const piece = cut(at, Math.min(PIECE_BYTES, to - at));
      server.sent += piece.length;
      if (response.write(piece)) continue;
      const { signal, abort } = withAbort();
      const turns = ['drain', 'close'].map((event) => once(response, event, { signal }));
      await Promise.race(turns).catch(() => undefined);
      abort();
      await Promise.allSettled(turns);
    }
  }

  const http = createServer((request, response) => {
    response.on('error', () => undefined);
    void answer(request, response);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/file`;
  const server: FileServer = {
    ...{ url, asked, behaviour, sent: 0 },
    link: () => Promise.resolve({ url }),
    async close() {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
  return server;
}

function withAbort() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

function sized(content: Content) {
  if (!(content instanceof Uint8Array)) return content;
  return {
    bytes: content.length,
    cut: (offset: number, length: number) => content.subarray(offset, offset + length),
  };
}
