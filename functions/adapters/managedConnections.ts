/** The connections port over API Gateway's @connections. */
import {
  type ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { Connections } from '../../shared/ports.ts';
import { createConnectionsClient } from './clients.ts';
import { calling, isNamed } from './sdkErrors.ts';

/**
 * Open WebSocket connections of one stage. Throws WorkflowError serviceUnavailable when API Gateway
 * fails in a way that may pass; a client that reads too slowly is one of them (LimitExceeded).
 */
export function createConnections({
  managementUrl,
  client = createConnectionsClient(managementUrl),
}: {
  managementUrl: string;
  client?: ApiGatewayManagementApiClient;
}): Connections {
  return {
    async send(connectionId, message) {
      const command = new PostToConnectionCommand({ ConnectionId: connectionId, Data: message });
      try {
        await calling('API Gateway', () => client.send(command));
        return 'sent';
      } catch (error) {
        if (isNamed(error, 'GoneException')) return 'gone';
        throw error;
      }
    },
  };
}
