/**
 * The secrets port over Secrets Manager (API reference, GetSecretValue). This one call is made without the
 * SDK's client, which the API would load at each cold start, and need once in a while.
 */
import * as z from 'zod';
import type { Secrets } from '../../shared/ports.ts';
import { calling } from './calling.ts';
import { CALL_LIMITS, type CallLimits } from './callLimits.ts';
import { createSigner, type SigningIdentity } from './requestSignature.ts';

const SERVICE = 'secretsmanager';
const TARGET = 'secretsmanager.GetSecretValue';

/** How long a value is kept: an operator who changes it waits for so long. */
const KEPT_MS = 5 * 60_000;

const SecretArnSchema = z
  .string()
  .regex(/^arn:(aws[\w-]*):secretsmanager:([\w-]+):\d{12}:secret:/)
  .transform((arn) => {
    const [, partition = '', , region = ''] = arn.split(':');
    return { partition, region };
  });

const AnswerSchema = z.object({ SecretString: z.string().min(32) });
const RefusalSchema = z.object({ __type: z.string() });

/** An error that the service answered, in the shape of the SDK's. */
class SecretsError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };
  constructor(status: number, type: string) {
    super(`Secrets Manager answered ${status} (${type}).`);
    this.name = type;
    this.$metadata = { httpStatusCode: status };
  }
}

/** Where the service is (General Reference, "Service endpoints"). */
const endpointOf = ({ partition, region }: z.output<typeof SecretArnSchema>) =>
  `https://${SERVICE}.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;

export interface SecretsOptions {
  /** Of the secret that the secrets of webhooks are derived from. */
  readonly secretArn: string;
  readonly credentials: () => Promise<SigningIdentity>;
  /** Where the service is, when not in AWS. */
  readonly endpointUrl?: string | undefined;
  readonly limits?: Pick<CallLimits, 'secret'>;
  /** Milliseconds by a clock that nobody sets. */
  readonly monotonicMs: () => number;
}

export function createSecrets({
  secretArn,
  credentials,
  endpointUrl,
  limits = CALL_LIMITS,
  monotonicMs,
}: SecretsOptions): Secrets {
  const place = SecretArnSchema.parse(secretArn);
  const url = new URL(endpointUrl ?? endpointOf(place));
  const sign = createSigner({ region: place.region, service: SERVICE });
  let kept: { readonly value: string; readonly since: number } | undefined;

  async function getValue(signal: AbortSignal): Promise<string> {
    const body = JSON.stringify({ SecretId: secretArn });
    const headers = { 'x-amz-target': TARGET };
    const request = { method: 'POST', path: '/', host: url.host, body, headers };
    const signed = sign(request, await credentials(), Date.now());
    // fetch sends the host by itself.
    delete signed['host'];
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...signed, 'content-type': 'application/x-amz-json-1.1' },
      body,
      redirect: 'error',
      signal,
    }).catch((error: unknown) => {
      // What fetch says of a broken connection is in its cause.
      throw error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
    });
    const answer: unknown = await response.json();
    if (response.ok) return AnswerSchema.parse(answer).SecretString;
    const type = RefusalSchema.safeParse(answer).data?.__type ?? 'Unknown';
    throw new SecretsError(response.status, type.split('#').at(-1) ?? type);
  }

  return {
    async webhookMaster() {
      if (kept && monotonicMs() - kept.since < KEPT_MS) return kept.value;
      const value = await calling('Secrets Manager', limits.secret, ({ abortSignal }) =>
        getValue(abortSignal),
      );
      kept = { value, since: monotonicMs() };
      return value;
    },
  };
}
