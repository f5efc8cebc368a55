/** A ZIP entry made of its content. */
import { crc32 } from 'node:zlib';
import { deflate } from './deflate.ts';
import { METHOD_DEFLATE } from './layout.ts';
import type { ZipEntry } from './reader.ts';

/**
 * A part as an entry of a ZIP. It is compressed when it is asked for: most parts are changed again, or
 * filled, before they are written.
 */
export function deflated(name: string, content: Uint8Array): ZipEntry {
  let checksum: number | undefined;
  let compressed: Uint8Array | undefined;
  return {
    name,
    method: METHOD_DEFLATE,
    size: content.length,
    get crc32() {
      return (checksum ??= crc32(content));
    },
    get compressed() {
      return (compressed ??= deflate(content));
    },
  };
}
