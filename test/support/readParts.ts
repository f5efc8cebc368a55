/** Reads a package that is in memory with yauzl, which checks its structure, and compares checksums. */
import { crc32 } from 'node:zlib';
import { fromBufferPromise } from 'yauzl';

/** Every part's bytes by name, in the order of the directory; folders left out. */
export async function readParts(bytes: Uint8Array): Promise<Map<string, Buffer>> {
  const archive = await fromBufferPromise(Buffer.from(bytes), {
    lazyEntries: true,
    strictFileNames: true,
  });
  const parts = new Map<string, Buffer>();
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const pieces: Buffer[] = [];
    for await (const piece of await archive.openReadStreamPromise(entry))
      pieces.push(piece as Buffer);
    const content = Buffer.concat(pieces);
    if (crc32(content) !== entry.crc32) throw new Error(`${entry.fileName}: wrong checksum`);
    if (parts.has(entry.fileName)) throw new Error(`${entry.fileName}: twice in the package`);
    parts.set(entry.fileName, content);
  }
  return parts;
}
