/** Secrets Manager. */
import type { Secrets } from '../../../shared/ports.ts';
import { createSecrets } from '../../adapters/secretsManager.ts';
import { defaultProvider } from '../credentials.ts';
import { readEndpointUrl, readEnvironment } from '../environment.ts';
import { clock } from '../ports.ts';

/** Needs WEBHOOK_SECRET_ARN. */
export function openSecrets(): Secrets {
  const { webhookSecret } = readEnvironment(['webhookSecret']);
  return createSecrets({
    secretArn: webhookSecret,
    credentials: defaultProvider(),
    endpointUrl: readEndpointUrl(),
    monotonicMs: () => clock.monotonicMs(),
  });
}
