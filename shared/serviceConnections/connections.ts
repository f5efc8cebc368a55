/**
 * Connections: services that row steps call, named once by their owner, with what is sent to them. Secret headers
 * lie in Secrets Manager, under a name that is made anew for each try, written before the item that names it and
 * deleted behind it. A note is written before either, so whatever a process leaves behind the sweeper finds
 * (docs/adr/0074-secrets-of-connections.md).
 */
import type { Creation } from '../creation.ts';
import { connectionNotes } from '../deletion/dueNotes.ts';
import { randomId } from '../ids.ts';
import { MAX_CONNECTIONS, NOTE_GRACE_MS, SECOND_DELETION_SECONDS } from '../limits.ts';
import type { ConnectionSecrets, Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { Page, PageQuery } from '../schemas/common.ts';
import type { ConnectionView, CreateConnection } from '../schemas/serviceConnectionApi.ts';
import type { ServiceConnectionItem } from '../schemas/serviceConnectionItems.ts';
import {
  addConnection,
  connectionsOf,
  countConnections,
  findConnection,
  removeConnection,
} from './connectionStore.ts';
import { requireEndpoint } from './rules.ts';

type DeletionPorts = Pick<Ports, 'table' | 'clock' | 'log'> & {
  readonly connectionSecrets: Pick<ConnectionSecrets, 'forget'>;
};
type CreationPorts = DeletionPorts &
  Pick<Ports, 'random' | 'serviceEgress'> & {
    readonly connectionSecrets: Pick<ConnectionSecrets, 'keep'>;
  };

const notFound = (connectionId: string) =>
  new Problem('NOT_FOUND', `There is no connection ${connectionId}. It may have been deleted.`);

const tooMany = () =>
  new Problem(
    'LIMIT_EXCEEDED',
    `You have ${MAX_CONNECTIONS} connections, which is the most. Delete one first.`,
  );

const view = (connection: ServiceConnectionItem): ConnectionView => ({
  connectionId: connection.connectionId,
  name: connection.name,
  baseUrl: connection.baseUrl,
  headers: connection.headers,
  secretHeaders: connection.secretHeaders,
  rateLimit: connection.rateLimit ?? null,
  pricePerCallUsd: connection.pricePerCallUsd ?? null,
  createdAt: new Date(connection.createdAt).toISOString(),
});

const seconds = (ms: number) => Math.floor(ms / 1000);

/**
 * Makes a connection. Of several that are made at the same time no more stay than there may be: each counts after it
 * was written.
 * @throws Problem VALIDATION_ERROR (the URL, headers), LIMIT_EXCEEDED
 */
export async function createConnection(
  ports: CreationPorts,
  ownerId: string,
  body: CreateConnection,
  { id: connectionId, isRepeat }: Creation,
): Promise<ConnectionView> {
  const before = isRepeat ? await findConnection(ports, ownerId, connectionId) : undefined;
  if (before) return view(before);
  const { baseUrl, headers, secretHeaders } = requireEndpoint(ports, body);
  if ((await countConnections(ports, ownerId)) >= MAX_CONNECTIONS) throw tooMany();

  const secretNames = Object.keys(secretHeaders);
  const secretName = secretNames.length > 0 ? `${connectionId}/${randomId(ports)}` : undefined;
  const now = ports.clock.now();
  if (secretName !== undefined) {
    const dueAt = seconds(now + NOTE_GRACE_MS);
    await connectionNotes.note(ports, { id: secretName, ownerId, dueAt });
    await ports.connectionSecrets.keep(secretName, secretHeaders);
  }
  const connection: ServiceConnectionItem = {
    connectionId,
    ownerId,
    name: body.name,
    baseUrl,
    headers,
    secretHeaders: secretNames,
    ...(secretName !== undefined && { secretName }),
    ...(body.rateLimit && { rateLimit: body.rateLimit }),
    ...(body.pricePerCallUsd !== undefined && { pricePerCallUsd: body.pricePerCallUsd }),
    createdAt: now,
  };
  if (!(await addConnection(ports, connection))) {
    // A try before this one was late: what it made stays, and the sweeper forgets this one's secret.
    return view((await findConnection(ports, ownerId, connectionId)) ?? connection);
  }
  if ((await countConnections(ports, ownerId)) > MAX_CONNECTIONS) {
    await remove(ports, connection);
    throw tooMany();
  }
  return view(connection);
}

/** The owner's, newest first. */
export async function listConnections(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  query: PageQuery,
): Promise<Page<ConnectionView>> {
  const { connections, next } = await connectionsOf(ports, ownerId, query);
  return { data: connections.map(view), nextCursor: next ?? null };
}

/** @throws Problem NOT_FOUND */
export async function getConnection(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  connectionId: string,
): Promise<ConnectionView> {
  const connection = await findConnection(ports, ownerId, connectionId);
  if (!connection) throw notFound(connectionId);
  return view(connection);
}

/** Deletes a connection, and then what its secret headers hold. @throws Problem NOT_FOUND */
export async function deleteConnection(
  ports: DeletionPorts,
  ownerId: string,
  connectionId: string,
): Promise<void> {
  const connection = await findConnection(ports, ownerId, connectionId);
  const isDeleted = connection !== undefined && (await remove(ports, connection));
  if (!isDeleted) throw notFound(connectionId);
}

/** False when another call was faster. */
async function remove(ports: DeletionPorts, connection: ServiceConnectionItem): Promise<boolean> {
  const { ownerId, connectionId, secretName } = connection;
  // Late enough that nobody calls by it any more: its pace goes then, too.
  const dueAt = seconds(ports.clock.now()) + SECOND_DELETION_SECONDS;
  await connectionNotes.note(ports, { id: secretName ?? connectionId, ownerId, dueAt });
  if (!(await removeConnection(ports, connection))) return false;
  if (secretName === undefined) return true;
  try {
    await ports.connectionSecrets.forget(secretName);
  } catch (error) {
    // It is deleted for everybody; nothing names the secret any more, and the sweeper forgets it.
    const { name } = error instanceof Error ? error : { name: 'unknown' };
    ports.log.warn('A secret is to be forgotten by the sweeper.', { connectionId, error: name });
  }
  return true;
}
