/** Secrets Manager. */
import type { Secrets } from '../../../shared/ports.ts';
import { createSecrets } from '../../adapters/secretsManager.ts';
import { readEnvironment, readServicePlace } from '../environment.ts';
import { clock } from '../ports.ts';

/** Needs WEBHOOK_SECRET_ARN. */
export function openSecrets(): Secrets {
  const { webhookSecret } = readEnvironment(['webhookSecret']);
  return createSecrets({
    secretArn: webhookSecret,
    placeOf: readServicePlace,
    monotonicMs: () => clock.monotonicMs(),
  });
}
