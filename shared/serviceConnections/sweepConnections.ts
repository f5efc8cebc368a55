/** What processes that died, and connections that were deleted, have left: secrets that nothing names, and paces. */
import { connectionNotes, type DueNote } from '../deletion/dueNotes.ts';
import { tableKeys } from '../keys.ts';
import type { ConnectionSecrets, Ports } from '../ports.ts';
import { findConnection } from './connectionStore.ts';

export type ConnectionSweepPorts = Pick<Ports, 'table' | 'clock'> & {
  readonly connectionSecrets: Pick<ConnectionSecrets, 'forget'>;
};

/**
 * Clears away what is due. What does not fit into the time is left to the next call.
 * @param untilMs nothing further is begun after this, by the monotonic clock
 * @throws what could not be forgotten, once all else is
 */
export async function sweepConnections(
  ports: ConnectionSweepPorts,
  { untilMs }: { readonly untilMs: number },
): Promise<void> {
  const failures: unknown[] = [];
  const now = Math.floor(ports.clock.now() / 1000);
  for await (const due of connectionNotes.at(ports, now)) {
    if (ports.clock.monotonicMs() >= untilMs) break;
    await clear(ports, due).catch((error: unknown) => void failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, 'Not every secret was forgotten.');
}

/** @param due its id is the name of a secret, `connection/…`, or a connection that has none */
async function clear(ports: ConnectionSweepPorts, due: DueNote): Promise<void> {
  const [connectionId = '', ...secret] = due.id.split('/');
  const connection = await findConnection(ports, due.ownerId ?? '', connectionId);
  // Whoever wrote the note has ended since: what names the secret now is all that ever will.
  const isNamed = connection && (secret.length === 0 || connection.secretName === due.id);
  if (!isNamed && secret.length > 0) await ports.connectionSecrets.forget(due.id);
  if (!connection) await ports.table.delete(tableKeys.pace(connectionId));
  await connectionNotes.drop(ports, due);
}
