/** Connections to services. */
import type { connectionRoutes } from '../../../shared/api/connections.ts';
import {
  createConnection,
  deleteConnection,
  getConnection,
  listConnections,
} from '../../../shared/serviceConnections/connections.ts';
import type { Handlers } from '../route.ts';

export const connectionHandlers: Handlers<typeof connectionRoutes> = {
  createConnection: {
    make: (ports, { ownerId, body }, creation) => createConnection(ports, ownerId, body, creation),
    fresh: async () => ({}),
  },
  listConnections: (ports, { ownerId, query }) => listConnections(ports, ownerId, query),
  getConnection: async (ports, { ownerId, params }) => ({
    data: await getConnection(ports, ownerId, params.connectionId),
  }),
  deleteConnection: async (ports, { ownerId, params }) => {
    await deleteConnection(ports, ownerId, params.connectionId);
    return { empty: true };
  },
};
