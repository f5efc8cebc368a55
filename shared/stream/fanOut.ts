/** Sending messages to many connections at a time, each within its own time. */
import { runLanes } from '../boundedWork.ts';
import type { Turn } from '../events/turn.ts';
import { SEND_MS, SENDS_AT_ONCE, SLOW_CONNECTION_MS } from '../limits.ts';
import type { Connections, Ports } from '../ports.ts';
import { removeConnection } from './subscribers.ts';

type SendPorts = Pick<Ports, 'table' | 'connections' | 'clock' | 'log'>;

export interface Recipient {
  readonly connectionId: string;
  /** One after the other, in this order. */
  readonly messages: readonly string[];
}

/** What a message may take beyond SEND_MS, in ms: timers are late on a machine that is busy. */
const SEND_MARGIN_MS = 250;

/** Pauses before another try with what must arrive, in ms: 0.7 s are longer than most throttles. */
const PAUSES_MS = [100, 600] as const;

/**
 * Until when, by the monotonic clock, a connection gets no progress because a message did not go through:
 * it would take a lane of every push for SEND_MS. Kept by each function instance for itself.
 */
const slowUntil = new WeakMap<Connections, Map<string, number>>();

function slowConnections({ connections, clock }: SendPorts) {
  const slow = slowUntil.get(connections) ?? new Map<string, number>();
  slowUntil.set(connections, slow);
  const now = clock.monotonicMs();
  for (const [id, until] of slow) if (until <= now) slow.delete(id);
  return {
    has: (id: string) => slow.has(id),
    add: (id: string) => void slow.set(id, clock.monotonicMs() + SLOW_CONNECTION_MS),
  };
}

/**
 * Sends one message. What cannot be sent is a matter of this connection alone: the state is in the table,
 * and whoever connects again begins with it.
 */
export async function sendTo(
  ports: SendPorts,
  connectionId: string,
  message: string,
  pausesMs: readonly number[] = [],
): Promise<'sent' | 'gone' | 'failed'> {
  try {
    const outcome = await ports.connections.send(connectionId, message);
    if (outcome === 'gone') await removeConnection(ports, connectionId);
    // Nobody knows whether it arrived: it is not sent again.
    return outcome === 'unanswered' ? 'failed' : outcome;
  } catch (error) {
    const [pause, ...later] = pausesMs;
    if (pause !== undefined) {
      await ports.clock.sleep(pause);
      return sendTo(ports, connectionId, message, later);
    }
    ports.log.warn('An event could not be sent.', { connectionId, error: (error as Error).name });
    return 'failed';
  }
}

/**
 * Sends to all, SENDS_AT_ONCE at a time, within a turn.
 * @param mustArrive what may be left out is: for connections that are slow, and once the turn is over;
 *   what must arrive is tried again, and the turn is held for as long as it takes
 * @returns how long it took until the last was begun, in ms: whoever is slow does not count
 * @throws TurnLost
 */
export async function fanOut(
  ports: SendPorts,
  turn: Turn,
  recipients: readonly Recipient[],
  mustArrive: boolean,
): Promise<number> {
  const begun = ports.clock.monotonicMs();
  let lastBegun = begun;
  const slow = slowConnections(ports);
  const work = recipients.map(({ connectionId, messages }) => async () => {
    lastBegun = ports.clock.monotonicMs();
    for (const message of messages) {
      // A message that is on its way when the turn ends could be overtaken.
      if (turn.leftMs() < SEND_MS + SEND_MARGIN_MS) {
        if (!mustArrive) return;
        await turn.renew();
      }
      if (!mustArrive && slow.has(connectionId)) return;
      const outcome = await sendTo(ports, connectionId, message, mustArrive ? PAUSES_MS : []);
      if (outcome === 'failed') slow.add(connectionId);
      if (outcome !== 'sent') return;
    }
  });
  await runLanes([{ atOnce: SENDS_AT_ONCE, work }]);
  return lastBegun - begun;
}
