/**
 * Signatures by which a receiver knows that a message is ours (Standard Webhooks 1.0,
 * https://github.com/standard-webhooks/standard-webhooks). The secret of each endpoint is derived from the
 * installation's one master secret: there is nothing to store, to leak, or to pay for by the endpoint.
 */
import { createHmac } from 'node:crypto';
import type { Ports } from '../ports.ts';

const PREFIX = 'whsec_';
/** What the derived secrets are for: the same master secret gives others for other purposes. */
const PURPOSE = 'sheaf/webhooks/v1/';

/**
 * The secret of an endpoint: 256 bits that nobody can tell without the master secret.
 * @param id of the endpoint; of a task's own webhook, the task's
 */
export function webhookSecret(master: string, id: string): string {
  const key = createHmac('sha256', master)
    .update(PURPOSE + id)
    .digest();
  return PREFIX + key.toString('base64');
}

/** The same, with the master secret of this installation. */
export const secretOf = async ({ secrets }: Pick<Ports, 'secrets'>, id: string): Promise<string> =>
  webhookSecret(await secrets.webhookMaster(), id);

export interface Message {
  /** webhook-id: the same at every attempt. */
  readonly id: string;
  /** When this attempt is made, in seconds since 1970: receivers refuse what is older than minutes. */
  readonly timestamp: number;
  readonly body: string;
}

/** The headers of an attempt, signed with the endpoint's secret. */
export function signedHeaders(
  secret: string,
  { id, timestamp, body }: Message,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}
