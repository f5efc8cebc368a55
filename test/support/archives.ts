/** Reading archives back with yauzl, and making segments to join. */
import { crc32, inflateRawSync } from 'node:zlib';
import yauzl from 'yauzl';
import { createSegmentWriter } from '../../shared/archive/segmentWriter.ts';
import type { ObjectStore } from '../../shared/ports.ts';
import type { RowFailure } from '../../shared/schemas/common.ts';
import type { Segment } from '../../shared/schemas/items.ts';

export interface ReadEntry {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * The entries of an archive as yauzl reads them. Checks what yauzl does not: each CRC, and that the
 * entries lie one behind the other without a gap, in the order of the directory.
 */
export async function readArchive(archive: Uint8Array): Promise<ReadEntry[]> {
  const file = await yauzl.fromBufferPromise(Buffer.from(archive), { autoClose: false });
  const entries: ReadEntry[] = [];
  let expectedOffset = 0;
  for await (const entry of file.eachEntry()) {
    if (entry.relativeOffsetOfLocalHeader !== expectedOffset) {
      throw new Error(`There is a gap before entry ${entries.length + 1}.`);
    }
    const { fileDataStart } = await file.readLocalFileHeaderPromise(entry, { minimal: true });
    const stored = archive.subarray(fileDataStart, fileDataStart + entry.compressedSize);
    const bytes = entry.compressionMethod === 0 ? Buffer.from(stored) : inflateRawSync(stored);
    if (bytes.length !== entry.uncompressedSize) {
      throw new Error(`The size of entry ${entries.length + 1} is wrong.`);
    }
    if (crc32(bytes) !== entry.crc32) {
      throw new Error(`The CRC of entry ${entries.length + 1} is wrong.`);
    }
    entries.push({ name: entry.fileName, bytes });
    expectedOffset = fileDataStart + entry.compressedSize;
  }
  if (entries.length !== file.entryCount) throw new Error('The directory counts wrongly.');
  file.close();
  return entries;
}

/** All bytes of a stream. */
export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What becomes of one document of a shard. */
export type Outcome =
  | { readonly kind: 'document'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'failure'; readonly failure: RowFailure }
  | { readonly kind: 'skipped' };

/** Writes a segment as a shard would: one outcome a row, from `firstRow` on, template "letter". */
export async function writeSegment(
  objects: ObjectStore,
  key: string,
  firstRow: number,
  outcomes: readonly Outcome[],
): Promise<Segment> {
  const writer = createSegmentWriter({ objects }, key);
  for (const [index, outcome] of outcomes.entries()) {
    const place = { row: firstRow + index, template: 'letter' };
    if (outcome.kind === 'document') writer.document({ ...place, ...outcome });
    else if (outcome.kind === 'failure') writer.failure({ ...place, failure: outcome.failure });
    else writer.skipped(place);
    if (writer.full) await writer.flush();
  }
  return writer.finish();
}
