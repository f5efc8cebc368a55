/**
 * AWS Signature Version 4: checked on what comes in, by header or by presigned link, and made for calls
 * of our own.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import {
  ALGORITHM,
  basicDate,
  canonicalRequest,
  hmac,
  type Parameters,
  parseQuery,
  sha256Hex,
  type SignableRequest,
  signingKeyOf,
  stringToSign,
} from './canonicalRequest.ts';

/** A signed request is good for this long before and after its date. */
const SKEW_MS = 15 * 60 * 1000;
/** A presigned link lives at most 7 days. */
const LINK_SECONDS_MAX = 604_800;

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The service and region that a signature is for. */
export interface SigningScope {
  readonly region: string;
  readonly service: string;
}

/** A request whose signature was found right. */
export interface VerifiedRequest {
  readonly accessKeyId: string;
  /** Whether the signature came in the query, as a presigned link. */
  readonly presigned: boolean;
  /** What the signatures of a body's chunks build on (awsChunked.ts). */
  readonly seed: ChunkSeed;
}

export interface ChunkSeed {
  readonly signature: string;
  readonly signingKey: Buffer;
  /** ISO 8601 basic form, such as 20260101T000000Z. */
  readonly date: string;
  readonly scope: string;
}

/** Why a request's signature is refused; each service has its own names for these. */
export type SignatureFault =
  'missing' | 'malformed' | 'unknown-key' | 'skewed' | 'expired' | 'unsigned-header' | 'mismatch';

export class SignatureError extends Error {
  readonly fault: SignatureFault;
  constructor(fault: SignatureFault, message: string) {
    super(message);
    this.name = 'SignatureError';
    this.fault = fault;
  }
}

export interface VerifyOptions extends SigningScope {
  /** The secret of an access key; undefined when nobody has it. */
  readonly secretOf: (accessKeyId: string) => string | undefined;
  /**
   * What the clock may have shown the caller, in milliseconds since 1970: one of them has to fit. There
   * are several after the clock was set, as what was signed before may arrive after.
   */
  readonly readings: readonly number[];
  /** What the canonical request ends with: the body's SHA-256 in hex, or S3's word for not having it. */
  readonly payloadHash: string;
}

/** @throws SignatureError when the request is not signed, wrongly signed, too late or too early */
export function verifyRequest(request: SignableRequest, options: VerifyOptions): VerifiedRequest {
  const query = parseQuery(request.url);
  const claim = query.has('X-Amz-Signature')
    ? claimInQuery(query)
    : claimInHeader(request.headers.authorization, request.headers['x-amz-date']);
  checkScope(claim, options);
  checkTimes(claim, options.readings);
  checkHeaders(request.headers, claim.signedHeaders, options.service);

  const secret = options.secretOf(claim.accessKeyId);
  if (secret === undefined) {
    throw new SignatureError('unknown-key', 'There is no such access key.');
  }
  const signingKey = signingKeyOf(secret, claim.scope);
  const canonical = canonicalRequest(request, {
    query,
    signedHeaders: claim.signedHeaders,
    payloadHash: claim.expires === undefined ? options.payloadHash : linkPayloadHash(query),
    service: options.service,
  });
  const expected = hmac(signingKey, stringToSign(claim.date, claim.scope, canonical));
  const given = Buffer.from(claim.signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new SignatureError('mismatch', 'The signature does not belong to this request.');
  }
  return {
    accessKeyId: claim.accessKeyId,
    presigned: claim.expires !== undefined,
    seed: { signature: claim.signature, signingKey, date: claim.date, scope: claim.scope },
  };
}

/**
 * The headers that sign a request of ours, to be sent along with those that it has.
 * @param request headers must hold host; all of them are signed
 */
export function signRequest(
  request: SignableRequest & { body: string | Uint8Array },
  { accessKeyId, secretAccessKey }: Credentials,
  { region, service, now }: SigningScope & { now: number },
): Record<string, string> {
  const date = basicDate(now);
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const payloadHash = sha256Hex(request.body);
  const added = { 'x-amz-date': date, 'x-amz-content-sha256': payloadHash };
  const headers = { ...request.headers, ...added };
  const signedHeaders = Object.keys(headers).sort();
  const canonical = canonicalRequest(
    { ...request, headers },
    { query: parseQuery(request.url), signedHeaders, payloadHash, service },
  );
  const signature = hmac(
    signingKeyOf(secretAccessKey, scope),
    stringToSign(date, scope, canonical),
  ).toString('hex');
  return {
    ...added,
    authorization:
      `${ALGORITHM} Credential=${accessKeyId}/${scope}, ` +
      `SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`,
  };
}

/** What a request says about its own signature. */
interface Claim {
  readonly accessKeyId: string;
  readonly scope: string;
  readonly date: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** Life of a presigned link, in seconds. */
  readonly expires?: number;
}

function claimInHeader(
  authorization: string | undefined,
  date: string | string[] | undefined,
): Claim {
  if (!authorization) throw new SignatureError('missing', 'The request is not signed.');
  const found =
    /^AWS4-HMAC-SHA256 +Credential=([^/,\s]+)\/([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/.exec(
      authorization.trim(),
    );
  if (!found || typeof date !== 'string') {
    throw new SignatureError('malformed', 'The Authorization header is malformed.');
  }
  const [, accessKeyId = '', scope = '', headers = '', signature = ''] = found;
  return { accessKeyId, scope, date, signedHeaders: headers.split(';'), signature };
}

function claimInQuery(query: Parameters): Claim {
  const [accessKeyId = '', ...scope] = one(query, 'X-Amz-Credential').split('/');
  const expires = Number(one(query, 'X-Amz-Expires'));
  if (
    one(query, 'X-Amz-Algorithm') !== ALGORITHM ||
    !Number.isInteger(expires) ||
    expires < 1 ||
    expires > LINK_SECONDS_MAX
  ) {
    throw new SignatureError('malformed', 'The signature in the query is malformed.');
  }
  return {
    accessKeyId,
    scope: scope.join('/'),
    date: one(query, 'X-Amz-Date'),
    signedHeaders: one(query, 'X-Amz-SignedHeaders').split(';'),
    signature: one(query, 'X-Amz-Signature'),
    expires,
  };
}

/** A link's body is not signed, unless the link says so. */
const linkPayloadHash = (query: Parameters) =>
  query.get('X-Amz-Content-Sha256')?.[0] ?? 'UNSIGNED-PAYLOAD';

function one(query: Parameters, name: string): string {
  const [value, ...others] = query.get(name) ?? [];
  if (value === undefined || others.length > 0) {
    throw new SignatureError('malformed', `The query must hold ${name} once.`);
  }
  return value;
}

function checkScope({ scope, date }: Claim, { region, service }: SigningScope) {
  if (scope !== `${date.slice(0, 8)}/${region}/${service}/aws4_request`) {
    throw new SignatureError(
      'malformed',
      `The credential's scope must be the request's date, ${region}, ${service} and aws4_request.`,
    );
  }
}

/** @throws SignatureError what is wrong by the present time, when no reading fits */
function checkTimes(claim: Claim, readings: readonly number[]) {
  const faults: unknown[] = [];
  for (const now of readings) {
    try {
      return checkTime(claim, now);
    } catch (error) {
      faults.push(error);
    }
  }
  throw faults[0];
}

function checkTime({ date, expires }: Claim, now: number) {
  const signedAt = parseBasicDate(date);
  if (signedAt === undefined) throw new SignatureError('malformed', 'The date is malformed.');
  if (signedAt - now > SKEW_MS) {
    throw new SignatureError('skewed', 'The request was signed for a time to come.');
  }
  if (expires === undefined) {
    if (now - signedAt > SKEW_MS) {
      throw new SignatureError('skewed', 'The request was signed too long ago.');
    }
  } else if (now > signedAt + expires * 1000) {
    throw new SignatureError('expired', 'Request has expired');
  }
}

function checkHeaders(headers: IncomingHttpHeaders, signed: readonly string[], service: string) {
  if (!signed.includes('host')) {
    throw new SignatureError('unsigned-header', 'The header host must be signed.');
  }
  if (service !== 's3') return;
  // S3 acts on these: whoever holds a link must not be able to add one.
  const added = Object.keys(headers).find(
    (name) => name.startsWith('x-amz-') && !signed.includes(name),
  );
  if (added) throw new SignatureError('unsigned-header', `The header ${added} is not signed.`);
}

function parseBasicDate(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 1, ...rest] = parts.slice(1).map(Number);
  const [day = 1, hours = 0, minutes = 0, seconds = 0] = rest;
  return Date.UTC(year, month - 1, day, hours, minutes, seconds);
}
