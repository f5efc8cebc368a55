/** Files by the links that the API gives. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DemoError } from './errors.ts';

/**
 * Writes what is at a link to a file, which is whole as soon as it has its name.
 * @throws DemoError
 */
export async function download(url: string, out: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok || !response.body) {
    throw new DemoError(`The file could not be downloaded: HTTP ${response.status}.`);
  }
  const draft = `${out}.part`;
  try {
    await pipeline(Readable.fromWeb(response.body), createWriteStream(draft));
    await rename(draft, out);
  } finally {
    await rm(draft, { force: true });
  }
}
