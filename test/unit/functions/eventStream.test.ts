/** The wrapper of the function that streams, as Lambda's runtime calls it. */
import { Writable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { OpenStream, StreamingHandler } from '../../../functions/runtime/eventStream.ts';
import { ProblemBodySchema } from '../../../shared/api/problemSchema.ts';
import { Problem } from '../../../shared/problems.ts';
import { httpEvent, lambdaContext } from '../../support/gatewayEvents.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';

/** What was written of one answer; each write is answered as `full` says. */
class Written extends Writable {
  head: unknown;
  readonly pieces: string[] = [];
  /** Lets the piece that is being written be taken off. */
  take: () => void = () => undefined;
  private readonly slow: boolean;
  constructor(slow = false) {
    super({ highWaterMark: slow ? 1 : 16_384 });
    this.slow = slow;
  }
  override _write(chunk: Buffer, _encoding: unknown, done: () => void) {
    this.pieces.push(chunk.toString('utf8'));
    if (this.slow) this.take = done;
    else done();
  }
}

const awslambda = {
  streamifyResponse: (handler: unknown) => handler,
  HttpResponseStream: {
    from(stream: Written, head: unknown) {
      stream.head = head;
      return stream;
    },
  },
};

let eventStream: (ports: Pick<MemoryPorts, 'log'>, open: OpenStream) => StreamingHandler;
beforeAll(async () => {
  Object.assign(globalThis, { awslambda });
  ({ eventStream } = await import('../../../functions/runtime/eventStream.ts'));
});

const HeadSchema = z.object({ statusCode: z.int(), headers: z.record(z.string(), z.string()) });

async function answered(open: OpenStream, event: object = httpEvent({ path: '/' })) {
  const ports = createMemoryPorts();
  const stream = new Written();
  await eventStream(ports, open)(event, stream, lambdaContext(100_000));
  const { statusCode, headers } = HeadSchema.parse(stream.head);
  return { statusCode, headers, text: stream.pieces.join(''), ended: stream.writableEnded, ports };
}

async function* pieces(...all: string[]) {
  for (const piece of all) yield piece;
}

describe('the function that streams', () => {
  it('passes on what the client asks, and writes what comes', async () => {
    let asked: unknown;
    const event = httpEvent({
      path: '/',
      query: 'ticket=a&x=1',
      headers: { 'last-event-id': '7' },
    });
    const answer = await answered(async ({ query, ...request }) => {
      asked = { ...request, query: query.toString() };
      return pieces('a', 'b');
    }, event);
    expect(asked).toEqual({ query: 'ticket=a&x=1', lastEventId: '7', remainingMs: 100_000 });
    expect(answer).toMatchObject({
      statusCode: 200,
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      },
      text: 'ab',
      ended: true,
    });
  });

  it('answers 204 where there is nothing to come', async () => {
    expect(await answered(async () => undefined)).toMatchObject({
      statusCode: 204,
      text: '',
      ended: true,
    });
  });

  it('answers what is wrong by a problem document, with a time to come again', async () => {
    const problem = new Problem('UNAVAILABLE', 'There is no room.', { retryAfterSeconds: 10 });
    const answer = await answered(async () => Promise.reject(problem));
    expect(answer.statusCode).toBe(503);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'retry-after': '10',
    });
    expect(ProblemBodySchema.parse(JSON.parse(answer.text))).toMatchObject({ code: 'UNAVAILABLE' });
    const post = await answered(async () => pieces('a'), httpEvent({ path: '/', method: 'POST' }));
    expect(post).toMatchObject({ statusCode: 404, ended: true });
    const odd = await answered(async () => pieces('a'), { version: '3.0' });
    expect(odd).toMatchObject({ statusCode: 500, ended: true });
  });

  it('ends a stream that breaks off, and says why in the log, without data', async () => {
    const answer = await answered(async () =>
      (async function* () {
        yield 'a';
        throw new TypeError('Ada Lovelace is not a function');
      })(),
    );
    expect(answer).toMatchObject({ statusCode: 200, text: 'a', ended: true });
    const [entry] = answer.ports.log.entries;
    expect(entry).toMatchObject({ level: 'error' });
    expect(JSON.stringify(entry)).not.toContain('Lovelace');
  });

  it('makes the next piece when the one before was taken', async () => {
    let made = 0;
    const stream = new Written(true);
    const handler = eventStream(createMemoryPorts(), async () =>
      (async function* () {
        while (made < 3) yield `piece ${++made}`;
      })(),
    );
    const done = handler(httpEvent({ path: '/' }), stream, lambdaContext());
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    for (const expected of [1, 2, 3]) {
      await turn();
      await turn();
      expect(made).toBe(expected);
      stream.take();
    }
    await done;
    expect(stream.pieces).toEqual(['piece 1', 'piece 2', 'piece 3']);
  });
});
