/**
 * The client of S3, in a module of its own, so that a bundle holds it only where its function uses it. Region,
 * endpoint and credentials come from the SDK's standard environment: Lambda sets it in the cloud, the local cloud
 * sets it on one machine.
 */
import { S3Client, type UploadPartCommand } from '@aws-sdk/client-s3';
import { COPIES_AT_ONCE, JOINS_AT_ONCE, READS_AT_ONCE } from '../../../shared/limits.ts';
import { CONNECT_MS } from '../callLimits.ts';

/**
 * Connections to S3: assembling has all its copies under way and, for each part that it joins, a few
 * reads or the upload: 32 + 6 × 8 = 80. With the SDK's default of 50 they would wait for each other.
 */
const S3_SOCKETS = { maxSockets: COPIES_AT_ONCE + JOINS_AT_ONCE * READS_AT_ONCE };

/**
 * Five attempts with the SDK's full-jitter backoff take about 2 s at most: longer pauses belong to the
 * workflow's Retry, where waiting is free.
 */
const ATTEMPTS = { maxAttempts: 5, retryMode: 'standard' } as const;

/**
 * WHEN_REQUIRED: by default the SDK signs the checksum of an empty body into presigned PUT links, which
 * then refuse every upload, and asks for checksums in presigned GET links.
 */
export const createS3Client = () =>
  new S3Client({
    ...ATTEMPTS,
    // The local cloud has no TLS. The SDK makes the agents, which keep connections alive.
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      httpsAgent: S3_SOCKETS,
      httpAgent: S3_SOCKETS,
    },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });

/**
 * Signs a request without a SHA-256 of its body, which takes as long as making the documents in it:
 * TLS, which the bucket's policy demands, keeps the body whole (S3 API Reference, "Authenticating
 * Requests: Using the Authorization Header", unsigned payload option).
 */
export function leavePayloadUnsigned(command: UploadPartCommand): void {
  command.middlewareStack.add(
    (next) => (call) => {
      (call.request as { headers: Record<string, string> }).headers['x-amz-content-sha256'] =
        'UNSIGNED-PAYLOAD';
      return next(call);
    },
    { step: 'build', name: 'leavePayloadUnsigned' },
  );
}
