/** What tests need to talk to the local services: a loopback server, access keys, SDK clients. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Access } from '../../local/iam/access.ts';
import { compilePermissions } from '../../local/iam/permissions.ts';
import type { Credentials } from '../../local/iam/signing.ts';

export const REGION = 'eu-central-1';
export const ACCOUNT = '000000000000';

/** Access keys whose secret is `secret-of-<id>`, with the policies given; ADMIN may everything. */
export function createTestAccess(
  options: { policies?: Record<string, unknown[]>; now?: () => number } = {},
): Access {
  const everything = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
  const policies = { ADMIN: [everything], ...options.policies };
  const now = options.now ?? (() => Date.now());
  const permissions = compilePermissions(policies);
  return {
    region: REGION,
    accountId: ACCOUNT,
    now,
    readings: () => [now()],
    secretOf: (id) => (Object.hasOwn(policies, id) ? credentialsOf(id).secretAccessKey : undefined),
    allows: (...question) => permissions.allows(...question),
  };
}

export const credentialsOf = (accessKeyId: string): Credentials => ({
  accessKeyId,
  secretAccessKey: `secret-of-${accessKeyId}`,
});

export interface LoopbackServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a handler on a free port of 127.0.0.1. */
export async function serve(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<LoopbackServer> {
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Configuration of an SDK client that talks to a loopback server. */
export const clientConfig = (url: string, accessKeyId = 'ADMIN') => ({
  endpoint: url,
  region: REGION,
  credentials: credentialsOf(accessKeyId),
});
