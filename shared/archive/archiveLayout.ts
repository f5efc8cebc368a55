/**
 * The archive's bytes, in order, before any is read: the documents of all segments, the reports, the
 * directory, the end records. All sizes and CRCs follow from those of the segments, so every part of
 * the archive can be made by itself.
 */
import { crc32 } from 'node:zlib';
import { S3_MIN_PART_BYTES } from '../limits.ts';
import { FAILURES_NAME, MANIFEST_NAME } from '../names.ts';
import type { ByteRange } from '../ports.ts';
import type { Segment } from '../schemas/items.ts';
import { type ByteStretch, madeStretch } from './byteStretch.ts';
import { combineCrc32 } from '../zip/crc32.ts';
import { failedShardFailures, failedShardManifest, type LostRows } from './failedShard.ts';
import { FAILURES_HEADER, MANIFEST_HEADER } from './reports.ts';
import { segmentRanges } from './segmentRanges.ts';
import { directoryRecord, endRecords, localHeader } from '../zip/archiveRecords.ts';

/** What one shard adds to the archive. */
export interface ShardContribution {
  /** In the order of rows: the entries of all count, the lines of the last. */
  readonly segments: readonly Segment[];
  /** Documents that it did not make, because it was given up. */
  readonly lost?: LostRows;
}

export interface ArchiveLayout {
  /** The whole archive. */
  readonly archive: readonly ByteStretch[];
  /** The failure report by itself; empty when no document failed. */
  readonly failuresReport: readonly ByteStretch[];
  readonly bytes: number;
  readonly documents: number;
  readonly failures: number;
}

/** Stretches in a row, and their bytes. */
interface Sequence {
  readonly stretches: ByteStretch[];
  bytes: number;
}

function append(sequence: Sequence, stretch: ByteStretch) {
  if (stretch.length === 0) return;
  sequence.stretches.push(stretch);
  sequence.bytes += stretch.length;
}

/** The text of a report, with what its ZIP entry must say of it. */
interface Report extends Sequence {
  readonly name: string;
  crc: number;
}

function appendLines(report: Report, stretch: ByteStretch, crc: number) {
  report.crc = combineCrc32(report.crc, crc, stretch.length);
  append(report, stretch);
}

function appendMadeLines(report: Report, make: () => Uint8Array) {
  const bytes = make();
  appendLines(report, { kind: 'made', length: bytes.length, copyable: false, make }, crc32(bytes));
}

function startReport(name: string, firstLine: string): Report {
  const report: Report = { name, stretches: [], bytes: 0, crc: 0 };
  appendMadeLines(report, () => Buffer.from(firstLine));
  return report;
}

/** A stretch of a segment; `copyable` by S3's rule on the object it lies in. */
function segmentStretch(segment: Segment, range: ByteRange, objectBytes: number): ByteStretch {
  return {
    kind: 'object',
    key: segment.key,
    at: range.offset,
    length: range.length,
    copyable: objectBytes > S3_MIN_PART_BYTES,
  };
}

/** @param contributions in row order */
export function layOutArchive(contributions: readonly ShardContribution[]): ArchiveLayout {
  const entries: Sequence = { stretches: [], bytes: 0 };
  const directory: Sequence = { stretches: [], bytes: 0 };
  const manifest = startReport(MANIFEST_NAME, MANIFEST_HEADER);
  const failed = startReport(FAILURES_NAME, FAILURES_HEADER);
  let documents = 0;
  let failures = 0;

  function addEntries(segment: Segment) {
    const ranges = segmentRanges(segment);
    append(directory, {
      kind: 'directory',
      key: segment.key,
      at: ranges.directory.offset,
      length: ranges.directory.length,
      copyable: false,
      shiftBy: entries.bytes,
    });
    append(entries, segmentStretch(segment, ranges.entries, ranges.bytes));
    documents += segment.documents;
  }

  function addLines(segment: Segment) {
    const ranges = segmentRanges(segment);
    const stretch = (range: ByteRange) => segmentStretch(segment, range, ranges.bytes);
    appendLines(manifest, stretch(ranges.manifest), segment.manifestCrc);
    appendLines(failed, stretch(ranges.failures), segment.failuresCrc);
    failures += segment.failures;
  }

  function addLost(lost: LostRows) {
    for (const make of failedShardManifest(lost)) appendMadeLines(manifest, make);
    for (const make of failedShardFailures(lost)) appendMadeLines(failed, make);
    failures += lost.rowCount * lost.templates.length - lost.madeOfFirst;
  }

  for (const { segments, lost } of contributions) {
    for (const segment of segments) addEntries(segment);
    const last = segments.at(-1);
    if (last) addLines(last);
    if (lost) addLost(lost);
  }
  const reports = failures > 0 ? [manifest, failed] : [manifest];
  const archive = joinArchive(entries, reports, directory, documents + reports.length);
  return {
    archive: archive.stretches,
    failuresReport: failures > 0 ? failed.stretches : [],
    bytes: archive.bytes,
    documents,
    failures,
  };
}

/** Documents, reports, directory, end records: the order of a ZIP file (APPNOTE.TXT 4.3.6). */
function joinArchive(
  entries: Sequence,
  reports: readonly Report[],
  directory: Sequence,
  entryCount: number,
): Sequence {
  const archive: Sequence = { stretches: [], bytes: 0 };
  for (const stretch of entries.stretches) append(archive, stretch);
  for (const report of reports) {
    const entry = { name: report.name, size: report.bytes, crc: report.crc };
    append(directory, madeStretch(directoryRecord(entry, archive.bytes)));
    append(archive, madeStretch(localHeader(entry)));
    for (const stretch of report.stretches) append(archive, stretch);
  }
  const end = { entries: entryCount, offset: archive.bytes, bytes: directory.bytes };
  for (const stretch of directory.stretches) append(archive, stretch);
  append(archive, madeStretch(endRecords(end)));
  return archive;
}
