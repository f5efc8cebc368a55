/** The way to the WebSocket, where events come from. */
import { issueTicket } from '../../../shared/access/tickets.ts';
import { TicketSchema } from '../../../shared/schemas/taskApi.ts';
import { defineRoute, type Route } from '../route.ts';

export const streamRoutes: readonly Route[] = [
  defineRoute({
    operationId: 'createTicket',
    method: 'POST',
    path: '/stream/tickets',
    tag: 'Events',
    summary: 'Get an address for one WebSocket connection',
    description: 'The address carries a ticket that is good for one connection within 10 minutes.',
    answers: [{ kind: 'data', status: 201, name: 'Ticket', schema: TicketSchema }],
    problems: [],
    handle: async (ports, { ownerId }) => ({ data: await issueTicket(ports, ownerId) }),
  }),
];
