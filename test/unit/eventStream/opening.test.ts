/** Who may open a stream, of what, and how many. */
import { beforeEach, describe, expect, it } from 'vitest';
import { issueEventsTicket, issueTicket, redeemTicket } from '../../../shared/access/tickets.ts';
import { openEvents } from '../../../shared/eventStream/openEvents.ts';
import { EVENT_STREAM_TIMEOUT_SECONDS, EVENTS_TICKET_SECONDS } from '../../../shared/limits.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, OWNER, TASK_ID } from '../../support/tasks.ts';
import { open } from './support.ts';

let ports: MemoryPorts;
beforeEach(() => {
  ports = createMemoryPorts();
});

const asked = (query: string) =>
  openEvents(
    ports,
    { query: new URLSearchParams(query), lastEventId: undefined },
    { streams: 5, remainingMs: 120_000 },
  );
const ticketOf = ({ url }: { url: string }) => new URL(url).searchParams.get('ticket') ?? '';

describe('a ticket for events', () => {
  it('is good as often as one likes for 12 hours, and then no more', async () => {
    const query = `ticket=${ticketOf(await issueEventsTicket(ports, OWNER))}`;
    for (const hours of [0, 6, 5]) {
      ports.clock.advance(hours * 3_600_000);
      await (await asked(query))?.return();
    }
    ports.clock.advance(3_600_000);
    await expect(asked(query)).rejects.toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
    expect(EVENTS_TICKET_SECONDS).toBe(12 * 3600);
  });

  it('opens no WebSocket, and that of a WebSocket no stream', async () => {
    const events = ticketOf(await issueEventsTicket(ports, OWNER));
    expect(await redeemTicket(ports, events)).toBeUndefined();
    const socket = ticketOf(await issueTicket(ports, OWNER));
    await expect(asked(`ticket=${socket}`)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(await redeemTicket(ports, socket)).toBe(OWNER);
  });

  it.each(['', 'ticket=', 'ticket=x', `ticket=${'x'.repeat(5_000)}`])(
    'is asked for: %j',
    async (query) => {
      await expect(asked(query)).rejects.toMatchObject({
        code: 'UNAUTHORIZED',
        message: expect.stringContaining('POST /stream/tickets') as string,
      });
    },
  );

  it('is not stored, only its hash', async () => {
    const ticket = ticketOf(await issueEventsTicket(ports, OWNER));
    expect(JSON.stringify(ports.table.items())).not.toContain(ticket);
  });
});

describe('what is asked for', () => {
  it('is the owner’s own task', async () => {
    await givenTask(ports);
    const refused = { code: 'TASK_NOT_FOUND', status: 404 };
    await expect(open(ports, { taskId: TASK_ID, ownerId: 'owner-b' })).rejects.toMatchObject(
      refused,
    );
    await expect(open(ports, { taskId: 'task_x' })).rejects.toMatchObject(refused);
    await expect(open(ports, { taskId: '' })).rejects.toMatchObject(refused);
  });

  it('has no parameter that is unknown or given twice', async () => {
    const ticket = ticketOf(await issueEventsTicket(ports, OWNER));
    for (const query of ['taskid=x', `taskId=${TASK_ID}&taskId=${TASK_ID}`]) {
      await expect(asked(`ticket=${ticket}&${query}`)).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
        errors: [{ pointer: `/${query.split('=')[0]}` }],
      });
    }
  });
});

describe('how many streams are open', () => {
  const opened = async (streams: number) => {
    const stream = await open(ports, { taskId: TASK_ID, streams });
    await stream?.next();
    return stream;
  };
  const refusal = { code: 'UNAVAILABLE', status: 503, retryAfterSeconds: 10 };

  it('is bounded, and one that ends makes room', async () => {
    await givenTask(ports);
    const streams = [await opened(2), await opened(2)];
    await expect(opened(2)).rejects.toMatchObject(refusal);
    await expect(opened(2)).rejects.toMatchObject(refusal);
    await streams[0]?.close();
    await opened(2);
    await expect(opened(2)).rejects.toMatchObject(refusal);
  });

  it('is exact when many come at once', async () => {
    await givenTask(ports);
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => opened(3)));
    const open = results.filter(({ status }) => status === 'fulfilled');
    expect(open.length).toBeGreaterThan(0);
    expect(open.length).toBeLessThanOrEqual(3);
  });

  it('counts none whose function was killed for longer than it may live', async () => {
    await givenTask(ports);
    await opened(1);
    await expect(opened(1)).rejects.toMatchObject(refusal);
    ports.clock.advance((EVENT_STREAM_TIMEOUT_SECONDS + 3) * 1000);
    const stream = await opened(1);
    await stream?.close();
    expect(Object.keys((await ports.table.get({ pk: 'STREAMS', sk: 'META' })) ?? {})).toEqual([
      'pk',
      'sk',
    ]);
  });

  it('is not raised by what is refused or over', async () => {
    await givenTask(ports, { status: 'failed', endedRun: 1, endSeq: 0 });
    await expect(open(ports, { taskId: 'task_x', streams: 1 })).rejects.toThrow();
    expect(await open(ports, { taskId: TASK_ID, lastEventId: '0', streams: 1 })).toBeUndefined();
    await opened(1);
  });
});
