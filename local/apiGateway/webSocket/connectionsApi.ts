/** The @connections API: how functions send to clients (API Gateway Management API). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate, type Access } from '../../iam/access.ts';
import { SignatureError } from '../../iam/signing.ts';
import { LOCAL_PARTITION } from '../../cloudFormation/resourceTypes.ts';

/** An open connection, as this API sees it. */
export interface OpenConnection {
  readonly connectedAt: number;
  /** When a message last went either way. */
  readonly lastActiveAt: number;
  readonly sourceIp: string;
  readonly userAgent: string;
  /** False when the client takes messages more slowly than they are sent. */
  send(message: Buffer): boolean;
  close(): void;
}

/** A message of the server has at most 128 KB. */
export const MAX_MESSAGE_BYTES = 128 * 1024;

const PATH = /^\/@connections\/([^/?]+)$/i;

/** Whether a request is for this API rather than for S3: bucket names have no @. */
export const isConnectionsPath = (url: string) => /^\/(@|%40)connections\//i.test(url);

export interface ConnectionsApiOptions {
  readonly apiId: string;
  readonly stage: string;
  readonly access: Access;
  readonly find: (connectionId: string) => OpenConnection | undefined;
}

class ConnectionsError extends Error {
  readonly status: number;
  constructor(status: number, name: string, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** @returns answers one request; never rejects */
export function createConnectionsApi(options: ConnectionsApiOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { status, body } = await answer(options, request);
      const text = body === undefined ? '' : JSON.stringify(body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    } catch (error) {
      const known =
        error instanceof ConnectionsError
          ? error
          : new ConnectionsError(500, 'InternalServerErrorException', String(error));
      response
        .writeHead(known.status, {
          'content-type': 'application/json',
          'x-amzn-errortype': known.name,
        })
        .end(JSON.stringify({ message: known.message }));
    }
  };
}

async function answer(
  { apiId, stage, access, find }: ConnectionsApiOptions,
  request: IncomingMessage,
): Promise<{ status: number; body?: object }> {
  const body = await readMessage(request);
  const { method = 'GET', url = '/', headers } = request;
  const id = PATH.exec(decodeURIComponent(url))?.[1] ?? '';
  const resource =
    `arn:${LOCAL_PARTITION}:execute-api:${access.region}:${access.accountId}:` +
    `${apiId}/${stage}/${method}/@connections/${id}`;
  const caller = callerOf(access, { method, url, headers }, body);
  if (!access.allows(caller, 'execute-api:ManageConnections', resource)) {
    throw new ConnectionsError(
      403,
      'ForbiddenException',
      `User: ${caller} is not authorized to perform: execute-api:ManageConnections on resource: ${resource}`,
    );
  }
  if (body.length > MAX_MESSAGE_BYTES) {
    throw new ConnectionsError(
      413,
      'PayloadTooLargeException',
      `A message has at most ${MAX_MESSAGE_BYTES} bytes.`,
    );
  }
  const connection = find(id);
  if (!connection) throw new ConnectionsError(410, 'GoneException', 'The client has left.');
  switch (method) {
    case 'POST':
      if (connection.send(body)) return { status: 200 };
      throw new ConnectionsError(429, 'LimitExceededException', 'The client is too slow.');
    case 'DELETE':
      connection.close();
      return { status: 204 };
    case 'GET':
      return { status: 200, body: described(connection) };
    default:
      throw new ConnectionsError(403, 'ForbiddenException', `${method} is not allowed here.`);
  }
}

const described = ({ connectedAt, lastActiveAt, sourceIp, userAgent }: OpenConnection) => ({
  connectedAt: new Date(connectedAt).toISOString(),
  identity: { sourceIp, userAgent },
  lastActiveAt: new Date(lastActiveAt).toISOString(),
});

function callerOf(
  access: Access,
  request: Parameters<typeof authenticate>[2],
  body: Buffer,
): string {
  try {
    return authenticate(access, 'execute-api', request, body).accessKeyId;
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    throw new ConnectionsError(403, 'ForbiddenException', error.message);
  }
}

/** Reads the body whole; it is judged by its size later, after its signature. */
async function readMessage(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > 8 * MAX_MESSAGE_BYTES) {
      throw new ConnectionsError(413, 'PayloadTooLargeException', 'The message is far too large.');
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
