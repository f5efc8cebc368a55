/** The WebSocket API: connections come and go, and say what they want to hear of. */
import { connect, disconnect, receive } from '../../shared/stream/receive.ts';
import { openConnections } from '../runtime/ports/connections.ts';
import { openDeliveries } from '../runtime/ports/deliveries.ts';
import { openTable } from '../runtime/ports/table.ts';
import { ownPorts } from '../runtime/ports.ts';
import { socket } from '../runtime/socket.ts';

const ports = {
  ...ownPorts(),
  table: openTable(),
  connections: openConnections(),
  workflow: openDeliveries(),
};

export const handler = socket({ ports, connect, disconnect, receive });
