/** A server that receives webhooks, and answers as a test says. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ReceivedWebhook {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** @param count of requests to this path so far, this one included */
type Answer = (response: ServerResponse, count: number) => void;

export interface WebhookReceiver {
  /** Address of a path. */
  readonly url: (path: string) => string;
  /** Every request to a path, in order. */
  readonly received: (path: string) => readonly ReceivedWebhook[];
  readonly close: () => Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function startReceiver(
  answers: Readonly<Record<string, Answer>>,
): Promise<WebhookReceiver> {
  const requests: ReceivedWebhook[] = [];
  const received = (path: string) => requests.filter((request) => request.path === path);
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { url: path = '', headers } = request;
      requests.push({ path, headers, body });
      const answer = answers[path];
      if (answer) answer(response, received(path).length);
      else response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
