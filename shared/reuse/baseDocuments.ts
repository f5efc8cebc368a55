/**
 * The documents of an earlier task that may be taken over, for one attempt at a shard: found by what they
 * were made from, whatever their rows' numbers were, and read where they lie. Whatever is wrong with them,
 * or takes longer than making a document, is left: then the document is made.
 */
import { crc32 } from 'node:zlib';
import { FINGERPRINT_BYTES, ORIGIN_BYTES, originOf } from '../archive/origins.ts';
import { readFingerprints, readKnownEntries } from '../archive/segmentReader.ts';
import type { KnownContent } from '../archive/segmentWriter.ts';
import { runLanes } from '../boundedWork.ts';
import {
  BASE_DOCUMENTS,
  BASE_JUMPS,
  BASE_REACH_ROWS,
  BASE_SKIPPED,
  READS_AT_ONCE,
} from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { Segment, ShardItem, TaskItem } from '../schemas/items.ts';
import { shardsOf, taskStore } from '../tasks/taskStore.ts';
import {
  createFingerprintTable,
  wantedFingerprint,
  type FingerprintTable,
} from './fingerprintTable.ts';
import { createWindows, type OpenSegment } from './windows.ts';

export type BasePorts = Pick<Ports, 'table' | 'objects' | 'log'>;

export interface BaseDocuments {
  /**
   * The document that was made from the same.
   * @param fingerprint in hex (fingerprint.ts)
   * @returns undefined when there is none, or it is better made anew; the bytes are good until the next call
   */
  take(fingerprint: string): TakenDocument | undefined | Promise<TakenDocument | undefined>;
}

/** A document as it was made, with its checksum compared. */
export interface TakenDocument extends KnownContent {
  readonly bytes: Uint8Array;
}

/** Segments of the earlier task that tell what their documents were made from. */
interface KnownSegments {
  readonly segments: readonly Segment[];
  /** The number of each segment's first document. */
  readonly starts: readonly number[];
  readonly table: FingerprintTable;
}

/** The rows that a shard has. */
type Rows = Pick<ShardItem, 'firstRow' | 'rowCount'>;

/**
 * @param rows of the new task that are worked on: those of the earlier one that lie further than
 *   BASE_REACH_ROWS from them are not looked at
 * @returns undefined when there is nothing to be taken over
 */
export async function openBase(
  ports: BasePorts,
  task: TaskItem,
  rows: Rows,
): Promise<BaseDocuments | undefined> {
  const { baseTaskId } = task;
  if (baseTaskId === undefined) return undefined;
  try {
    const base = await taskStore.find(ports, baseTaskId);
    // Deleted or expired since: its documents are made anew.
    if (base?.ownerId !== task.ownerId) return undefined;
    const known = await knownSegments(ports, baseTaskId, rows);
    return known.table.count === 0 ? undefined : createBase(ports, task, known);
  } catch (error) {
    tellUnusable(ports, task, error);
    return undefined;
  }
}

/** What was read of an earlier task last: a process works on one task's shards mostly. */
interface Kept extends KnownSegments {
  readonly baseTaskId: string;
  readonly fromRow: number;
  readonly toRow: number;
}
const kept = new WeakMap<Ports['objects'], Kept>();

async function knownSegments(
  ports: BasePorts,
  baseTaskId: string,
  { firstRow, rowCount }: Rows,
): Promise<KnownSegments> {
  const nearest = {
    fromRow: Math.max(1, firstRow - BASE_REACH_ROWS / 2),
    toRow: firstRow + rowCount + BASE_REACH_ROWS / 2,
  };
  const last = kept.get(ports.objects);
  if (
    last?.baseTaskId === baseTaskId &&
    last.fromRow <= nearest.fromRow &&
    last.toRow >= nearest.toRow
  ) {
    return last;
  }
  const fromRow = Math.max(1, firstRow - BASE_REACH_ROWS);
  const toRow = firstRow + rowCount + BASE_REACH_ROWS;
  const segments = await segmentsOf(ports, baseTaskId, fromRow, toRow);
  const records = new Array<Uint8Array>(segments.length);
  const work = segments.map((segment, i) => async () => {
    records[i] = await readFingerprints(ports, segment);
  });
  await runLanes([{ atOnce: READS_AT_ONCE, work }]);
  const starts: number[] = [];
  let documents = 0;
  for (const segment of segments) {
    starts.push(documents);
    documents += segment.documents;
  }
  const known = { segments, starts, table: createFingerprintTable(records) };
  if (known.table.count !== documents) throw new Error('Fingerprints and documents differ.');
  kept.set(ports.objects, { ...known, baseTaskId, fromRow, toRow });
  return known;
}

/** Segments that tell what their documents were made from, of shards that have some of these rows. */
async function segmentsOf(
  ports: BasePorts,
  baseTaskId: string,
  fromRow: number,
  toRow: number,
): Promise<Segment[]> {
  const found: Segment[] = [];
  let documents = 0;
  for await (const shard of shardsOf(ports, baseTaskId, fromRow)) {
    if (shard.firstRow > toRow) break;
    for (const segment of shard.segments) {
      if (segment.documents === 0) continue;
      if (segment.originsBytes !== segment.documents * ORIGIN_BYTES) continue;
      documents += segment.documents;
      if (documents > BASE_DOCUMENTS) return found;
      found.push(segment);
    }
  }
  return found;
}

function createBase(ports: BasePorts, task: TaskItem, known: KnownSegments): BaseDocuments {
  const { segments, starts, table } = known;
  const windows = createWindows(ports);
  /** Directories that were read last, by the segment's number. */
  const opened = new Map<number, OpenSegment>();
  /** The number of the document that was found last. */
  let last = -1;
  let jumps = 0;
  let isUsable = true;

  /** Where the fingerprint stands next, or else anywhere. */
  function find(fingerprint: string): number | undefined {
    const wanted = wantedFingerprint(fingerprint);
    for (let number = last + 1; number <= last + 1 + NEXT; number++) {
      if (table.has(number, wanted)) return number;
    }
    return table.find(wanted);
  }

  /** The document, if it was read and is what it was. */
  function present(segment: OpenSegment, entry: number): TakenDocument | undefined {
    const { entries, origins } = segment;
    const bytes = windows.at(segment, entry);
    const crc = bytes && crc32(bytes);
    const origin = originOf(origins, entries.length, entry);
    if (!bytes || !origin || crc === undefined || crc !== entries[entry]?.crc) return undefined;
    return { bytes, crc, sha256: Buffer.from(origin.sha256).toString('hex') };
  }

  async function open(number: number): Promise<OpenSegment> {
    const segment = segments[number];
    if (!segment) throw new Error('There is no such segment.');
    const { entries, origins } = await readKnownEntries(ports, segment);
    const fingerprints = origins.subarray(0, entries.length * FINGERPRINT_BYTES);
    const start = starts[number] ?? 0;
    if (entries.length !== segment.documents || !table.holds(start, fingerprints)) {
      throw new Error(`What ${segment.key} tells of its documents does not agree.`);
    }
    if (opened.size >= OPENED) opened.delete(opened.keys().next().value ?? -1);
    const made = { key: segment.key, entries, origins };
    opened.set(number, made);
    return made;
  }

  async function load(number: number, entry: number): Promise<TakenDocument | undefined> {
    try {
      const segment = opened.get(number) ?? (await open(number));
      if (!windows.at(segment, entry)) await windows.load(segment, entry);
      return present(segment, entry);
    } catch (error) {
      isUsable = false;
      tellUnusable(ports, task, error);
      return undefined;
    }
  }

  return {
    take(fingerprint) {
      if (!isUsable) return undefined;
      const found = find(fingerprint);
      if (found === undefined) return undefined;
      const isNext = found > last && found <= last + 1 + BASE_SKIPPED;
      last = found;
      const number = lastAtMost(starts, found);
      const entry = found - (starts[number] ?? 0);
      const segment = opened.get(number);
      if (segment && windows.at(segment, entry)) return present(segment, entry);
      // One document in a window is not worth its reading; the next may lie behind it.
      if (!isNext && ++jumps > BASE_JUMPS) return undefined;
      return load(number, entry);
    },
  };
}

/** Documents behind the last one that are compared first: between them lie rows that changed. */
const NEXT = 3;
/** Directories in memory, of some 10 MB each. */
const OPENED = 2;

/** The place of the last number that is not above this one. */
function lastAtMost(numbers: readonly number[], most: number): number {
  let [from, to] = [0, numbers.length - 1];
  while (from < to) {
    const middle = Math.ceil((from + to) / 2);
    if ((numbers[middle] ?? Infinity) <= most) from = middle;
    else to = middle - 1;
  }
  return from;
}

function tellUnusable({ log }: BasePorts, { taskId, baseTaskId }: TaskItem, error: unknown) {
  const { name } = error instanceof Error ? error : { name: 'unknown' };
  log.warn('Documents of the earlier task cannot be read: they are made anew.', {
    taskId,
    baseTaskId,
    error: name,
  });
}
