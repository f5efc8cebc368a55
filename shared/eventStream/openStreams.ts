/**
 * How many streams of server-sent events are open. Each holds a whole execution of its function, so they
 * are bounded, exactly and for all of them together: one item of the table has an attribute for each, with
 * the time at which it is over at the latest.
 */
import { randomId } from '../ids.ts';
import { tableKeys } from '../keys.ts';
import { CLOCK_SKEW_MS, EVENT_STREAM_TIMEOUT_SECONDS, NO_STREAM_RETRY_SECONDS } from '../limits.ts';
import type { Item, Ports } from '../ports.ts';
import { Problem } from '../problems.ts';

type StreamPorts = Pick<Ports, 'table' | 'clock' | 'random'>;

const PREFIX = 'stream#';

/** Those whose function was killed end by themselves. */
const LEASE_MS = EVENT_STREAM_TIMEOUT_SECONDS * 1000 + CLOCK_SKEW_MS;

/** Attributes of streams that are over are removed so many at a time. */
const REMOVED_AT_ONCE = 20;

/**
 * Enters a stream.
 * @param atMost how many there may be, this one included
 * @returns takes it out again
 * @throws Problem UNAVAILABLE when there are as many as there may be
 */
export async function enterStream(
  ports: StreamPorts,
  atMost: number,
): Promise<() => Promise<void>> {
  const { table, clock } = ports;
  const mine = PREFIX + randomId(ports);
  const key = tableKeys.openStreams;
  const now = clock.now();
  // Entered first, counted after: of two that come at once, one sees the other.
  const item = await table.update(key, { set: { [mine]: now + LEASE_MS } });
  const leave = async (others: readonly string[] = []) => {
    await table.update(key, { remove: [mine, ...others.slice(0, REMOVED_AT_ONCE)] });
  };
  const { open, over } = countStreams(item ?? {}, now);
  if (open > atMost) {
    await leave(over);
    throw new Problem(
      'UNAVAILABLE',
      `${atMost} streams of events are open, as many as there may be. Try again in ${NO_STREAM_RETRY_SECONDS} seconds, or follow by the WebSocket.`,
      { retryAfterSeconds: NO_STREAM_RETRY_SECONDS },
    );
  }
  return () => leave(over);
}

/** How many streams are open, and the names of those that are over. */
function countStreams(item: Item, now: number): { open: number; over: string[] } {
  const streams = Object.entries(item).filter(([name]) => name.startsWith(PREFIX));
  const isOpen = (until: unknown) =>
    // A time that lies further ahead was written by a clock that is wrong.
    typeof until === 'number' && until > now && until <= now + LEASE_MS + CLOCK_SKEW_MS;
  const over = streams.filter(([, until]) => !isOpen(until)).map(([name]) => name);
  return { open: streams.length - over.length, over };
}
