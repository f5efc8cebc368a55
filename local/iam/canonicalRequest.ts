/**
 * What AWS Signature Version 4 signs, and with which key. (AWS General Reference, "Signature Version 4";
 * S3 API Reference, "Authenticating Requests".)
 */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** What is signed of a request. `url` is path and query as they are on the wire. */
export interface SignableRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** The parameters of a query, each with its values. */
export type Parameters = ReadonlyMap<string, readonly string[]>;

interface Canonical {
  readonly query: Parameters;
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
  readonly service: string;
}

/** What of a request is signed, in the one form that both sides make of it. */
export function canonicalRequest(
  { method, url, headers }: SignableRequest,
  { query, signedHeaders, payloadHash, service }: Canonical,
): string {
  const path = url.split('?', 1)[0] ?? '/';
  return [
    method,
    // S3 signs the path as it is sent; all others encode it once more.
    service === 's3' ? path : path.split('/').map(encode).join('/'),
    canonicalQuery(query),
    ...signedHeaders.map((name) => `${name}:${headerValue(headers[name])}`),
    '',
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

function canonicalQuery(query: Parameters): string {
  return [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .flatMap(([name, values]) => values.map((value) => [encode(name), encode(value)] as const))
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const headerValue = (value: string | string[] | undefined) =>
  [value ?? '']
    .flat()
    .map((text) => text.trim().replace(/ +/g, ' '))
    .join(',');

/** What the signature is the HMAC of. @param date in basic form */
export function stringToSign(date: string, scope: string, canonical: string): string {
  return [ALGORITHM, date, scope, sha256Hex(canonical)].join('\n');
}

/** The key that signs within a scope of date/region/service/aws4_request. */
export function signingKeyOf(secret: string, scope: string): Buffer {
  const name = `${scope}\n${secret}`;
  const known = derived.get(name);
  if (known) return known;
  const key = scope
    .split('/')
    .reduce((from, part) => hmac(from, part), Buffer.from(`AWS4${secret}`));
  if (derived.size >= KEYS_KEPT) derived.clear();
  derived.set(name, key);
  return key;
}

/** Four HMACs for each, which are the same for all of a day's requests of a role to a service. */
const derived = new Map<string, Buffer>();
const KEYS_KEPT = 256;

/** The parameters of a URL's query, percent-decoded. */
export function parseQuery(url: string): Parameters {
  const parameters = new Map<string, string[]>();
  for (const pair of url.split('?').slice(1).join('?').split('&')) {
    if (pair === '') continue;
    const [name = '', ...value] = pair.split('=');
    const key = decode(name);
    parameters.set(key, [...(parameters.get(key) ?? []), decode(value.join('='))]);
  }
  return parameters;
}

/** What is not valid percent-encoding stays as it is: no signature will fit it. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** RFC 3986: only unreserved characters stay as they are. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Milliseconds since 1970 as ISO 8601 basic form, such as 20260101T000000Z. */
export const basicDate = (now: number) => new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');

/** SHA-256 in hex. */
export const sha256Hex = (body: string | Uint8Array) =>
  createHash('sha256').update(body).digest('hex');

/** HMAC-SHA-256, the only one that Signature Version 4 uses. */
export const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();
