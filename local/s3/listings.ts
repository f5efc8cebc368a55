/** ListBuckets, ListObjectsV2 and ListParts. */
import type { Catalogue, Upload } from './catalogue.ts';
import { S3Error } from './errors.ts';
import type { Storage } from './objects.ts';
import type { XmlContent } from './xml.ts';

const PAGE_MAX = 1000;
const BUCKETS_MAX = 10_000;

/** Body of ListAllMyBucketsResult. */
export function listBuckets(
  { buckets, region, accountId }: Pick<Storage, 'buckets' | 'region' | 'accountId'>,
  query: URLSearchParams,
): XmlContent {
  const prefix = query.get('prefix') ?? '';
  const isHere = (query.get('bucket-region') ?? region) === region;
  const token = query.get('continuation-token');
  const after = token === null ? '' : decodeToken(token);
  const limit = limitOf(query.get('max-buckets'), BUCKETS_MAX);
  const left = [...buckets.keys()]
    .filter((name) => name.startsWith(prefix) && name > after && isHere)
    .sort();
  const page = left.slice(0, limit);
  const last = page.at(-1);
  return {
    Owner: { ID: accountId },
    Buckets: {
      Bucket: page.map((name) => ({
        Name: name,
        CreationDate: new Date(buckets.get(name) ?? 0).toISOString(),
        BucketRegion: region,
      })),
    },
    ...(prefix !== '' && { Prefix: prefix }),
    ...(page.length < left.length &&
      last !== undefined && { ContinuationToken: encodeToken(last) }),
  };
}

/** Body of ListBucketResult. Common prefixes count as keys do (S3 API Reference, ListObjectsV2). */
export function listObjects(
  catalogue: Catalogue,
  bucket: string,
  query: URLSearchParams,
): XmlContent {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = limitOf(query.get('max-keys'));
  const token = query.get('continuation-token');
  const after = token === null ? query.get('start-after') : decodeToken(token);
  const encode = encoderOf(query.get('encoding-type'));

  const keys: string[] = [];
  const prefixes: string[] = [];
  let last = '';
  let truncated = false;
  for (const key of catalogue.keys(bucket)) {
    if (!key.startsWith(prefix)) continue;
    const cutAt = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const common = cutAt < 0 ? undefined : key.slice(0, cutAt + delimiter.length);
    const entry = common ?? key;
    if (after !== null && Buffer.compare(Buffer.from(entry), Buffer.from(after)) <= 0) continue;
    if (common !== undefined && prefixes.at(-1) === common) continue;
    if (keys.length + prefixes.length === limit) {
      truncated = limit > 0;
      break;
    }
    (common === undefined ? keys : prefixes).push(entry);
    last = entry;
  }
  return {
    Name: bucket,
    Prefix: encode(prefix),
    ...(delimiter !== '' && { Delimiter: encode(delimiter) }),
    ...(query.has('encoding-type') && { EncodingType: 'url' }),
    MaxKeys: limit,
    KeyCount: keys.length + prefixes.length,
    IsTruncated: truncated,
    ...(token !== null && { ContinuationToken: token }),
    ...(truncated && { NextContinuationToken: encodeToken(last) }),
    Contents: keys.map((key) => {
      const object = catalogue.object(bucket, key);
      return {
        Key: encode(key),
        LastModified: new Date(object?.modified ?? 0).toISOString(),
        ETag: `"${object?.etag ?? ''}"`,
        Size: object?.bytes ?? 0,
        StorageClass: 'STANDARD',
      };
    }),
    CommonPrefixes: prefixes.map((common) => ({ Prefix: encode(common) })),
  };
}

/** Body of ListPartsResult. */
export function listParts(upload: Upload, query: URLSearchParams): XmlContent {
  const limit = limitOf(query.get('max-parts'));
  const marker = Number(query.get('part-number-marker') ?? 0);
  const parts = [...upload.parts].sort(([a], [b]) => a - b).filter(([n]) => n > marker);
  const page = parts.slice(0, limit);
  return {
    Bucket: upload.bucket,
    Key: upload.key,
    UploadId: upload.uploadId,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.[0] ?? 0,
    MaxParts: limit,
    IsTruncated: parts.length > page.length,
    Part: page.map(([number, { etag, bytes, modified }]) => ({
      PartNumber: number,
      LastModified: new Date(modified).toISOString(),
      ETag: `"${etag}"`,
      Size: bytes,
    })),
  };
}

function limitOf(parameter: string | null, most = PAGE_MAX): number {
  const limit = Number(parameter ?? most);
  if (!Number.isInteger(limit) || limit < 0) {
    throw new S3Error('InvalidArgument', 'The size of a page must be a number from 0 on.');
  }
  return Math.min(limit, most);
}

const encodeToken = (text: string) => Buffer.from(text).toString('base64url');
const decodeToken = (token: string) => Buffer.from(token, 'base64url').toString('utf8');

function encoderOf(encodingType: string | null): (text: string) => string {
  return encodingType === 'url'
    ? (text) => encodeURIComponent(text).replaceAll('%2F', '/')
    : (text) => text;
}
