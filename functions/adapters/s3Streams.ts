/** Reading objects of S3 as their bytes arrive. */
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import type { Readable } from 'node:stream';
import { type ByteRange, ObjectMissing } from '../../shared/ports.ts';
import { calling, withoutLongPauses } from './calling.ts';
import type { CallLimits } from './callLimits.ts';
import { isNamed, serviceUnavailable } from './sdkErrors.ts';

/** Where objects are. */
export interface S3Place {
  readonly client: S3Client;
  readonly bucketName: string;
  readonly limits: CallLimits;
}

/** How often a body that breaks off without a single new byte is asked for again. */
const RESUMES_WITHOUT_PROGRESS = 3;

/**
 * The bytes of an object, or of a range of it. The SDK retries requests but not bodies: a body that
 * breaks off, or pauses for too long, is taken up again behind the last byte that came, of the very same object (If-Match).
 */
export async function* streamObject(
  place: S3Place,
  key: string,
  range?: ByteRange,
): AsyncGenerator<Uint8Array> {
  if (range?.length === 0) return;
  const end = range ? range.offset + range.length : undefined;
  let offset = range?.offset ?? 0;
  let etag: string | undefined;
  let idle = 0;
  for (;;) {
    const answer = await getObject(place, key, offset, end, etag);
    etag = answer.ETag;
    const body = answer.Body as Readable;
    const begun = offset;
    try {
      for await (const piece of withoutLongPauses(body, place.limits.idleBodyMs)) {
        offset += piece.length;
        yield piece;
      }
      return;
    } catch (error) {
      idle = offset > begun ? 0 : idle + 1;
      if (idle === RESUMES_WITHOUT_PROGRESS) throw serviceUnavailable('S3', error);
    } finally {
      body.destroy();
    }
  }
}

async function getObject(
  { client, bucketName, limits }: S3Place,
  key: string,
  offset: number,
  end: number | undefined,
  etag: string | undefined,
): Promise<GetObjectCommandOutput> {
  const command = new GetObjectCommand({
    Bucket: bucketName,
    Key: key,
    // Without a need for it there is no Range: an empty object has none that could be satisfied.
    Range: offset > 0 || end !== undefined ? `bytes=${offset}-${end ? end - 1 : ''}` : undefined,
    IfMatch: etag,
  });
  try {
    return await calling('S3', limits.object, (options) => client.send(command, options));
  } catch (error) {
    if (isNamed(error, 'NoSuchKey')) throw new ObjectMissing(key);
    if (isNamed(error, 'InvalidRange')) {
      throw new RangeError(`The object at ${key} has no bytes from ${offset} on.`, {
        cause: error,
      });
    }
    throw error;
  }
}
