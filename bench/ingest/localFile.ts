/** A file of this machine of which stretches are read. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { RangedFile } from '../../shared/zip/rangedZip.ts';

/** What a stream of the bucket gives at once. */
const PIECE_BYTES = 64 * 1024;

/** @throws what opening it throws */
export async function localFile(path: string): Promise<RangedFile> {
  const { size } = await stat(path);
  return {
    bytes: size,
    async read({ offset, length }) {
      const file = await open(path);
      try {
        const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
        await file.read(buffer, 0, buffer.length, offset);
        return buffer;
      } finally {
        await file.close();
      }
    },
    async *stream({ offset, length }) {
      if (length === 0) return;
      yield* createReadStream(path, {
        start: offset,
        end: offset + length - 1,
        highWaterMark: PIECE_BYTES,
      }) as AsyncIterable<Uint8Array>;
    },
  };
}
