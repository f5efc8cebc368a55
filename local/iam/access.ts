/** Who calls a local service, and what they may do there. */
import type { RequestContext } from './permissions.ts';
import { sha256Hex, type SignableRequest } from './canonicalRequest.ts';
import { type SigningScope, type VerifiedRequest, verifyRequest } from './signing.ts';

/** What every local service asks before it does anything. */
export interface Access {
  readonly region: string;
  readonly accountId: string;
  /** Milliseconds since 1970. */
  now(): number;
  /** By which times a signature may be judged (time.ts, WallClock.readings). */
  readings(): readonly number[];
  /** The secret of an access key (credentials.ts). */
  secretOf(accessKeyId: string): string | undefined;
  /** Whether the role behind an access key may do something (permissions.ts). */
  allows(accessKeyId: string, action: string, resource: string, context?: RequestContext): boolean;
}

/**
 * Checks the signature of a request whose body is at hand.
 * @throws SignatureError
 */
export function authenticate(
  access: Access,
  service: SigningScope['service'],
  request: SignableRequest,
  body: Uint8Array,
): VerifiedRequest {
  return verifyRequest(request, {
    region: access.region,
    service,
    secretOf: (accessKeyId) => access.secretOf(accessKeyId),
    readings: access.readings(),
    payloadHash: sha256Hex(body),
  });
}
