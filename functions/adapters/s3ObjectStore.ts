/** The object store port over S3. */
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ObjectStore } from '../../shared/ports.ts';
import { createS3Client } from './clients.ts';
import { attachment } from './contentDisposition.ts';
import { streamObject } from './s3Streams.ts';
import { startS3Upload } from './s3Uploads.ts';
import { calling, isNamed, serviceUnavailable } from './sdkErrors.ts';

/** A conditional write that raced another is answered 409 and is to be repeated (S3, PutObject). */
const CONFLICT_ATTEMPTS = 3;

/**
 * The object store port over one bucket. Throws ObjectMissing, RangeError for a range that begins
 * behind the object's end, and WorkflowError serviceUnavailable when S3 fails in a way that may pass.
 */
export function createS3ObjectStore({
  bucketName,
  client = createS3Client(),
}: {
  bucketName: string;
  client?: S3Client;
}): ObjectStore {
  const place = { client, bucketName };

  async function put(command: PutObjectCommand, attempt = 1): Promise<boolean> {
    try {
      await calling('S3', () => client.send(command));
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
        const found = await calling('S3', () =>
          client.send(new HeadObjectCommand({ Bucket: bucketName, Key: key })),
        );
        return { bytes: found.ContentLength ?? 0, etag: found.ETag ?? '' };
      } catch (error) {
        if (isNamed(error, 'NotFound', 'NoSuchKey')) return undefined;
        throw error;
      }
    },

    async read(key, range) {
      const pieces: Uint8Array[] = [];
      for await (const piece of streamObject(place, key, range)) pieces.push(piece);
      const whole = Buffer.concat(pieces);
      return new Uint8Array(whole.buffer, whole.byteOffset, whole.length);
    },

    stream: (key, range) => streamObject(place, key, range),

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
