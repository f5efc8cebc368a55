/** The connections port over API Gateway's @connections. */
import {
  type ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { Connections } from '../../shared/ports.ts';
import { calling } from './calling.ts';
import { CALL_LIMITS, type CallLimits } from './callLimits.ts';
import { createConnectionsClient } from './clients/connections.ts';
import { isNamed } from './sdkErrors.ts';

/**
 * Open WebSocket connections of one stage. Throws WorkflowError serviceUnavailable when API Gateway
 * fails in a way that may pass; a client that reads too slowly is one of them (LimitExceeded).
 */
export function createConnections({
  managementUrl,
  client = createConnectionsClient(managementUrl),
  limits = CALL_LIMITS,
}: {
  managementUrl: string;
  client?: ApiGatewayManagementApiClient;
  limits?: Pick<CallLimits, 'post'>;
}): Connections {
  return {
    async send(connectionId, message) {
      const command = new PostToConnectionCommand({ ConnectionId: connectionId, Data: message });
      try {
        await calling('API Gateway', limits.post, (options) => client.send(command, options));
        return 'sent';
      } catch (error) {
        if (isNamed(error, 'GoneException')) return 'gone';
        throw error;
      }
    },
  };
}
