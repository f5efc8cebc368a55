/** A finished shard's documents, read from its segment before or beside the archive. */
import type { ByteRange, Ports } from '../ports.ts';
import type { Segment } from '../schemas/items.ts';
import {
  type FailureLine,
  type ManifestLine,
  parseFailureLines,
  parseManifestLines,
} from './reports.ts';
import { segmentRanges } from './segmentRanges.ts';
import { readDirectory } from '../zip/archiveRecords.ts';

type Objects = Pick<Ports, 'objects'>;

async function readRange({ objects }: Objects, key: string, range: ByteRange) {
  // S3 answers an empty range with an error.
  return range.length === 0 ? new Uint8Array() : await objects.read(key, range);
}

/** What became of each document of the shard, in row order. */
export async function readManifest(ports: Objects, segment: Segment): Promise<ManifestLine[]> {
  const bytes = await readRange(ports, segment.key, segmentRanges(segment).manifest);
  return parseManifestLines(bytes);
}

/** Why documents of the shard were not made, in row order. */
export async function readFailures(ports: Objects, segment: Segment): Promise<FailureLine[]> {
  const bytes = await readRange(ports, segment.key, segmentRanges(segment).failures);
  return parseFailureLines(bytes);
}

/**
 * Where a document's bytes are in the segment object; undefined when there is none of that name.
 * @param name in the archive, as the manifest has it
 */
export async function locateDocument(
  ports: Objects,
  segment: Segment,
  name: string,
): Promise<ByteRange | undefined> {
  const directory = await readRange(ports, segment.key, segmentRanges(segment).directory);
  const entry = readDirectory(directory).find((candidate) => candidate.name === name);
  return entry && { offset: entry.offset, length: entry.size };
}
