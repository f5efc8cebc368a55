/**
 * The documents of an earlier task that may be taken over, for one attempt at a shard: found by what they
 * were made from, whatever their rows' numbers were, and read where they lie. Whatever is wrong with them,
 * or takes longer than making a document, is left: then the document is made.
 */
import { FINGERPRINT_BYTES, ORIGIN_BYTES, originOf } from '../archive/origins.ts';
import { readFingerprints, readKnownEntries } from '../archive/segmentReader.ts';
import { segmentRanges } from '../archive/segmentRanges.ts';
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
import { isSmall, type OpenSegment } from './windows.ts';
import { partsOf } from '../tasks/parts.ts';

export type BasePorts = Pick<Ports, 'table' | 'objects' | 'log'>;

export interface BaseDocuments {
  /**
   * The document that was made from the same.
   * @param fingerprint in hex (fingerprint.ts)
   * @returns undefined when there is none, or it is better made anew
   */
  find(fingerprint: string): FoundDocument | undefined | Promise<FoundDocument | undefined>;
}

/** Where a document is. */
export interface FoundDocument {
  readonly segment: OpenSegment;
  /** Its number in the segment, from 0. */
  readonly entry: number;
  /** In hex. */
  readonly sha256: string;
}

/** Segments of the earlier task that tell what their documents were made from. */
interface KnownSegments {
  readonly segments: readonly Segment[];
  /** The number of each segment's first document. */
  readonly starts: readonly number[];
  /** The first row of the shard that each belongs to. */
  readonly rows: readonly number[];
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
    if (known.table.count === 0) return undefined;
    return createBase(ports, task, known, placeOf(known, rows.firstRow, partsOf(base).length));
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
  const { segments, rows } = await segmentsOf(ports, baseTaskId, fromRow, toRow);
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
  const known = { segments, starts, rows, table: createFingerprintTable(records) };
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
): Promise<Pick<KnownSegments, 'segments' | 'rows'>> {
  const segments: Segment[] = [];
  const rows: number[] = [];
  let documents = 0;
  for await (const shard of shardsOf(ports, baseTaskId, fromRow)) {
    if (shard.firstRow > toRow) break;
    for (const segment of shard.segments) {
      if (segment.documents === 0) continue;
      if (segment.originsBytes !== segment.documents * ORIGIN_BYTES) continue;
      documents += segment.documents;
      if (documents > BASE_DOCUMENTS) return { segments, rows };
      segments.push(segment);
      rows.push(shard.firstRow);
    }
  }
  return { segments, rows };
}

/** The number that the first document of a row has where every row before it in its shard has all of them. */
function placeOf({ starts, rows }: KnownSegments, row: number, parts: number): number {
  const firstRow = rows[lastAtMost(rows, row)] ?? row;
  return (starts[rows.indexOf(firstRow)] ?? 0) + Math.max(0, row - firstRow) * parts;
}

/** @param place the number of the document that is expected first */
function createBase(
  ports: BasePorts,
  task: TaskItem,
  known: KnownSegments,
  place: number,
): BaseDocuments {
  const { segments, starts, table } = known;
  /** Those that were opened last, by their number. */
  const opened = new Map<number, OpenSegment>();
  /** The number of the document that was found last, and how many were not found since. */
  let last = place - 1;
  let missed = 0;
  let jumps = 0;
  let isUsable = true;

  /**
   * Where the fingerprint stands next, or else anywhere: of several that are the same the one that is in the
   * row's own place has its name.
   */
  function numberOf(fingerprint: string): number | undefined {
    const wanted = wantedFingerprint(fingerprint);
    const expected = last + 1 + missed;
    if (table.has(expected, wanted)) return expected;
    for (let number = last + 1; number <= last + 1 + NEXT; number++) {
      if (table.has(number, wanted)) return number;
    }
    return table.find(wanted);
  }

  async function open(number: number): Promise<OpenSegment> {
    const segment = segments[number];
    if (!segment) throw new Error('There is no such segment.');
    const { entries, origins } = await readKnownEntries(ports, segment);
    const fingerprints = origins.subarray(0, entries.length * FINGERPRINT_BYTES);
    if (entries.length !== segment.documents || !table.holds(starts[number] ?? 0, fingerprints)) {
      throw new Error(`What ${segment.key} tells of its documents does not agree.`);
    }
    if (opened.size >= OPENED) opened.delete(opened.keys().next().value ?? -1);
    const { bytes } = segmentRanges(segment);
    const made = { key: segment.key, bytes, entries, origins };
    opened.set(number, made);
    return made;
  }

  async function opening(number: number, entry: number): Promise<FoundDocument | undefined> {
    try {
      return found(await open(number), entry);
    } catch (error) {
      isUsable = false;
      tellUnusable(ports, task, error);
      return undefined;
    }
  }

  function found(segment: OpenSegment, entry: number): FoundDocument | undefined {
    const origin = originOf(segment.origins, segment.entries.length, entry);
    return origin && { segment, entry, sha256: Buffer.from(origin.sha256).toString('hex') };
  }

  return {
    find(fingerprint) {
      const document = isUsable ? numberOf(fingerprint) : undefined;
      if (document === undefined) {
        missed++;
        return undefined;
      }
      missed = 0;
      const isNext = document > last && document <= last + 1 + BASE_SKIPPED;
      last = document;
      const number = lastAtMost(starts, document);
      const entry = document - (starts[number] ?? 0);
      const segment = opened.get(number);
      const isNear = isNext || (segment !== undefined && isSmall(segment));
      // One document elsewhere is not worth its reading; the next may lie behind it.
      if (!isNear && ++jumps > BASE_JUMPS) return undefined;
      return segment ? found(segment, entry) : opening(number, entry);
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

/** Tells the operator why documents of an earlier task are made anew. */
export function tellUnusable(
  { log }: Pick<Ports, 'log'>,
  { taskId, baseTaskId }: TaskItem,
  error: unknown,
) {
  const { name } = error instanceof Error ? error : { name: 'unknown' };
  log.warn('Documents of the earlier task cannot be read: they are made anew.', {
    taskId,
    baseTaskId,
    error: name,
  });
}
