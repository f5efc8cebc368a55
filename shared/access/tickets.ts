/**
 * Tickets let a browser open a stream of events, where it cannot set headers. A ticket is in the URL, and
 * URLs are logged: so that of a WebSocket is good for one connection within a few minutes. Server-sent
 * events are asked for again and again under the same address, so theirs is good until it expires; it
 * opens nothing else.
 */
import { tableKeys } from '../keys.ts';
import { EVENTS_TICKET_SECONDS, TICKET_SECONDS } from '../limits.ts';
import type { Condition, ItemKey, Ports } from '../ports.ts';
import { EventsTicketItemSchema, TicketItemSchema } from '../schemas/items.ts';
import { hashSecret } from './secrets.ts';

type IssuePorts = Pick<Ports, 'table' | 'clock' | 'random'>;

const TICKET_BYTES = 32;
const MAX_TICKET_CHARACTERS = 100;

/** An address with a ticket in it. */
export interface TicketUrl {
  readonly url: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

async function issue(
  { table, clock, random }: IssuePorts,
  ownerId: string,
  {
    keyOf,
    seconds,
    address,
  }: { keyOf: (hash: string) => ItemKey; seconds: number; address: string },
): Promise<TicketUrl> {
  const ticket = Buffer.from(random.bytes(TICKET_BYTES)).toString('base64url');
  const expiresAt = Math.floor(clock.now() / 1000) + seconds;
  await table.put(keyOf(hashSecret(ticket)), { ownerId, expiresAt });
  return {
    url: `${address}?ticket=${ticket}`,
    expiresAt: new Date(expiresAt * 1000).toISOString(),
  };
}

/** The address for one WebSocket connection. */
export const issueTicket = (
  ports: IssuePorts & Pick<Ports, 'websocketUrl'>,
  ownerId: string,
): Promise<TicketUrl> =>
  issue(ports, ownerId, {
    keyOf: tableKeys.ticket,
    seconds: TICKET_SECONDS,
    address: ports.websocketUrl,
  });

/** The address for server-sent events. */
export const issueEventsTicket = (
  ports: IssuePorts & Pick<Ports, 'eventsUrl'>,
  ownerId: string,
): Promise<TicketUrl> =>
  issue(ports, ownerId, {
    keyOf: tableKeys.eventsTicket,
    seconds: EVENTS_TICKET_SECONDS,
    address: ports.eventsUrl,
  });

/** Uses the ticket of a WebSocket up; its owner, or undefined when it is unknown, expired or used. */
export async function redeemTicket(
  { table, clock }: Pick<Ports, 'table' | 'clock'>,
  ticket: string | undefined,
): Promise<string | undefined> {
  if (ticket === undefined || ticket.length > MAX_TICKET_CHARACTERS) return undefined;
  const seconds = Math.floor(clock.now() / 1000);
  // One call: of two connections that use it, the one whose write holds may enter. The item goes as it expires.
  const unused: Condition = {
    all: [{ attribute: 'expiresAt', is: '>', value: seconds }, { absent: 'isUsed' }],
  };
  const key = tableKeys.ticket(hashSecret(ticket));
  const item = await table.update(key, { set: { isUsed: true } }, unused);
  return item && TicketItemSchema.parse(item).ownerId;
}

/** The owner of a ticket for server-sent events, or undefined when it is unknown or expired. */
export async function findTicketOwner(
  { table }: Pick<Ports, 'table'>,
  ticket: string | undefined,
): Promise<string | undefined> {
  if (ticket === undefined || ticket.length > MAX_TICKET_CHARACTERS) return undefined;
  const item = await table.get(tableKeys.eventsTicket(hashSecret(ticket)));
  return item && EventsTicketItemSchema.parse(item).ownerId;
}
