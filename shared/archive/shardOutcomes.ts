/** What became of every document of a shard, with its bytes where it was made: read from its segments. */
import type { Ports } from '../ports.ts';
import type { DocumentStatus } from '../schemas/common.ts';
import type { Segment } from '../schemas/items.ts';
import { documentLine, failureLine, missingDocumentLine, type FailureLine } from './reports.ts';
import { originOf, type Origin } from './origins.ts';
import { failureLines, manifestLines, readEntries, readOrigins } from './segmentReader.ts';
import { segmentRanges } from './segmentRanges.ts';

/** A made document's ZIP entry, where it lies: its header, name and content. */
export interface PlacedEntry {
  readonly key: string;
  readonly at: number;
  readonly length: number;
  /** Size of the object it lies in. */
  readonly objectBytes: number;
  /** Its directory record, with `at` as its offset. */
  readonly record: Uint8Array;
  /** What its segment tells of what it was made from. */
  readonly origin: Origin | undefined;
}

/** What became of one document. */
export interface Outcome {
  readonly row: number;
  /** The number of its template, from 0. */
  readonly part: number;
  readonly status: DocumentStatus;
  /** Its line of the manifest. */
  readonly manifest: string;
  /** Its line of the failure report, if it failed. */
  readonly failure?: string;
  /** If it was made. */
  readonly entry?: PlacedEntry;
}

/** A document that failed, as its line tells it. */
export const failedOutcome = (part: number, line: FailureLine): Outcome => ({
  row: line.row,
  part,
  status: 'failed',
  manifest: missingDocumentLine(line.row, line.template, 'failed'),
  failure: failureLine(line),
});

/** Of two outcomes of one document the one that counts: the newest that was made, else the newest. */
export const newestOf = (older: Outcome | undefined, newer: Outcome): Outcome =>
  older?.status === 'succeeded' && newer.status !== 'succeeded' ? older : newer;

/** The entries of segments in a row, one segment after the other. */
async function* entriesOf(
  ports: Pick<Ports, 'objects'>,
  segments: readonly Segment[],
): AsyncGenerator<PlacedEntry, void, undefined> {
  for (const segment of segments) {
    if (segment.documents === 0) continue;
    const { bytes: objectBytes } = segmentRanges(segment);
    const [entries, origins] = await Promise.all([
      readEntries(ports, segment),
      readOrigins(ports, segment),
    ]);
    for (const [i, { headerOffset: at, offset, size, record }] of entries.entries()) {
      const origin = originOf(origins, segment.documents, i);
      yield { key: segment.key, at, length: offset + size - at, objectBytes, record, origin };
    }
  }
}

/**
 * The outcomes of a shard, in the order of rows and templates. The last segment's lines tell of all of
 * them; every document that was made has one entry, and every one that failed one line of the failures, in
 * the same order.
 * @param labels of the task's templates
 * @throws Error when segments and lines do not belong together
 */
export async function* readOutcomes(
  ports: Pick<Ports, 'objects'>,
  segments: readonly Segment[],
  labels: readonly string[],
): AsyncGenerator<Outcome, void, undefined> {
  const last = segments.at(-1);
  if (!last) return;
  const entries = entriesOf(ports, segments);
  const failures = failureLines(ports, last);
  for await (const { line } of manifestLines(ports, last)) {
    const { row, template, status } = line;
    const part = labels.indexOf(template);
    if (part < 0) throw new Error(`The shard has a document of row ${row} of no template.`);
    if (status === 'succeeded') {
      const { value: entry } = await entries.next();
      if (!entry) throw new Error(`The shard has no entry for row ${row}.`);
      const manifest = documentLine(row, template, line.document, line.bytes, line.sha256);
      yield { row, part, status, manifest, entry };
    } else if (status === 'failed') {
      const { value: failed } = await failures.next();
      if (failed?.line.row !== row || failed.line.template !== template) {
        throw new Error(`The shard does not tell why row ${row} failed.`);
      }
      yield failedOutcome(part, failed.line);
    } else {
      yield { row, part, status, manifest: missingDocumentLine(row, template, status) };
    }
  }
}
