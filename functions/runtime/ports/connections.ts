/** The WebSocket connections. */
import type { Connections } from '../../../shared/ports.ts';
import { createConnections } from '../../adapters/managedConnections.ts';
import { readEnvironment, readServicePlace } from '../environment.ts';

/** Needs WEBSOCKET_MANAGEMENT_URL. */
export function openConnections(): Connections {
  const { websocketManagementUrl } = readEnvironment(['websocketManagementUrl']);
  return createConnections({ managementUrl: websocketManagementUrl, placeOf: readServicePlace });
}
