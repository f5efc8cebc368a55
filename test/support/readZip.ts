/** Reads a ZIP file with yauzl, which checks its structure, and compares every checksum. */
import { crc32 } from 'node:zlib';
import { openPromise } from 'yauzl';

/** Every entry's bytes by name, in the order of the directory. @throws Error when it is damaged */
export async function readZip(path: string): Promise<Map<string, Buffer>> {
  const archive = await openPromise(path, { lazyEntries: true, strictFileNames: true });
  const entries = new Map<string, Buffer>();
  for await (const entry of archive.eachEntry()) {
    const pieces: Buffer[] = [];
    for await (const piece of await archive.openReadStreamPromise(entry))
      pieces.push(piece as Buffer);
    const bytes = Buffer.concat(pieces);
    if (crc32(bytes) !== entry.crc32) throw new Error(`${entry.fileName}: wrong checksum`);
    if (entries.has(entry.fileName)) throw new Error(`${entry.fileName}: twice in the archive`);
    entries.set(entry.fileName, bytes);
  }
  return entries;
}
