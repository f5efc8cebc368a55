/** The way to the WebSocket, where events come from. */
import { TicketSchema } from '../schemas/taskApi.ts';
import { defineRoutes } from './route.ts';

export const streamRoutes = defineRoutes({
  createTicket: {
    method: 'POST',
    path: '/stream/tickets',
    tag: 'Events',
    summary: 'Get an address for one WebSocket connection',
    description: 'The address carries a ticket that is good for one connection within 10 minutes.',
    // One that never arrived is a ticket that nobody uses.
    repeatable: true,
    answers: [{ kind: 'data', status: 201, name: 'Ticket', schema: TicketSchema }],
    problems: [],
  },
});
