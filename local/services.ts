/** The one endpoint that the functions' SDK clients talk to: finds the service that is meant. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isLoopbackHost } from './net/loopbackHost.ts';
import { TARGET_PREFIX as SECRETS } from './secretsManager/endpoint.ts';
import { isConnectionsPath } from './apiGateway/webSocket/connectionsApi.ts';
import { isHoldPath } from './holds.ts';

/** Answers one request; never rejects. */
type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface LocalServices {
  readonly dynamoDb: Handle;
  readonly stepFunctions: Handle;
  readonly secretsManager: Handle;
  readonly connections: Handle;
  readonly s3: Handle;
  readonly holds: Handle;
}

/** A server, not yet listening. */
export function createServicesServer(services: LocalServices): Server {
  return createServer((request, response) => {
    if (!isLoopbackHost(request.headers.host)) {
      response.writeHead(403, { 'content-type': 'text/plain' });
      response.end('The local services answer to localhost and 127.0.0.1 only.\n');
      return;
    }
    void serviceFor(request, services)(request, response);
  });
}

/** JSON services say which they are in a header; what has none and no other path of its own is S3. */
function serviceFor({ headers, url = '/' }: IncomingMessage, services: LocalServices): Handle {
  const target = String(headers['x-amz-target'] ?? '');
  if (target.startsWith('DynamoDB_20120810.')) return services.dynamoDb;
  if (target.startsWith('AWSStepFunctions.')) return services.stepFunctions;
  if (target.startsWith(SECRETS)) return services.secretsManager;
  if (isHoldPath(url)) return services.holds;
  return isConnectionsPath(url) ? services.connections : services.s3;
}
