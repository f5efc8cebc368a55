/** The WebSocket API: connections come and go, and say what they want to hear of. */
import { connect, disconnect, receive } from '../../shared/stream/receive.ts';
import { openConnections, openTable, ownPorts } from '../runtime/ports.ts';
import { socket } from '../runtime/socket.ts';

const ports = { ...ownPorts(), table: openTable(), connections: openConnections() };

export const handler = socket({ ports, connect, disconnect, receive });
