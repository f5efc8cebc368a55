/** The client of a WebSocket API's @connections. */
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { COMMON } from './common.ts';

/** @param managementUrl https:// address of the WebSocket API's stage, where @connections is. */
export const createConnectionsClient = (managementUrl: string) =>
  new ApiGatewayManagementApiClient({ ...COMMON, endpoint: managementUrl });
