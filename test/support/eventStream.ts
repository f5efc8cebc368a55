/**
 * A small reader of server-sent events, by the letter of the standard
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation).
 */

export interface ReceivedEvent {
  readonly event: string;
  /** The last event id; empty before the first. */
  readonly id: string;
  readonly data: string;
}

export interface EventStreamReader {
  /** Takes what came; gives the events that are whole by it. */
  take(text: string): ReceivedEvent[];
  readonly lastEventId: string;
  readonly retryMs: number | undefined;
  readonly comments: number;
}

export function createEventStreamReader(lastEventId = ''): EventStreamReader {
  let rest = '';
  let lastId = lastEventId;
  let retryMs: number | undefined;
  let comments = 0;
  let event = '';
  let data: string[] = [];

  const line = (text: string): ReceivedEvent | undefined => {
    if (text === '') {
      const whole =
        data.length > 0
          ? { event: event || 'message', id: lastId, data: data.join('\n') }
          : undefined;
      event = '';
      data = [];
      return whole;
    }
    if (text.startsWith(':')) {
      comments++;
      return undefined;
    }
    const colon = text.indexOf(':');
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
    if (field === 'id' && !value.includes('\0')) lastId = value;
    if (field === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
    return undefined;
  };

  return {
    take(text) {
      rest += text;
      const lines = rest.split(/\r\n|\n|\r/);
      rest = lines.pop() ?? '';
      return lines.flatMap((one) => line(one) ?? []);
    },
    get lastEventId() {
      return lastId;
    },
    get retryMs() {
      return retryMs;
    },
    get comments() {
      return comments;
    },
  };
}

/** The events of a text that is whole. */
export const parseEventStream = (text: string): ReceivedEvent[] =>
  createEventStreamReader().take(text);

/** A connection that gives the events of a stream as they come. */
export interface StreamConnection {
  readonly status: number;
  readonly headers: Headers;
  readonly reader: EventStreamReader;
  /** Each event; ends with the stream. */
  events(): AsyncGenerator<ReceivedEvent, void, undefined>;
  /** The whole body, of an answer that is no stream. */
  text(): Promise<string>;
  close(): void;
}

/** Asks for a stream as a browser's EventSource does. */
export async function connectEventStream(url: string, lastEventId = ''): Promise<StreamConnection> {
  const controller = new AbortController();
  const response = await fetch(url, {
    headers: {
      accept: 'text/event-stream',
      'cache-control': 'no-cache',
      ...(lastEventId !== '' && { 'last-event-id': lastEventId }),
    },
    signal: controller.signal,
  });
  const reader = createEventStreamReader(lastEventId);
  return {
    status: response.status,
    headers: response.headers,
    reader,
    async *events() {
      const decoder = new TextDecoder();
      try {
        for await (const bytes of response.body ?? []) {
          yield* reader.take(decoder.decode(bytes as Uint8Array, { stream: true }));
        }
      } finally {
        controller.abort();
      }
    },
    text: () => response.text(),
    close: () => controller.abort(),
  };
}
