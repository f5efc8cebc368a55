/** A link to an object, signed at the moment of the request. */
import { DOWNLOAD_LINK_SECONDS } from './limits.ts';
import type { Ports } from './ports.ts';
import type { Download } from './schemas/taskApi.ts';

export async function downloadLink(
  { objects, clock }: Pick<Ports, 'objects' | 'clock'>,
  key: string,
  file: { fileName: string; contentType: string; bytes: number },
): Promise<Download> {
  const { fileName, contentType, bytes } = file;
  const expiresAt = new Date(clock.now() + DOWNLOAD_LINK_SECONDS * 1000).toISOString();
  const url = await objects.presignGet(key, {
    expiresInSeconds: DOWNLOAD_LINK_SECONDS,
    fileName,
    contentType,
  });
  return { url, expiresAt, fileName, bytes };
}
