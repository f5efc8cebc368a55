/**
 * Tickets let a browser open the WebSocket, where it cannot set headers. A ticket is in the URL, and
 * URLs are logged: so it is good for one connection within a few minutes.
 */
import { tableKeys } from '../keys.ts';
import { TICKET_SECONDS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { TicketItemSchema } from '../schemas/items.ts';
import type { Ticket } from '../schemas/taskApi.ts';
import { hashSecret } from './secrets.ts';

const TICKET_BYTES = 32;

/** A new ticket, inside the address to connect to. */
export async function issueTicket(
  {
    table,
    clock,
    random,
    websocketUrl,
  }: Pick<Ports, 'table' | 'clock' | 'random' | 'websocketUrl'>,
  ownerId: string,
): Promise<Ticket> {
  const ticket = Buffer.from(random.bytes(TICKET_BYTES)).toString('base64url');
  const expiresAt = Math.floor(clock.now() / 1000) + TICKET_SECONDS;
  await table.put(tableKeys.ticket(hashSecret(ticket)), { ownerId, expiresAt });
  return {
    websocketUrl: `${websocketUrl}?ticket=${ticket}`,
    expiresAt: new Date(expiresAt * 1000).toISOString(),
  };
}

/** Uses a ticket up; its owner, or undefined when it is unknown, expired or used. */
export async function redeemTicket(
  { table }: Pick<Ports, 'table'>,
  ticket: string | undefined,
): Promise<string | undefined> {
  if (ticket === undefined || ticket.length > 100) return undefined;
  const key = tableKeys.ticket(hashSecret(ticket));
  const item = await table.get(key);
  if (!item) return undefined;
  // Two connections may have read it; the one whose delete finds it is the one that may enter.
  const first = await table.delete(key, { present: 'pk' });
  return first ? TicketItemSchema.parse(item).ownerId : undefined;
}
