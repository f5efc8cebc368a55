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
import { readDirectory } from './zip.ts';

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

/** A document's name, and where its bytes are in the segment object. */
export interface LocatedDocument {
  readonly name: string;
  readonly range: ByteRange;
}

/**
 * Finds the document of one row and one template; undefined when it was not made.
 * @param row 1-based
 * @param template the template's label
 */
export async function locateDocument(
  ports: Objects,
  segment: Segment,
  { row, template }: { row: number; template: string },
): Promise<LocatedDocument | undefined> {
  const lines = await readManifest(ports, segment);
  const made = lines.filter((line) => line.status === 'succeeded');
  const index = made.findIndex((line) => line.row === row && line.template === template);
  if (index < 0) return undefined;
  // Records and manifest lines of documents that were made come in the same order.
  const directory = await readRange(ports, segment.key, segmentRanges(segment).directory);
  const entry = readDirectory(directory)[index];
  return entry && { name: entry.name, range: { offset: entry.offset, length: entry.size } };
}
