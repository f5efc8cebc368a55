/** Authorizer of the WebSocket API: uses the ticket of a new connection up. */
import { redeemTicket } from '../../shared/access/tickets.ts';
import { ticketAuthorizer } from '../runtime/authorizer.ts';
import { openTable } from '../runtime/ports/table.ts';
import { ownPorts } from '../runtime/ports.ts';

const ports = { ...ownPorts(), table: openTable() };

export const handler = ticketAuthorizer(ports, redeemTicket);
