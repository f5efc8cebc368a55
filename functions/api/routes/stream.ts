/** The way to the WebSocket, where events come from. */
import { issueTicket } from '../../../shared/access/tickets.ts';
import type { streamRoutes } from '../../../shared/api/stream.ts';
import type { Handlers } from '../route.ts';

export const streamHandlers: Handlers<typeof streamRoutes> = {
  createTicket: async (ports, { ownerId }) => ({ data: await issueTicket(ports, ownerId) }),
};
