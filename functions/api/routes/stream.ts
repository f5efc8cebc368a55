/** The ways to the events: the WebSocket, and server-sent events. */
import { issueEventsTicket, issueTicket } from '../../../shared/access/tickets.ts';
import type { streamRoutes } from '../../../shared/api/stream.ts';
import type { Handlers } from '../route.ts';

export const streamHandlers: Handlers<typeof streamRoutes> = {
  createTicket: async (ports, { ownerId }) => {
    const [socket, events] = await Promise.all([
      issueTicket(ports, ownerId),
      issueEventsTicket(ports, ownerId),
    ]);
    return {
      data: {
        websocketUrl: socket.url,
        expiresAt: socket.expiresAt,
        eventsUrl: events.url,
        eventsExpireAt: events.expiresAt,
      },
    };
  },
};
