/** The secrets port over Secrets Manager (API reference, GetSecretValue). */
import * as z from 'zod';
import type { Secrets } from '../../shared/ports.ts';
import { calling } from './calling.ts';
import { CALL_LIMITS, type CallLimits } from './callLimits.ts';
import { createJsonService, type ServicePlace } from './clients/jsonService.ts';

export const SECRETS_MANAGER = {
  service: 'secretsmanager',
  target: 'secretsmanager',
  version: '1.1',
} as const;

/** How long a value is kept: an operator who changes it waits for so long. */
export const SECRET_KEPT_MS = 5 * 60_000;

const SecretArnSchema = z.string().regex(/^arn:(aws[\w-]*):secretsmanager:([\w-]+):\d{12}:secret:/);
const AnswerSchema = z.object({ SecretString: z.string().min(32) });

export interface SecretsOptions {
  /** Of the secret that the secrets of webhooks are derived from. */
  readonly secretArn: string;
  /** Asked at the first call. */
  readonly placeOf: () => ServicePlace;
  readonly limits?: Pick<CallLimits, 'secret'>;
  /** Milliseconds by a clock that nobody sets. */
  readonly monotonicMs: () => number;
}

export function createSecrets({
  secretArn,
  placeOf,
  limits = CALL_LIMITS,
  monotonicMs,
}: SecretsOptions): Secrets {
  const SecretId = SecretArnSchema.parse(secretArn);
  const client = createJsonService(SECRETS_MANAGER, placeOf);
  let kept: { readonly value: string; readonly since: number } | undefined;

  return {
    async webhookMaster() {
      if (kept && monotonicMs() - kept.since < SECRET_KEPT_MS) return kept.value;
      const output = await calling('Secrets Manager', limits.secret, (options) =>
        client('GetSecretValue', { SecretId }, options),
      );
      const value = AnswerSchema.parse(output).SecretString;
      kept = { value, since: monotonicMs() };
      return value;
    },
  };
}
