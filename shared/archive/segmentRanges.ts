import type { ByteRange } from '../ports.ts';
import type { Segment } from '../schemas/items.ts';

/** Where the five stretches of a segment object are, and how large it is in all. */
export interface SegmentRanges {
  readonly entries: ByteRange;
  readonly directory: ByteRange;
  readonly manifest: ByteRange;
  readonly failures: ByteRange;
  readonly origins: ByteRange;
  readonly bytes: number;
}

/** The layout that schemas/items.ts states: entries, directory, manifest lines, failure lines, origins. */
export function segmentRanges(segment: Segment): SegmentRanges {
  let bytes = 0;
  const next = (length: number): ByteRange => {
    const range = { offset: bytes, length };
    bytes += length;
    return range;
  };
  const entries = next(segment.entriesBytes);
  const directory = next(segment.directoryBytes);
  const manifest = next(segment.manifestBytes);
  const failures = next(segment.failuresBytes);
  const origins = next(segment.originsBytes ?? 0);
  return { entries, directory, manifest, failures, origins, bytes };
}
