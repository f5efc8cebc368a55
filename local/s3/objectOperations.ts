/** Operations on objects, and the listing of a bucket. */
import { createHash } from 'node:crypto';
import type { ByteRange } from '../../shared/ports.ts';
import type { StoredObject } from './catalogue.ts';
import { cut } from './contents.ts';
import { listBuckets, listObjects } from './listings.ts';
import {
  copyObject,
  deleteObject as removeObject,
  getObject,
  matchesTag,
  preconditionFailed,
  putObject,
} from './objects.ts';
import {
  needs,
  needsOfCopy,
  type Operation,
  type Reply,
  tagAndTime,
  xmlReply,
} from './operation.ts';
import { receiveBody } from './receiveBody.ts';
import {
  copySource,
  requestedRange,
  type S3Request,
  storedHeaders,
  text,
  writeConditions,
} from './request.ts';

export const listBucketsOperation: Operation = {
  name: 'ListBuckets',
  parameters: ['prefix', 'max-buckets', 'continuation-token', 'bucket-region'],
  // It has no resource: a policy allows it of all or not at all.
  needs: () => [{ action: 's3:ListAllMyBuckets' }],
  run: (storage, { query }) => xmlReply('ListAllMyBucketsResult', listBuckets(storage, query)),
};

export const listObjectsV2: Operation = {
  name: 'ListObjectsV2',
  parameters: [
    'list-type',
    'prefix',
    'delimiter',
    'max-keys',
    'start-after',
    'continuation-token',
    'encoding-type',
    'fetch-owner',
  ],
  needs: ({ bucket }) => [{ action: 's3:ListBucket', place: { bucket } }],
  run: ({ catalogue }, { bucket, query }) =>
    xmlReply('ListBucketResult', listObjects(catalogue, bucket, query)),
};

export const getObjectOperation: Operation = {
  name: 'GetObject',
  parameters: [],
  needs: needs('s3:GetObject'),
  run(storage, request) {
    const object = getObject(storage, request);
    const { range, reply } = describe(object, request);
    if (reply.status === 304) return reply;
    const body = range ? cut(object.content, range) : object.content;
    storage.contents.hold(body);
    return { ...reply, body };
  },
};

export const headObjectOperation: Operation = {
  name: 'HeadObject',
  parameters: [],
  needs: needs('s3:GetObject'),
  run: (storage, request) => describe(getObject(storage, request), request).reply,
};

/** Status and headers of an object or of the range that is asked for. */
function describe(
  object: StoredObject,
  { headers, query }: S3Request,
): { range: ByteRange | undefined; reply: Reply } {
  const etag = `"${object.etag}"`;
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined && !matchesTag(ifMatch, object.etag))
    throw preconditionFailed('If-Match');
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && matchesTag(ifNoneMatch, object.etag)) {
    return { range: undefined, reply: { status: 304, headers: { etag } } };
  }
  const range = requestedRange(headers.range, object.bytes);
  return {
    range,
    reply: {
      status: range ? 206 : 200,
      headers: {
        ...object.headers,
        ...overrides(query),
        'accept-ranges': 'bytes',
        'content-length': String(range?.length ?? object.bytes),
        etag,
        'last-modified': new Date(object.modified).toUTCString(),
        ...(range && {
          'content-range': `bytes ${range.offset}-${range.offset + range.length - 1}/${object.bytes}`,
        }),
      },
    },
  };
}

/** response-content-disposition and its like: signed parameters that stand in for stored headers. */
const overrides = (query: URLSearchParams) =>
  Object.fromEntries(
    [...query]
      .filter(([name]) => name.startsWith('response-'))
      .map(([name, value]) => [name.slice('response-'.length), value]),
  );

export const putObjectOperation: Operation = {
  name: 'PutObject',
  parameters: [],
  needs: needs('s3:PutObject'),
  async run(storage, request, { seed }) {
    const md5 = createHash('md5');
    const body = await receiveBody(request, seed, storage.contents, (piece) => md5.update(piece));
    const received = { ...body, md5: md5.digest('hex') };
    const headers = storedHeaders(request.headers);
    const conditions = writeConditions(request.headers);
    const { etag } = await putObject(storage, request, received, headers, conditions);
    return { status: 200, headers: { ...received.checksums, etag: `"${etag}"` } };
  },
};

export const copyObjectOperation: Operation = {
  name: 'CopyObject',
  parameters: [],
  needs: needsOfCopy,
  async run(storage, request) {
    const replaces = text(request.headers, 'x-amz-metadata-directive') === 'REPLACE';
    const object = await copyObject(
      storage,
      copySource(request.headers),
      request,
      replaces ? storedHeaders(request.headers) : undefined,
      writeConditions(request.headers),
    );
    return xmlReply('CopyObjectResult', tagAndTime(object));
  },
};

export const deleteObjectOperation: Operation = {
  name: 'DeleteObject',
  parameters: [],
  needs: needs('s3:DeleteObject'),
  async run(storage, request) {
    await removeObject(storage, request);
    return { status: 204 };
  },
};
