/** A shard's documents and reports, read from its segments before or beside the archive. */
import { crc32 } from 'node:zlib';
import type { ByteRange, Ports } from '../ports.ts';
import type { Segment } from '../schemas/items.ts';
import { FINGERPRINT_BYTES } from './origins.ts';
import { parseFailureLines, parseManifestLines, type ManifestLine } from './reports.ts';
import type { CarriedLines } from './segmentWriter.ts';
import { segmentRanges } from './segmentRanges.ts';
import { readDirectory, type DirectoryEntry } from '../zip/archiveRecords.ts';

type Objects = Pick<Ports, 'objects'>;

async function readRange({ objects }: Objects, key: string, range: ByteRange) {
  // S3 answers an empty range with an error.
  return range.length === 0 ? new Uint8Array() : await objects.read(key, range);
}

/** The report lines of a shard as its last segment has them, to be carried on. */
export async function readReportBytes(ports: Objects, segment: Segment): Promise<CarriedLines> {
  const { manifest, failures } = segmentRanges(segment);
  const [manifestBytes, failureBytes] = await Promise.all(
    [manifest, failures].map((range) => readRange(ports, segment.key, range)),
  );
  if (!manifestBytes || !failureBytes) throw new Error('A segment has two reports.');
  return { manifest: manifestBytes, failures: failureBytes, failed: segment.failures };
}

/** A line of a report, and where the next one begins, in bytes of the report. */
export interface PlacedLine<L> {
  readonly line: L;
  readonly endsAt: number;
}

/** Of some 300 lines or more: what a page of 100 shows, mostly in one read. */
const BLOCK_BYTES = 64 * 1024;

/** The lines of a report from a place on, read in blocks as they are asked for. */
async function* linesFrom<L>(
  ports: Objects,
  key: string,
  report: ByteRange,
  from: number,
  parse: (bytes: Uint8Array) => PlacedLine<L>[],
): AsyncGenerator<PlacedLine<L>, void, undefined> {
  let at = from;
  let blockBytes = BLOCK_BYTES;
  while (at < report.length) {
    const length = Math.min(blockBytes, report.length - at);
    const bytes = await readRange(ports, key, { offset: report.offset + at, length });
    const lines = parse(bytes);
    const start = at;
    for (const { line, endsAt } of lines) {
      at = start + endsAt;
      yield { line, endsAt: at };
    }
    if (at === start && length === report.length - start) {
      throw new Error(`The report of ${key} ends within a line.`);
    }
    // A line longer than a block.
    blockBytes = at === start ? 2 * blockBytes : BLOCK_BYTES;
  }
}

/**
 * What became of each document of a shard, in row order.
 * @param segment the shard's last
 * @param from where to begin, in bytes of the report: 0, or the end of a line
 */
export const manifestLines = (ports: Objects, segment: Segment, from = 0) =>
  linesFrom(ports, segment.key, segmentRanges(segment).manifest, from, parseManifestLines);

/**
 * The whole lines of a part of a manifest, in one read.
 * @param from the beginning of a line, in bytes of the report
 * @param to where to end; a line that goes on behind it is left out
 */
export async function manifestSlice(
  ports: Objects,
  segment: Segment,
  from: number,
  to: number,
): Promise<PlacedLine<ManifestLine>[]> {
  const { offset } = segmentRanges(segment).manifest;
  const range = { offset: offset + from, length: to - from };
  const lines = parseManifestLines(await readRange(ports, segment.key, range));
  return lines.map(({ line, endsAt }) => ({ line, endsAt: from + endsAt }));
}

/** Why documents of a shard were not made, in row order; see manifestLines. */
export const failureLines = (ports: Objects, segment: Segment, from = 0) =>
  linesFrom(ports, segment.key, segmentRanges(segment).failures, from, parseFailureLines);

/** The documents of a segment, in the order of rows. */
export const readEntries = async (ports: Objects, segment: Segment): Promise<DirectoryEntry[]> =>
  readDirectory(await readRange(ports, segment.key, segmentRanges(segment).directory));

/** What the documents of a segment were made from (origins.ts); nothing where it does not tell. */
export const readOrigins = (ports: Objects, segment: Segment): Promise<Uint8Array> =>
  readRange(ports, segment.key, segmentRanges(segment).origins);

/** The same, of the fingerprints alone. */
export function readFingerprints(ports: Objects, segment: Segment): Promise<Uint8Array> {
  const { offset } = segmentRanges(segment).origins;
  const length = segment.documents * FINGERPRINT_BYTES;
  return readRange(ports, segment.key, { offset, length });
}

/** Documents of a segment, and what they were made from. */
export interface KnownEntries {
  /** In the order of rows. */
  readonly entries: readonly DirectoryEntry[];
  readonly origins: Uint8Array;
}

/**
 * The documents of a segment that tells what they were made from.
 * @throws Error when it is not what was written
 */
export async function readKnownEntries(ports: Objects, segment: Segment): Promise<KnownEntries> {
  const { directory } = segmentRanges(segment);
  const [records, origins] = await Promise.all([
    readRange(ports, segment.key, directory),
    readOrigins(ports, segment),
  ]);
  if (crc32(origins, crc32(records)) !== segment.originsCrc) {
    throw new Error(`What ${segment.key} tells of its documents is damaged.`);
  }
  return { entries: readDirectory(records), origins };
}

/** A document within a segment's object. */
export interface DocumentPlace {
  readonly key: string;
  readonly range: ByteRange;
}

/**
 * Where a document's bytes are; undefined when there is none of that name.
 * @param segments of the shard: the newest document of a name counts
 * @param name in the archive, as the manifest has it
 */
export async function locateDocument(
  ports: Objects,
  segments: readonly Segment[],
  name: string,
): Promise<DocumentPlace | undefined> {
  for (const segment of segments.toReversed()) {
    const entries = await readEntries(ports, segment);
    const entry = entries.find((candidate) => candidate.name === name);
    if (entry) {
      return { key: segment.key, range: { offset: entry.offset, length: entry.size } };
    }
  }
  return undefined;
}
