/** The operations of S3 over HTTP: which request is which, what it needs leave for, what it answers. */
import type { ByteRange } from '../../../shared/ports.ts';
import type { VerifiedRequest } from '../signing.ts';
import type { StoredObject } from './catalogue.ts';
import { type Content, cut } from './contents.ts';
import { listObjects, listParts } from './listings.ts';
import {
  copyObject,
  deleteObject,
  getObject,
  matchesTag,
  preconditionFailed,
  putObject,
  type Storage,
} from './objects.ts';
import { receiveBody, receiveText } from './receiveBody.ts';
import { S3Error } from './s3Errors.ts';
import {
  copySource,
  copySourceRange,
  requestedRange,
  type S3Request,
  storedHeaders,
  text,
  writeConditions,
} from './s3Request.ts';
import {
  abortUpload,
  addCopiedPart,
  addPart,
  beginUpload,
  checkPartNumber,
  completeUpload,
  getUpload,
  type NamedPart,
} from './uploads.ts';
import { textsOf, type XmlContent, xmlDocument } from './xml.ts';

export interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  /** Text, or bytes of the store, held for whoever sends them. */
  readonly body?: string | Content;
}

/** Something that a caller must be allowed to do, with the bucket or object it is about. */
export interface Need {
  readonly action: string;
  readonly place: { readonly bucket: string; readonly key?: string };
}

export interface Operation {
  /** Parameters of the query that it knows. */
  readonly parameters: readonly string[];
  needs(request: S3Request): Need[];
  run(storage: Storage, request: S3Request, verified: VerifiedRequest): Promise<Reply> | Reply;
}

/** @throws S3Error NotImplemented */
export function operationOf({ method, key, query, headers }: S3Request): Operation {
  const copies = headers['x-amz-copy-source'] !== undefined;
  const inUpload = query.has('uploadId');
  if (key === '') {
    if (method === 'GET' && query.get('list-type') === '2') return listBucket;
  } else if (method === 'GET') {
    return inUpload ? listUpload : readObject;
  } else if (method === 'HEAD') {
    return headObject;
  } else if (method === 'DELETE') {
    return inUpload ? abort : removeObject;
  } else if (method === 'PUT') {
    if (inUpload) return copies ? copyPart : uploadPart;
    return copies ? copyWhole : writeObject;
  } else if (method === 'POST') {
    if (query.has('uploads')) return begin;
    if (inUpload) return complete;
  }
  throw new S3Error('NotImplemented', `${method} of this kind is not emulated.`);
}

const needs =
  (action: string) =>
  ({ bucket, key }: S3Request): Need[] => [{ action, place: { bucket, key } }];

const needsOfCopy = (request: S3Request): Need[] => [
  { action: 's3:GetObject', place: copySource(request.headers) },
  ...needs('s3:PutObject')(request),
];

const listBucket: Operation = {
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

const readObject: Operation = {
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

const headObject: Operation = {
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

const writeObject: Operation = {
  parameters: [],
  needs: needs('s3:PutObject'),
  async run(storage, request, { seed }) {
    const received = await receiveBody(request, seed, storage.contents);
    const headers = storedHeaders(request.headers);
    const conditions = writeConditions(request.headers);
    const { etag } = await putObject(storage, request, received, headers, conditions);
    return { status: 200, headers: { ...received.checksums, etag: `"${etag}"` } };
  },
};

const copyWhole: Operation = {
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

const removeObject: Operation = {
  parameters: [],
  needs: needs('s3:DeleteObject'),
  async run(storage, request) {
    await deleteObject(storage, request);
    return { status: 204 };
  },
};

const begin: Operation = {
  parameters: ['uploads'],
  needs: needs('s3:PutObject'),
  run(storage, request) {
    const { bucket, key, headers } = request;
    const uploadId = beginUpload(storage, { bucket, key }, storedHeaders(headers));
    return xmlReply('InitiateMultipartUploadResult', {
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
    });
  },
};

const uploadPart: Operation = {
  parameters: ['partNumber', 'uploadId'],
  needs: needs('s3:PutObject'),
  async run(storage, request, { seed }) {
    const { uploadId, partNumber } = partOf(request);
    // Before the body is taken in; again behind it, because the upload may end meanwhile.
    getUpload(storage, request, uploadId);
    const received = await receiveBody(request, seed, storage.contents);
    const { etag } = await addPart(storage, request, uploadId, partNumber, received);
    return { status: 200, headers: { ...received.checksums, etag: `"${etag}"` } };
  },
};

const copyPart: Operation = {
  parameters: ['partNumber', 'uploadId'],
  needs: needsOfCopy,
  async run(storage, request) {
    const { uploadId, partNumber } = partOf(request);
    const source = copySource(request.headers);
    const range = copySourceRange(request.headers);
    const part = await addCopiedPart(storage, request, uploadId, partNumber, source, range);
    return xmlReply('CopyPartResult', tagAndTime(part));
  },
};

const complete: Operation = {
  parameters: ['uploadId'],
  needs: needs('s3:PutObject'),
  async run(storage, request, { seed }) {
    const { bucket, key, headers } = request;
    const parts = parseParts(await receiveText(request, seed));
    const conditions = writeConditions(headers);
    const object = await completeUpload(storage, request, uploadOf(request), parts, conditions);
    return xmlReply('CompleteMultipartUploadResult', {
      Location: `http://${text(headers, 'host')}/${bucket}/${encodeURI(key)}`,
      Bucket: bucket,
      Key: key,
      ETag: `"${object.etag}"`,
    });
  },
};

const abort: Operation = {
  parameters: ['uploadId'],
  needs: needs('s3:AbortMultipartUpload'),
  async run(storage, request) {
    await abortUpload(storage, request, uploadOf(request));
    return { status: 204 };
  },
};

const listUpload: Operation = {
  parameters: ['uploadId', 'max-parts', 'part-number-marker'],
  needs: needs('s3:ListMultipartUploadParts'),
  run: (storage, request) =>
    xmlReply(
      'ListPartsResult',
      listParts(getUpload(storage, request, uploadOf(request)), request.query),
    ),
};

function parseParts(xml: string): NamedPart[] {
  return [...xml.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([part]) => {
    const [partNumber] = textsOf(part, 'PartNumber');
    const [etag] = textsOf(part, 'ETag');
    if (partNumber === undefined || etag === undefined) {
      throw new S3Error('MalformedXML', 'A part needs its PartNumber and its ETag.');
    }
    return { partNumber: Number(partNumber), etag: etag.replaceAll('"', '') };
  });
}

const uploadOf = ({ query }: S3Request) => query.get('uploadId') ?? '';

function partOf(request: S3Request) {
  const partNumber = Number(request.query.get('partNumber'));
  checkPartNumber(partNumber);
  return { uploadId: uploadOf(request), partNumber };
}

const tagAndTime = ({ etag, modified }: { etag: string; modified: number }) => ({
  ETag: `"${etag}"`,
  LastModified: new Date(modified).toISOString(),
});

const xmlReply = (root: string, content: XmlContent): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: xmlDocument(root, content),
});
