/** S3 on one machine, over a folder, behind signatures and policies. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ObjectMeter } from '../billing/meter.ts';
import { createFaultReport, type FaultReport } from '../disk/faultReport.ts';
import type { Access } from '../iam/access.ts';
import { SignatureError, type VerifiedRequest, verifyRequest } from '../iam/signing.ts';
import { type BucketRules, parseBucketProperties } from './bucketProperties.ts';
import { openCatalogue } from './catalogue.ts';
import { openContents } from './contents.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { applyLifecycle } from './lifecycle.ts';
import { getObject, type ObjectPlace, putObject, type Storage } from './objects.ts';
import type { Need, Reply } from './operation.ts';
import { operationOf } from './routing.ts';
import { S3Error, SIGNATURE_CODES } from './errors.ts';
import { parseRequest, requireKnown, type S3Request, text } from './request.ts';
import { xmlDocument } from './xml.ts';

export interface ObjectEngineOptions {
  /** Where the data is; it survives a killed process. One engine at a time can have it open. */
  readonly dir: string;
  /** The buckets by name, each with its properties in the template, references resolved. */
  readonly buckets: Readonly<Record<string, unknown>>;
  readonly access: Access;
  /** Told of each request that S3 would bill. */
  readonly meter?: ObjectMeter;
  /** Told, in words, why the disk does not take what is stored; once, until it does again. */
  readonly onDiskFault?: (fault: string) => void;
}

export interface ObjectEngine {
  /** Answers one HTTP request, path-style; never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /**
   * Reads an object for the local cloud itself.
   * @param accessKeyId whose leave it needs; without one it is the cloud's own business
   * @throws S3Error
   */
  read(place: ObjectPlace, accessKeyId?: string): Promise<Buffer>;
  /** Writes an object for the local cloud itself, as `read` reads one. @throws S3Error */
  write(
    place: ObjectPlace,
    body: Uint8Array,
    contentType: string,
    accessKeyId?: string,
  ): Promise<void>;
  /** What the buckets hold, parts of unfinished uploads included. */
  storedBytes(): number;
  /** Applies the buckets' lifecycle rules; returns how many objects and uploads went. */
  sweepExpired(): Promise<number>;
  close(): void;
}

/** What is asked of the service, and of no bucket in particular. */
const NO_RULES: BucketRules = { cors: [], lifecycle: [] };

/** Methods by which something is stored. */
const WRITING: ReadonlySet<string> = new Set(['PUT', 'POST']);

/**
 * Opens, or begins, the buckets in a folder.
 * @throws Error for bucket properties that are not emulated, or a catalogue that cannot be read
 */
export async function createObjectEngine(options: ObjectEngineOptions): Promise<ObjectEngine> {
  const { access, dir, meter } = options;
  const buckets = new Map(
    Object.entries(options.buckets).map(([name, properties]) => [
      name,
      parseBucketProperties(name, properties),
    ]),
  );
  const storage = await openStorage(dir, access, buckets.keys());
  const faults = createFaultReport((fault) => options.onDiskFault?.(fault));

  async function answer(request: S3Request, rules: BucketRules): Promise<Reply> {
    if (request.method === 'OPTIONS') {
      return { status: 200, headers: preflightHeaders(rules.cors, request.headers) };
    }
    const verified = verify(access, request);
    const operation = operationOf(request);
    requireKnown(request, operation.parameters);
    for (const need of operation.needs(request)) {
      if (need.place) requireBucket(need.place.bucket);
      requirePermission(access, verified.accessKeyId, need);
    }
    let sentBytes = 0;
    try {
      const reply = await operation.run(storage, request, verified);
      sentBytes = bodyBytes(reply);
      if (WRITING.has(request.method)) faults.succeeded();
      return reply;
    } catch (error) {
      throw hideMissing(access, verified.accessKeyId, request, error);
    } finally {
      meter?.request(operation.name, sentBytes, request.query.has('X-Amz-Signature'));
    }
  }

  function requireBucket(bucket: string): BucketRules {
    const rules = buckets.get(bucket);
    if (rules) return rules;
    throw new S3Error('NoSuchBucket', 'The specified bucket does not exist');
  }

  async function handle(message: IncomingMessage, response: ServerResponse) {
    let cors: Record<string, string> = {};
    let reply: Reply;
    try {
      const request = parseRequest(message);
      const rules = request.bucket === '' ? NO_RULES : requireBucket(request.bucket);
      cors = corsHeaders(rules.cors, request.method, request.headers);
      reply = await answer(request, rules);
    } catch (error) {
      reply = errorReply(asS3Error(error, faults), message);
    }
    await send(storage, message, response, { ...reply, headers: { ...cors, ...reply.headers } });
  }

  return {
    handle,
    async read(place, accessKeyId) {
      if (accessKeyId !== undefined) {
        requirePermission(access, accessKeyId, { action: 's3:GetObject', place });
      }
      const { content, bytes } = getObject(storage, place);
      if (accessKeyId !== undefined) meter?.request('GetObject', bytes, false);
      storage.contents.hold(content);
      try {
        const pieces: Buffer[] = [];
        for await (const piece of storage.contents.read(content)) pieces.push(piece);
        return Buffer.concat(pieces);
      } finally {
        await storage.contents.release(content);
      }
    },
    async write(place, body, contentType, accessKeyId) {
      requireBucket(place.bucket);
      if (accessKeyId !== undefined) {
        requirePermission(access, accessKeyId, { action: 's3:PutObject', place });
      }
      const content = await storage.contents.write(Readable.from([body], { objectMode: true }));
      const md5 = createHash('md5').update(body).digest('hex');
      const received = { content, bytes: body.length, md5 };
      await putObject(storage, place, received, { 'content-type': contentType });
      if (accessKeyId !== undefined) meter?.request('PutObject', 0, false);
    },
    storedBytes: () => storedBytes(storage, buckets.keys()),
    async sweepExpired() {
      let removed = 0;
      for (const [bucket, { lifecycle }] of buckets) {
        removed += await applyLifecycle(storage, bucket, lifecycle);
      }
      return removed;
    },
    close() {
      storage.catalogue.close();
    },
  };
}

/** Bytes of an object that a reply carries; of a HEAD there are none, whatever its length says. */
const bodyBytes = ({ headers, body }: Reply) =>
  body === undefined || typeof body === 'string' ? 0 : Number(headers?.['content-length'] ?? 0);

function storedBytes({ catalogue }: Storage, buckets: Iterable<string>): number {
  let bytes = 0;
  for (const bucket of buckets) {
    for (const object of catalogue.objects(bucket)) bytes += object.bytes;
  }
  for (const { parts } of catalogue.uploads()) {
    for (const part of parts.values()) bytes += part.bytes;
  }
  return bytes;
}

async function openStorage(dir: string, access: Access, names: Iterable<string>): Promise<Storage> {
  await mkdir(dir, { recursive: true });
  const { birthtimeMs } = await stat(dir);
  const buckets = new Map([...names].map((name) => [name, birthtimeMs]));
  const contents = await openContents(join(dir, 'data'));
  const catalogue = openCatalogue(join(dir, 'catalogue.jsonl'));
  for (const content of catalogue.contents()) contents.hold(content);
  await contents.deleteUnheld();
  const { region, accountId } = access;
  return { buckets, region, accountId, catalogue, contents, now: () => access.now() };
}

/** @throws S3Error for a signature that is missing or wrong */
function verify(access: Access, { message, method, query }: S3Request): VerifiedRequest {
  const { headers } = message;
  if (headers.authorization !== undefined && query.has('X-Amz-Signature')) {
    throw new S3Error(
      'InvalidArgument',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query ' +
        'string parameter or the Authorization header should be specified',
    );
  }
  const payloadHash = text(headers, 'x-amz-content-sha256');
  if (payloadHash === '' && headers.authorization && !query.has('X-Amz-Signature')) {
    throw new S3Error(
      'InvalidRequest',
      'Missing required header for this request: x-amz-content-sha256',
    );
  }
  try {
    return verifyRequest(
      { method, url: message.url ?? '/', headers },
      {
        region: access.region,
        service: 's3',
        secretOf: (accessKeyId) => access.secretOf(accessKeyId),
        readings: access.readings(),
        payloadHash,
      },
    );
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    throw new S3Error(SIGNATURE_CODES[error.fault], error.message);
  }
}

/** @throws S3Error AccessDenied */
function requirePermission(access: Access, accessKeyId: string, { action, place }: Need) {
  const resource = arnOf(place);
  if (access.allows(accessKeyId, action, resource)) return;
  throw new S3Error(
    'AccessDenied',
    `User: ${accessKeyId} is not authorized to perform: ${action} on resource: "${resource}" ` +
      'because no identity-based policy allows the action',
  );
}

const arnOf = (place: Need['place']) =>
  place === undefined
    ? '*'
    : `arn:aws:s3:::${place.bucket}${place.key === undefined ? '' : `/${place.key}`}`;

/** Who may not list a bucket is not told that a key is missing: S3 answers 403 in place of 404. */
function hideMissing(access: Access, accessKeyId: string, { bucket }: S3Request, error: unknown) {
  if (!(error instanceof S3Error) || error.code !== 'NoSuchKey') return error;
  if (access.allows(accessKeyId, 's3:ListBucket', arnOf({ bucket }))) return error;
  return new S3Error('AccessDenied', 'Access Denied: without s3:ListBucket, or without the key.');
}

/** S3 has no error of its own for a disk: it is one inside, but not one without a reason. */
function asS3Error(error: unknown, faults: FaultReport): S3Error {
  if (error instanceof S3Error) return error;
  const fault = faults.failed(error);
  if (fault === undefined) return new S3Error('InternalError', String(error));
  return new S3Error('InternalError', `The local cloud cannot store or read this: ${fault}.`);
}

function errorReply(known: S3Error, { url = '/', method }: IncomingMessage): Reply {
  const body = xmlDocument('Error', {
    Code: known.code,
    Message: known.message,
    Resource: url.split('?', 1)[0] ?? '/',
  });
  return {
    status: known.status,
    headers: { ...known.headers, 'content-type': 'application/xml' },
    // The answer to HEAD has no body, whatever happened.
    ...(method !== 'HEAD' && { body }),
  };
}

/** Sends a reply; one whose reader leaves, or whose bytes cannot be read, breaks off. */
async function send(
  { contents }: Storage,
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body = '' }: Reply,
): Promise<void> {
  // What is left of a body that was refused is read away, so that the answer gets through.
  if (!request.complete) request.resume();
  response.writeHead(status, {
    ...headers,
    ...(typeof body === 'string' && body !== '' && { 'content-length': Buffer.byteLength(body) }),
    'x-amz-request-id': randomBytes(8).toString('hex').toUpperCase(),
  });
  if (typeof body === 'string') {
    response.end(body);
    return;
  }
  try {
    await pipeline(Readable.from(contents.read(body)), response);
  } catch {
    response.destroy();
  } finally {
    await contents.release(body);
  }
}
