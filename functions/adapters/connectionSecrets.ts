/** The port to secret headers of connections over Secrets Manager: a secret for each name, written once. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { ConnectionSecrets } from '../../shared/ports.ts';
import { calling } from './calling.ts';
import { CALL_LIMITS, type CallLimits } from './callLimits.ts';
import { createJsonService, ServiceError, type ServicePlace } from './clients/jsonService.ts';
import { isNamed } from './sdkErrors.ts';
import { SECRET_KEPT_MS, SECRETS_MANAGER } from './secretsManager.ts';

/** Up to where the names begin. */
const PlaceArnSchema = z
  .string()
  .regex(/^arn:(aws[\w-]*):secretsmanager:([\w-]+):\d{12}:secret:[\w/.-]+\/$/);
const AnswerSchema = z.object({ SecretString: z.string() });
const HeadersSchema = z.record(z.string(), z.string());

export interface ConnectionSecretsOptions {
  /** How the ARNs of the secrets begin. */
  readonly placeArn: string;
  /** Asked at the first call. */
  readonly placeOf: () => ServicePlace;
  readonly limits?: Pick<CallLimits, 'secret'>;
  /** Milliseconds by a clock that nobody sets. */
  readonly monotonicMs: () => number;
}

type Headers = Readonly<Record<string, string>>;

export function createConnectionSecrets({
  placeArn,
  placeOf,
  limits = CALL_LIMITS,
  monotonicMs,
}: ConnectionSecretsOptions): ConnectionSecrets {
  const place = PlaceArnSchema.parse(placeArn);
  const folder = place.split(':').at(-1) ?? '';
  const client = createJsonService(SECRETS_MANAGER, placeOf);
  const kept = new Map<string, { readonly headers: Headers; readonly since: number }>();
  const isFresh = ({ since }: { since: number }) => monotonicMs() - since < SECRET_KEPT_MS;

  const run = (operation: string, input: object) =>
    calling('Secrets Manager', limits.secret, (options) =>
      client(operation, input, options).catch((error: unknown) => {
        throw withoutText(error);
      }),
    );

  return {
    async keep(name, headers) {
      await run('CreateSecret', {
        Name: folder + name,
        Description: 'Sheaf: secret headers of a connection',
        // The same at every try: one whose answer was lost is not in the way of the next.
        ClientRequestToken: randomUUID(),
        SecretString: JSON.stringify(headers),
      });
    },

    async read(name) {
      const remembered = kept.get(name);
      if (remembered && isFresh(remembered)) return remembered.headers;
      for (const [other, entry] of kept) if (!isFresh(entry)) kept.delete(other);
      try {
        const output = await run('GetSecretValue', { SecretId: place + name });
        const headers = parse(AnswerSchema.parse(output).SecretString);
        kept.set(name, { headers, since: monotonicMs() });
        return headers;
      } catch (error) {
        // The second: it is being deleted.
        if (isNamed(error, 'ResourceNotFoundException', 'InvalidRequestException'))
          return undefined;
        throw error;
      }
    },

    async forget(name) {
      kept.delete(name);
      try {
        await run('DeleteSecret', { SecretId: place + name, ForceDeleteWithoutRecovery: true });
      } catch (error) {
        if (!isNamed(error, 'ResourceNotFoundException')) throw error;
      }
    },
  };
}

/** What a service says of a request may quote it, and errors are logged. */
function withoutText(error: unknown): unknown {
  if (!(error instanceof ServiceError)) return error;
  const { httpStatusCode, requestId } = error.$metadata;
  const text = 'Secrets Manager refused the call.';
  return new ServiceError(error.name, text, httpStatusCode, requestId);
}

/** @throws Error that quotes nothing of it */
function parse(text: string): Headers {
  try {
    return HeadersSchema.parse(JSON.parse(text));
  } catch {
    throw new Error('A secret of a connection does not hold headers.');
  }
}
