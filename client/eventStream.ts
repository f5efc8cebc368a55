/**
 * Server-sent events as a connection (HTML standard, "Server-sent events"): read by fetch, which unlike
 * EventSource tells why there are none, and which Node has as well.
 */
import * as z from 'zod';
import { SnapshotSchema } from '../shared/schemas/stream.ts';
import type { ClientClock } from './clock.ts';
import { createMailbox } from './mailbox.ts';
import { readMessage, type Connection } from './socket.ts';
import { EVENT_STREAM_PAUSE_MS } from './timing.ts';

/** The first event of a stream. */
const FirstSchema = z.object({
  type: z.literal('snapshot'),
  at: z.string(),
  payload: z.object({ taskId: z.string().nullish(), tasks: z.array(SnapshotSchema) }),
});

/**
 * Connects. A stream that ends by itself, as all do after a while, is taken up again.
 * @param url with its ticket, and the task if it is about one
 */
export function connectEventStream(
  url: string,
  fetch: typeof globalThis.fetch,
  clock: ClientClock,
  signal: AbortSignal | undefined,
): Connection {
  const mailbox = createMailbox(clock, signal);
  const closing = new AbortController();
  const stop = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
  let streams = 0;

  const take = (event: string, data: string) => {
    const message = event === 'snapshot' ? asSubscribed(data) : readMessage(data);
    if (message) mailbox.put(message);
  };

  /** @returns whether it brought anything */
  async function read(): Promise<boolean> {
    const response = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: stop });
    if (response.status !== 200 || !response.body) {
      await response.body?.cancel();
      return false;
    }
    const lines = createLines(take);
    const decoder = new TextDecoder();
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return lines.hasTold();
      lines.take(decoder.decode(value, { stream: true }));
    }
  }

  async function run(): Promise<void> {
    const mine = ++streams;
    while (mine === streams && (await read())) await clock.sleep(EVENT_STREAM_PAUSE_MS, stop);
    if (mine === streams) mailbox.lose();
  }
  const start = () => {
    run().catch(() => mailbox.lose());
  };
  start();

  return {
    next: (timeoutMs) => mailbox.next(timeoutMs),
    // Nothing can be said on it: a stream says by itself what is, again and again.
    say: () => undefined,
    close() {
      mailbox.close();
      streams++;
      closing.abort();
    },
  };
}

/** What a WebSocket says in its place. */
function asSubscribed(data: string) {
  const { payload, at } = FirstSchema.parse(JSON.parse(data));
  return readMessage(
    JSON.stringify({
      type: 'subscribed',
      at,
      payload: {
        channels: ['task_progress'],
        taskId: payload.taskId ?? null,
        tasks: payload.tasks,
      },
    }),
  );
}

/** Reads the lines of a stream; `told` is called with each event that is whole. */
function createLines(told: (event: string, data: string) => void) {
  let rest = '';
  let event = '';
  let data: string[] = [];
  let any = false;
  const line = (text: string) => {
    if (text === '') {
      if (data.length > 0) {
        any = true;
        told(event, data.join('\n'));
      }
      event = '';
      data = [];
      return;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(text) ?? [];
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  };
  return {
    take(text: string) {
      // A lone CR at the end may be half of a CRLF: it waits for what follows.
      const all = rest + text;
      const whole = all.endsWith('\r') ? all.slice(0, -1) : all;
      const lines = whole.split(/\r\n|\n|\r/);
      rest = (lines.pop() ?? '') + all.slice(whole.length);
      lines.forEach(line);
    },
    hasTold: () => any,
  };
}
