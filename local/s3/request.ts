/** An HTTP request as S3 reads it: bucket, key, parameters, and nothing that is not emulated. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ByteRange } from '../../shared/ports.ts';
import type { ObjectPlace, WriteConditions } from './objects.ts';
import { S3Error } from './errors.ts';

const KEY_BYTES_MAX = 1024;

export interface S3Request extends ObjectPlace {
  readonly message: IncomingMessage;
  readonly method: string;
  readonly query: URLSearchParams;
  /** Headers, and the x-amz- headers that a presigned link holds as parameters. */
  readonly headers: IncomingHttpHeaders;
}

/**
 * Reads a path-style request, /bucket/key. A key is any text, `..` included: it never becomes a path.
 * @throws S3Error InvalidURI, KeyTooLongError
 */
export function parseRequest(message: IncomingMessage): S3Request {
  const { method = 'GET', url = '/', headers } = message;
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const [, bucket = '', ...key] = path.split('/');
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const hoisted = [...query].filter(([name]) => name.startsWith('x-amz-'));
  return {
    message,
    method,
    headers: { ...headers, ...Object.fromEntries(hoisted) },
    query,
    bucket: decode(bucket),
    key: checkedKey(decode(key.join('/'))),
  };
}

/** The object that x-amz-copy-source names. @throws S3Error */
export function copySource(headers: IncomingHttpHeaders): ObjectPlace {
  const [bucket = '', ...key] = text(headers, 'x-amz-copy-source').replace(/^\//, '').split('/');
  if (key.length === 0) {
    throw new S3Error('InvalidArgument', 'Copy Source must mention the source bucket and key.');
  }
  const place = { bucket: decode(bucket), key: checkedKey(decode(key.join('/'))) };
  if (place.key.includes('?versionId=')) {
    throw new S3Error('NotImplemented', 'Versions of a copy source are not emulated.');
  }
  return place;
}

/** The range that a part is copied from. @throws S3Error InvalidArgument */
export function copySourceRange(headers: IncomingHttpHeaders): ByteRange | undefined {
  const header = headers['x-amz-copy-source-range'];
  if (header === undefined) return undefined;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(String(header)) ?? [];
  const offset = Number(first);
  const length = Number(last) - offset + 1;
  if (Number.isNaN(length) || length < 1) {
    throw new S3Error(
      'InvalidArgument',
      'The x-amz-copy-source-range value must be of the form bytes=first-last.',
    );
  }
  return { offset, length };
}

/**
 * The range of an object of this size that a GET asks for; undefined for the whole object, which is
 * what S3 answers to a range that it does not understand (RFC 9110, section 14.2).
 * @throws S3Error InvalidRange
 */
export function requestedRange(header: string | undefined, bytes: number): ByteRange | undefined {
  const [matched, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (matched === undefined || (first === '' && last === '')) return undefined;
  const offset = first === '' ? Math.max(bytes - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? bytes : Math.min(Number(last) + 1, bytes);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (offset >= bytes || offset >= end) {
    throw new S3Error('InvalidRange', 'The requested range is not satisfiable', {
      'content-range': `bytes */${bytes}`,
    });
  }
  return { offset, length: end - offset };
}

export const writeConditions = (headers: IncomingHttpHeaders): WriteConditions => ({
  ifMatch: headers['if-match'],
  ifNoneMatch: headers['if-none-match'],
});

const STORED = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** The headers that are kept with an object. */
export function storedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !(STORED.includes(name) || name.startsWith('x-amz-meta-'))) continue;
    // The framing of the upload is no encoding of the object.
    const stored = String(value).replace(/\baws-chunked\b,? */, '');
    if (stored !== '') kept[name] = stored;
  }
  return kept;
}

/** x-amz- headers that are understood, or that change nothing here. */
const KNOWN_HEADERS =
  /^x-amz-(?:date|content-sha256|user-agent|security-token|decoded-content-length|trailer|sdk-checksum-algorithm|checksum-.+|meta-.+|copy-source|copy-source-range|metadata-directive|mp-object-size|server-side-encryption)$/;
/** Parameters that belong to the signature, to the SDK, or to no operation in particular. */
const KNOWN_PARAMETERS =
  /^(?:X-Amz-.+|x-amz-.+|x-id|response-(?:content-.+|cache-control|expires))$/;

/**
 * Refuses what would be overlooked otherwise: a header or parameter that is not emulated.
 * @param parameters those that the operation knows
 * @throws S3Error NotImplemented
 */
export function requireKnown({ headers, query }: S3Request, parameters: readonly string[]) {
  const header = Object.keys(headers).find(
    (name) => name.startsWith('x-amz-') && !KNOWN_HEADERS.test(name),
  );
  const parameter = [...query.keys()].find(
    (name) => !KNOWN_PARAMETERS.test(name) && !parameters.includes(name),
  );
  const unknown = header ?? parameter;
  if (unknown) throw new S3Error('NotImplemented', `${unknown} is not emulated.`);
}

/** A header's text; empty when it is not there. */
export const text = (headers: IncomingHttpHeaders, name: string) => String(headers[name] ?? '');

function checkedKey(key: string): string {
  if (Buffer.byteLength(key) <= KEY_BYTES_MAX) return key;
  throw new S3Error('KeyTooLongError', 'Your key is too long');
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.");
  }
}
