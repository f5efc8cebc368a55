/**
 * One segment of a shard's documents with some of them made anew. Nothing is rendered or packed again:
 * stretches of the older segments stay, on the server's side where they are large, and the newer
 * documents are put between them. Memory is that of one shard's directory and lines.
 */
import { S3_MIN_PART_BYTES } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { Segment } from '../schemas/items.ts';
import { shiftDirectory } from '../zip/archiveRecords.ts';
import { madeStretch, type ByteStretch, type ObjectStretch } from './byteStretch.ts';
import { createOriginsWriter } from './origins.ts';
import { appendBytes, appendText, createGrowingBuffer, writtenBytes } from './growingBuffer.ts';
import { segmentOf } from './segmentWriter.ts';
import { newestOf, readOutcomes, type Outcome, type PlacedEntry } from './shardOutcomes.ts';
import { writeStretches } from './writeStretches.ts';

const byPlace = (a: Outcome, b: Outcome) => a.row - b.row || a.part - b.part;

/** The outcomes of the older and the newer, in order; of a document in both the one that counts. */
async function* merged(
  older: AsyncIterable<Outcome>,
  newer: readonly Outcome[],
): AsyncGenerator<Outcome, void, undefined> {
  let at = 0;
  for await (const outcome of older) {
    let next = newer[at];
    for (; next && byPlace(next, outcome) < 0; next = newer[++at]) yield next;
    if (next && byPlace(next, outcome) === 0) {
      at++;
      yield newestOf(outcome, next);
    } else yield outcome;
  }
  yield* newer.slice(at);
}

/** Entries one after the other: those that lie so already are one stretch. */
function createStretches() {
  const stretches: ByteStretch[] = [];
  let last: ObjectStretch | undefined;
  return {
    stretches,
    add({ key, at, length, objectBytes }: PlacedEntry) {
      if (last?.key === key && last.at + last.length === at) {
        last = { ...last, length: last.length + length };
        stretches[stretches.length - 1] = last;
        return;
      }
      const copyable = objectBytes > S3_MIN_PART_BYTES;
      last = { kind: 'object', key, at, length, copyable };
      stretches.push(last);
    },
  };
}

/**
 * Writes the segment at `key`; a repeat overwrites it with itself.
 * @param older the shard's segments
 * @param newer outcomes of the same rows, each document once
 * @param labels of the task's templates
 */
export async function mergeSegments(
  ports: Pick<Ports, 'objects'>,
  key: string,
  older: readonly Segment[],
  newer: readonly Outcome[],
  labels: readonly string[],
): Promise<Segment> {
  const entries = createStretches();
  const directory = createGrowingBuffer();
  const manifest = createGrowingBuffer();
  const failures = createGrowingBuffer();
  const origins = createOriginsWriter();
  let [documents, failed, entriesBytes] = [0, 0, 0];

  const sorted = newer.toSorted(byPlace);
  for await (const outcome of merged(readOutcomes(ports, older, labels), sorted)) {
    appendText(manifest, outcome.manifest);
    if (outcome.failure !== undefined) {
      appendText(failures, outcome.failure);
      failed++;
    }
    const { entry } = outcome;
    if (!entry) continue;
    entries.add(entry);
    const from = directory.length;
    appendBytes(directory, entry.record);
    shiftDirectory(writtenBytes(directory).subarray(from), entriesBytes - entry.at);
    entriesBytes += entry.length;
    origins.addOrigin(entry.origin);
    documents++;
  }

  const behind = [
    writtenBytes(directory),
    writtenBytes(manifest),
    writtenBytes(failures),
    origins.bytes(),
  ] as const;
  const whole = [
    ...entries.stretches,
    ...behind.map(madeStretch).filter(({ length }) => length > 0),
  ];
  await writeStretches(ports, key, whole, 'application/octet-stream');
  const written = { key, documents, entriesBytes, failures: failed };
  return segmentOf(written, behind, origins.reused);
}
