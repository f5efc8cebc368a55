/** Sending a file to where the API said. */
import type * as z from 'zod';
import type { UploadTargetSchema } from '../shared/schemas/common.ts';
import { failureOf, type CallOptions, type Connection } from './call.ts';
import { refusalOf, UploadRefused } from './errors.ts';
import { withRetries } from './retry.ts';

export type UploadTarget = z.output<typeof UploadTargetSchema>;

/** What is uploaded; a Blob of a file is read while it is sent. */
export type UploadBytes = Uint8Array<ArrayBuffer> | Blob;

/**
 * PUTs the bytes; sending them again overwrites them.
 * @throws UploadRefused, ConnectionFailed; the signal's reason
 */
export async function putUpload(
  connection: Connection,
  target: UploadTarget,
  bytes: UploadBytes,
  { signal }: CallOptions = {},
): Promise<void> {
  const { method, url, headers } = target;
  await withRetries(connection, { repeatable: true, signal }, async () => {
    try {
      const response = await connection.fetch(url, {
        method,
        headers,
        body: bytes,
        ...(signal && { signal }),
      });
      if (response.ok) return;
      const { status, retryAfterMs, requestId } = await refusalOf(
        response,
        connection.clock.date(),
      );
      const message = `The upload was refused with HTTP ${status}.`;
      throw new UploadRefused(status, message, { retryAfterMs, requestId });
    } catch (error) {
      throw failureOf('The upload', error, signal);
    }
  });
}
