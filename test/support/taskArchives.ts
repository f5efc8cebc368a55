/** Archives as tasks make them, of documents that are given. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { assembleArchive } from '../../shared/archive/assembleArchive.ts';
import { documentLine, MANIFEST_HEADER } from '../../shared/archive/reports.ts';
import { MANIFEST_NAME } from '../../shared/names.ts';
import { directoryRecord, endRecords, localHeader } from '../../shared/zip/archiveRecords.ts';
import { writeSegment, type Outcome } from './archives.ts';
import type { Content } from './fileServer.ts';
import { createMemoryObjectStore } from './memoryObjectStore.ts';

/** By the code that makes them. @param more outcomes of rows behind the documents */
export async function archiveOf(
  documents: Readonly<Record<string, string | Uint8Array>>,
  more: readonly Outcome[] = [],
): Promise<Buffer> {
  const objects = createMemoryObjectStore();
  const outcomes = Object.entries(documents).map(([name, content]): Outcome => ({
    kind: 'document',
    name,
    bytes: Buffer.from(content),
  }));
  const segment = await writeSegment(objects, 'segment', 1, [...outcomes, ...more]);
  await assembleArchive(
    { objects },
    { archiveKey: 'a', failuresKey: 'f', contributions: [{ segments: [segment] }] },
  );
  return Buffer.from(await objects.read('a'));
}

/** One of documents of zeros, of which only headers, directory and manifest are kept. */
export function archiveOfZeros(
  documents: readonly { readonly name: string; readonly size: number }[],
): Exclude<Content, Uint8Array> {
  const pieces: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  const records: Uint8Array[] = [];
  let manifest = MANIFEST_HEADER;
  let at = 0;
  const put = (bytes: Uint8Array) => {
    pieces.push({ at, bytes });
    at += bytes.length;
  };
  const zeros = new Map<number, { crc: number; sha256: string }>();
  for (const [index, { name, size }] of documents.entries()) {
    if (!zeros.has(size)) {
      const content = Buffer.alloc(size);
      const sha256 = createHash('sha256').update(content).digest('hex');
      zeros.set(size, { crc: crc32(content), sha256 });
    }
    const { crc = 0, sha256 = '' } = zeros.get(size) ?? {};
    records.push(directoryRecord({ name, size, crc }, at));
    put(localHeader({ name, size, crc }));
    at += size;
    manifest += documentLine(index + 1, 'letter', name, size, sha256);
  }
  const text = Buffer.from(manifest);
  const entry = { name: MANIFEST_NAME, size: text.length, crc: crc32(text) };
  records.push(directoryRecord(entry, at));
  put(localHeader(entry));
  put(text);
  const directory = Buffer.concat(records);
  const offset = at;
  put(directory);
  put(endRecords({ entries: records.length, offset, bytes: directory.length }));
  return {
    bytes: at,
    cut: (from, length) => {
      const stretch = Buffer.alloc(length);
      for (const { at: start, bytes } of pieces) {
        const begin = Math.max(from, start);
        const end = Math.min(from + length, start + bytes.length);
        if (begin < end) stretch.set(bytes.subarray(begin - start, end - start), begin - from);
      }
      return stretch;
    },
  };
}
