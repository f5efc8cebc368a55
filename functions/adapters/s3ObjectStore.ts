/** The object store port over S3. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ObjectStore } from '../../shared/ports.ts';
import { calling } from './calling.ts';
import { CALL_LIMITS, type CallLimits } from './callLimits.ts';
import { createS3Client } from './clients/s3.ts';
import { attachment } from './contentDisposition.ts';
import { streamObject } from './s3Streams.ts';
import { startS3Upload } from './s3Uploads.ts';
import { isNamed, serviceUnavailable } from './sdkErrors.ts';

/** A conditional write that raced another is answered 409 and is to be repeated (S3, PutObject). */
const CONFLICT_ATTEMPTS = 3;

/**
 * The object store port over one bucket. Throws ObjectMissing, RangeError for a range that begins
 * behind the object's end, and WorkflowError serviceUnavailable when S3 fails in a way that may pass.
 */
export function createS3ObjectStore({
  bucketName,
  client = createS3Client(),
  limits = CALL_LIMITS,
}: {
  bucketName: string;
  client?: S3Client;
  limits?: CallLimits;
}): ObjectStore {
  const place = { client, bucketName, limits };

  async function put(command: PutObjectCommand, attempt = 1): Promise<boolean> {
    try {
      await calling('S3', limits.send, (options) => client.send(command, options));
      return true;
    } catch (error) {
      if (isNamed(error, 'PreconditionFailed')) return false;
      if (!isNamed(error, 'ConditionalRequestConflict')) throw error;
      if (attempt === CONFLICT_ATTEMPTS) throw serviceUnavailable('S3', error);
      return put(command, attempt + 1);
    }
  }

  return {
    put: (key, body, options) =>
      put(
        new PutObjectCommand({
          Bucket: bucketName,
          Key: key,
          Body: body,
          ContentType: options?.contentType,
          IfNoneMatch: options?.ifAbsent ? '*' : undefined,
        }),
      ),

    async head(key) {
      try {
        const found = await calling('S3', limits.object, (options) =>
          client.send(new HeadObjectCommand({ Bucket: bucketName, Key: key }), options),
        );
        return { bytes: found.ContentLength ?? 0, etag: found.ETag ?? '' };
      } catch (error) {
        if (isNamed(error, 'NotFound', 'NoSuchKey')) return undefined;
        throw error;
      }
    },

    async read(key, range, memory) {
      const pieces = streamObject(place, key, range);
      return range ? takeRange(pieces, memory ?? new Uint8Array(range.length)) : takeAll(pieces);
    },

    stream: (key, range) => streamObject(place, key, range),

    async list(prefix, limit) {
      const page = await calling('S3', limits.object, (options) =>
        client.send(
          new ListObjectsV2Command({ Bucket: bucketName, Prefix: prefix, MaxKeys: limit }),
          options,
        ),
      );
      const keys = (page.Contents ?? []).flatMap(({ Key }) => Key ?? []);
      return { keys, isAll: page.IsTruncated !== true };
    },

    async delete(key) {
      await calling('S3', limits.object, (options) =>
        client.send(new DeleteObjectCommand({ Bucket: bucketName, Key: key }), options),
      );
    },

    startUpload: (key, options) => startS3Upload(place, key, options?.contentType),

    async presignPut(key, { expiresInSeconds, contentType }) {
      const command = new PutObjectCommand({
        Bucket: bucketName,
        Key: key,
        ContentType: contentType,
      });
      const url = await getSignedUrl(client, command, {
        expiresIn: expiresInSeconds,
        // Left out by default; signed, it cannot be changed by whoever holds the link.
        signableHeaders: new Set(['content-type', 'host']),
      });
      return { url, headers: { 'content-type': contentType } };
    },

    presignGet: (key, { expiresInSeconds, fileName, contentType }) =>
      getSignedUrl(
        client,
        new GetObjectCommand({
          Bucket: bucketName,
          Key: key,
          ResponseContentDisposition: attachment(fileName),
          ResponseContentType: contentType,
        }),
        { expiresIn: expiresInSeconds },
      ),
  };
}

async function takeAll(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  const whole = Buffer.concat(pieces);
  return new Uint8Array(whole.buffer, whole.byteOffset, whole.length);
}

/** Puts the pieces where they belong as they come: nothing is held twice. */
async function takeRange(
  source: AsyncIterable<Uint8Array>,
  whole: Uint8Array,
): Promise<Uint8Array> {
  let filled = 0;
  for await (const piece of source) {
    whole.set(piece, filled);
    filled += piece.length;
  }
  // A range that reaches beyond the object's end has fewer bytes.
  return filled === whole.length ? whole : whole.subarray(0, filled);
}
