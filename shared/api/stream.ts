/** The ways to the events: the WebSocket, and server-sent events. */
import { TicketSchema } from '../schemas/taskApi.ts';
import { defineRoutes } from './route.ts';

export const streamRoutes = defineRoutes({
  createTicket: {
    method: 'POST',
    path: '/stream/tickets',
    tag: 'Events',
    summary: 'Get addresses for events: of the WebSocket, and of server-sent events',
    description:
      'The addresses carry tickets: that of the WebSocket is good for one connection within 10 minutes, that of server-sent events for 12 hours, as often as one likes.',
    // One that never arrived is a ticket that nobody uses.
    repeatable: true,
    answers: [{ kind: 'data', status: 201, name: 'Ticket', schema: TicketSchema }],
    problems: [],
  },
});
