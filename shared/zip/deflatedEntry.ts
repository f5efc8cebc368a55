/** A ZIP entry made of its content. */
import { crc32 } from 'node:zlib';
import { deflate } from './deflate.ts';
import { METHOD_DEFLATE } from './layout.ts';
import type { ZipEntry } from './reader.ts';

/** A part as an entry of a ZIP. */
export function deflated(name: string, content: Uint8Array): ZipEntry {
  return {
    name,
    method: METHOD_DEFLATE,
    crc32: crc32(content),
    size: content.length,
    compressed: deflate(content),
  };
}
