import { beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionState, StreamEvent } from '../../../client/events.ts';
import { followTask } from '../../../client/followTask.ts';
import type { SocketLike } from '../../../client/socket.ts';
import { LONGEST_SILENCE_MS } from '../../../client/timing.ts';
import type { TaskStatus } from '../../../shared/schemas/common.ts';
import { json, scriptedClient, type SentRequest } from '../../support/clientWorld.ts';

const A = 'task_01JDA4V5P0W8QZ6Y3M2T7R9KXA';
const B = 'task_01JDA4V5P0W8QZ6Y3M2T7R9KXB';
const at = '2026-01-01T00:00:00Z';

const progressOf = (taskId: string, current: number) => ({
  taskId,
  progress: current,
  current,
  total: 100,
  succeeded: current,
  failed: 0,
  skipped: 0,
  ratePerSecond: 1,
  etaSeconds: null,
  stage: 'rendering',
  message: 'x',
});
const snapshot = (taskId: string, seq: number, status: TaskStatus = 'running') => ({
  ...progressOf(taskId, seq),
  status,
  seq,
});
const subscribed = (...tasks: ReturnType<typeof snapshot>[]) => ({
  type: 'subscribed',
  at,
  payload: { channels: ['task_progress'], taskId: null, tasks },
});
const progressed = (taskId: string, seq: number) => ({
  type: 'task_progress',
  seq,
  at,
  payload: progressOf(taskId, seq),
});
const cancelled = (taskId: string, seq: number) => ({
  type: 'task_cancelled',
  seq,
  at,
  payload: { taskId, progress: 1, message: 'x' },
});

/** What a connection does: sends these messages, one after the other, then breaks or stays silent. */
type Script = readonly (object | 'break')[];

/** A client whose connections follow scripts, one each; the last one stays. */
function streamClient(scripts: readonly Script[], answer?: (request: SentRequest) => Response) {
  const urls: string[] = [];
  const said: unknown[] = [];
  let tickets = 0;
  class FakeSocket implements SocketLike {
    private readonly listeners = new Map<string, ((event: { data: unknown }) => void)[]>();
    constructor(url: string) {
      const script = scripts[Math.min(urls.length, scripts.length - 1)] ?? [];
      urls.push(url);
      queueMicrotask(() => {
        this.fire('open');
        for (const step of script) {
          if (step === 'break') this.fire('close');
          else this.fire('message', typeof step === 'string' ? step : JSON.stringify(step));
        }
      });
    }
    private fire(type: string, data?: unknown) {
      for (const listener of this.listeners.get(type) ?? []) listener({ data });
    }
    addEventListener(type: string, listener: (event: { data: unknown }) => void) {
      this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
    }
    send(text: string) {
      said.push(JSON.parse(text));
    }
    close() {}
  }
  const world = scriptedClient(
    [
      (request) => {
        if (request.url.endsWith('/stream/tickets')) {
          tickets++;
          return json(201, {
            data: {
              websocketUrl: `wss://x/?ticket=${tickets}`,
              expiresAt: at,
              eventsUrl: 'https://x/events?ticket=other',
              eventsExpireAt: at,
            },
          });
        }
        return answer?.(request) ?? json(404, { message: 'Not Found' });
      },
    ],
    { WebSocket: FakeSocket },
  );
  return { ...world, urls, said };
}

async function collect(events: AsyncIterable<StreamEvent>, atMost = 20): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of events) {
    seen.push(
      event.type === 'snapshot'
        ? `snapshot ${event.tasks.map(({ taskId, seq }) => taskId.slice(-1) + seq).join(' ')}`
        : `${event.type} ${event.payload.taskId.slice(-1)}${event.seq}`,
    );
    if (seen.length === atMost) break;
  }
  return seen;
}

describe('events of a task', () => {
  it('begin with a snapshot, come in order, and end with the last', async () => {
    const script = [
      subscribed(snapshot(A, 3)),
      progressed(A, 4),
      progressed(A, 5),
      cancelled(A, 6),
    ];
    const { client, urls, said } = streamClient([script]);
    expect(
      await collect(client.events({ taskId: A, websocketUrl: 'wss://x/?ticket=own' })),
    ).toEqual(['snapshot A3', 'task_progress A4', 'task_progress A5', 'task_cancelled A6']);
    expect(urls).toEqual(['wss://x/?ticket=own']);
    expect(said).toEqual([{ action: 'subscribe', filters: { taskId: A } }]);
  });

  it('go on over a lost connection with a fresh ticket, without a gap or a double', async () => {
    const { client, urls } = streamClient([
      [subscribed(snapshot(A, 3)), progressed(A, 4), 'break'],
      ['break'],
      [subscribed(snapshot(A, 6)), progressed(A, 5), progressed(A, 6), progressed(A, 7), 'break'],
      // The end bears the number of the snapshot where it is told late.
      [subscribed(snapshot(A, 9, 'cancelled')), cancelled(A, 9)],
    ]);
    expect(await collect(client.events({ taskId: A }))).toEqual([
      'snapshot A3',
      'task_progress A4',
      'snapshot A6',
      'task_progress A7',
      'snapshot A9',
      'task_cancelled A9',
    ]);
    expect(urls).toEqual([1, 2, 3, 4].map((n) => `wss://x/?ticket=${n}`));
  });

  it('wait between connections that are refused, longer each time', async () => {
    const { client, clock } = streamClient([
      ['break'],
      ['break'],
      ['break'],
      [subscribed(snapshot(A, 1)), cancelled(A, 2)],
    ]);
    await collect(client.events({ taskId: A }));
    expect(clock.slept.filter((ms) => ms < 10_000)).toEqual([125, 250, 500]);
  });

  it('ask for the state in silence, less and less often', async () => {
    const { client, said, clock } = streamClient([
      [subscribed(snapshot(A, 1)), { type: 'pong', at, payload: {} }],
      [subscribed(snapshot(A, 1)), cancelled(A, 2)],
    ]);
    // Nobody answers what is asked in the silence: the connection is given up.
    expect(await collect(client.events({ taskId: A }))).toEqual([
      'snapshot A1',
      'snapshot A1',
      'task_cancelled A2',
    ]);
    expect(said).toHaveLength(3);
    expect(Math.max(...clock.slept)).toBeLessThanOrEqual(LONGEST_SILENCE_MS);
  });

  it('end with a snapshot of the end where no event ever tells of it', async () => {
    const { client, urls } = streamClient([[subscribed(snapshot(A, 5, 'completed'))]]);
    expect(await collect(client.events({ taskId: A }))).toEqual(['snapshot A5', 'snapshot A5']);
    expect(urls).toHaveLength(2);
  });

  it('pass over what only a newer client knows', async () => {
    const script = [
      { type: 'task_painted', seq: 1, at, payload: { taskId: A } },
      subscribed(snapshot(A, 1)),
      { hello: 1 },
      cancelled(A, 2),
    ];
    const { client } = streamClient([script]);
    expect(await collect(client.events({ taskId: A }))).toHaveLength(2);
  });

  it('are refused with a typed error', async () => {
    const payload = { code: 'TASK_NOT_FOUND', message: 'There is no such task.' };
    const { client } = streamClient([[{ type: 'error', at, payload }]]);
    await expect(collect(client.events({ taskId: A }))).rejects.toMatchObject({
      name: 'ApiError',
      status: 404,
      code: 'TASK_NOT_FOUND',
    });
  });

  it('stop when they are told to', async () => {
    const controller = new AbortController();
    const { client } = streamClient([[subscribed(snapshot(A, 1)), progressed(A, 2)]]);
    const reason = new Error('Interrupted.');
    const events = client.events({ taskId: A, signal: controller.signal });
    await events.next();
    controller.abort(reason);
    await expect(collect(events)).rejects.toBe(reason);
  });

  describe('where connections bring nothing', () => {
    const told: string[] = [];
    const options = {
      taskId: A,
      onConnection: ({ transport, isOpen }: ConnectionState) =>
        void told.push(`${transport}${isOpen ? ' open' : ''}`),
    };
    beforeEach(() => void told.splice(0));
    const stream = (...events: { type: string }[]) =>
      new Response(
        events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
        { headers: { 'content-type': 'text/event-stream' } },
      );
    const first = (...tasks: ReturnType<typeof snapshot>[]) => ({
      type: 'snapshot',
      seq: 0,
      at,
      payload: { taskId: A, tasks },
    });

    it('come as server-sent events, which are taken up when one stream ends', async () => {
      const asked: string[] = [];
      const streams = [
        stream(first(snapshot(A, 1)), progressed(A, 2)),
        stream(first(snapshot(A, 2)), cancelled(A, 3)),
      ];
      const { client } = streamClient([['break']], ({ url }) => {
        asked.push(url);
        return streams.shift() ?? json(500, {});
      });
      expect(await collect(client.events(options))).toEqual([
        'snapshot A1',
        'task_progress A2',
        'snapshot A2',
        'task_cancelled A3',
      ]);
      expect(asked.slice(0, 2)).toEqual(Array(2).fill(`https://x/events?ticket=other&taskId=${A}`));
      expect(told).toEqual(['socket', 'socket', 'socket', 'socket', 'stream', 'stream open']);
    });

    it('are asked for, where streams are refused, too, and end with a snapshot of the end', async () => {
      let looks = 0;
      const { client } = streamClient([['break']], ({ url }) => {
        if (url.includes('/events')) return json(503, { message: 'Service Unavailable' });
        looks++;
        return json(200, { data: snapshot(A, looks, looks < 3 ? 'running' : 'completed') });
      });
      const seen = await collect(client.events(options));
      expect(seen.slice(0, 3)).toEqual(['snapshot A1', 'snapshot A2', 'snapshot A3']);
      expect(new Set(seen.slice(3).map((text) => text.split(' ')[0]))).toEqual(
        new Set(['snapshot']),
      );
      expect(told.slice(0, 8)).toEqual([
        ...Array<string>(4).fill('socket'),
        'stream',
        'stream',
        'polling',
        'polling open',
      ]);
    });

    it('try the socket again after a while', async () => {
      const scripts: Script[] = [
        ...Array<Script>(4).fill(['break']),
        [subscribed(snapshot(A, 90)), cancelled(A, 91)],
      ];
      const { client } = streamClient(scripts, ({ url }) =>
        url.includes('/events') ? json(503, {}) : json(200, { data: snapshot(A, 5) }),
      );
      const seen = await collect(client.events(options), 200);
      expect(seen.slice(-2)).toEqual(['snapshot A90', 'task_cancelled A91']);
      expect(told.slice(-2)).toEqual(['socket', 'socket open']);
    });
  });
});

describe('events of all tasks', () => {
  it('have no end, and tell once of each task’s', async () => {
    const { client, said } = streamClient([
      [
        subscribed(snapshot(A, 1), snapshot(B, 1)),
        cancelled(A, 2),
        cancelled(A, 2),
        progressed(B, 2),
      ],
    ]);
    const seen = await collect(client.events(), 3);
    expect(seen).toEqual(['snapshot A1 B1', 'task_cancelled A2', 'task_progress B2']);
    expect(said).toEqual([{ action: 'subscribe', filters: {} }]);
  });

  it('show in the next snapshot what ended while the connection was broken', async () => {
    const { client } = streamClient(
      [
        [subscribed(snapshot(A, 1), snapshot(B, 1)), 'break'],
        [subscribed(snapshot(B, 4)), progressed(B, 5), 'break'],
        [subscribed(snapshot(B, 5)), progressed(B, 6)],
      ],
      ({ url }) => json(200, { data: snapshot(url.includes(A) ? A : B, 7, 'completed') }),
    );
    expect(await collect(client.events(), 5)).toEqual([
      'snapshot A1 B1',
      'snapshot B4 A7',
      'task_progress B5',
      'snapshot B5',
      'task_progress B6',
    ]);
  });
});

describe('following a task', () => {
  it('ends with its final numbers', async () => {
    const failed = {
      type: 'document_failed',
      seq: 3,
      at,
      payload: { taskId: A, row: 7, template: 'letter', code: 'TIMEOUT', detail: 'x' },
    };
    const { client } = streamClient(
      [[subscribed(snapshot(A, 1)), progressed(A, 2), failed, cancelled(A, 4)]],
      () => json(200, { data: snapshot(A, 4, 'cancelled') }),
    );
    const progress: number[] = [];
    const rows: number[] = [];
    const final = await followTask(client, A, undefined, {
      progress: ({ current }) => void progress.push(current),
      documentFailed: ({ row }) => void rows.push(row),
    });
    expect(final).toMatchObject({ status: 'cancelled', seq: 4 });
    expect([progress, rows]).toEqual([[1, 2, 4], [7]]);
  });
});
