/** Where a client uploads a file to. */
import { UPLOAD_LINK_SECONDS } from './limits.ts';
import type { Ports } from './ports.ts';
import type { UploadTarget } from './schemas/common.ts';

/** A link to upload an object to, good for UPLOAD_LINK_SECONDS at most. */
export async function uploadTarget(
  { objects, clock }: Pick<Ports, 'objects' | 'clock'>,
  key: string,
  contentType: string,
): Promise<UploadTarget> {
  const expiresAt = clock.now() + UPLOAD_LINK_SECONDS * 1000;
  const { url, headers } = await objects.presignPut(key, {
    expiresInSeconds: UPLOAD_LINK_SECONDS,
    contentType,
  });
  return { method: 'PUT', url, headers, expiresAt: new Date(expiresAt).toISOString() };
}
