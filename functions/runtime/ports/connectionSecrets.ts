/** Secret headers of connections, in Secrets Manager. */
import type { ConnectionSecrets } from '../../../shared/ports.ts';
import { createConnectionSecrets } from '../../adapters/connectionSecrets.ts';
import { readEnvironment, readServicePlace } from '../environment.ts';
import { clock } from '../ports.ts';

/** Needs CONNECTION_SECRETS_ARN, and for each of its methods a permission of its own. */
export function openConnectionSecrets(): ConnectionSecrets {
  const { connectionSecrets } = readEnvironment(['connectionSecrets']);
  return createConnectionSecrets({
    placeArn: connectionSecrets,
    placeOf: readServicePlace,
    monotonicMs: () => clock.monotonicMs(),
  });
}
