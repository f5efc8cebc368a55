/** Multipart uploads of S3. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { type ByteRange, type MultipartUpload, ObjectMissing } from '../../shared/ports.ts';
import { calling } from './calling.ts';
import { leavePayloadUnsigned } from './clients/s3.ts';
import type { S3Place } from './s3Streams.ts';
import { isNamed, serviceUnavailable } from './sdkErrors.ts';

/** Begins a multipart upload. It keeps the entity tags of its parts, which completion names. */
export async function startS3Upload(
  { client, bucketName, limits }: S3Place,
  key: string,
  contentType: string | undefined,
): Promise<MultipartUpload> {
  const place = { Bucket: bucketName, Key: key };
  const { UploadId } = await calling('S3', limits.object, (options) =>
    client.send(new CreateMultipartUploadCommand({ ...place, ContentType: contentType }), options),
  );
  const upload = { ...place, UploadId };
  const etags = new Map<number, string | undefined>();

  async function abort() {
    try {
      await calling('S3', limits.object, (options) =>
        client.send(new AbortMultipartUploadCommand(upload), options),
      );
    } catch (error) {
      if (!isNamed(error, 'NoSuchUpload')) throw error;
    }
  }

  return {
    async uploadPart(partNumber, body) {
      const command = new UploadPartCommand({ ...upload, PartNumber: partNumber, Body: body });
      leavePayloadUnsigned(command);
      const { ETag } = await calling('S3', limits.send, (options) => client.send(command, options));
      etags.set(partNumber, ETag);
    },

    async copyPart(partNumber, sourceKey, range) {
      const command = new UploadPartCopyCommand({
        ...upload,
        PartNumber: partNumber,
        CopySource: [bucketName, ...sourceKey.split('/')].map(encodeURIComponent).join('/'),
        CopySourceRange: range && bytesOf(range),
      });
      try {
        const { CopyPartResult } = await calling('S3', limits.copy, (options) =>
          client.send(command, options),
        );
        etags.set(partNumber, CopyPartResult?.ETag);
      } catch (error) {
        if (isNamed(error, 'NoSuchKey')) throw new ObjectMissing(sourceKey);
        throw error;
      }
    },

    async complete(options) {
      const command = new CompleteMultipartUploadCommand({
        ...upload,
        IfNoneMatch: options?.ifAbsent ? '*' : undefined,
        MultipartUpload: {
          Parts: [...etags]
            .sort(([a], [b]) => a - b)
            .map(([PartNumber, ETag]) => ({ PartNumber, ETag })),
        },
      });
      try {
        await calling('S3', limits.complete, (options) => client.send(command, options));
        return true;
      } catch (error) {
        // Answered when two conditional completions race: the whole upload is to be made anew.
        if (isNamed(error, 'ConditionalRequestConflict')) throw serviceUnavailable('S3', error);
        if (!isNamed(error, 'PreconditionFailed')) throw error;
        await abort();
        return false;
      }
    },

    abort,
  };
}

const bytesOf = ({ offset, length }: ByteRange) => `bytes=${offset}-${offset + length - 1}`;
