/**
 * Documents by their names. A whole name gives away its row (documentNames.ts), and is found there. A part of one is
 * looked for in the lines that the shards wrote: so many in one request, and on from there in the next.
 */
import { manifestLines, manifestSlice } from '../archive/segmentReader.ts';
import type { ManifestLine } from '../archive/reports.ts';
import { FIRST_LOOK_BYTES, LOOKED_BYTES, LOOKS_AT_ONCE, MAX_LOOKS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { isWholeName, rowOfName } from '../rendering/documentNames.ts';
import { foldName } from '../rendering/safeNames.ts';
import type { Page } from '../schemas/common.ts';
import type { Segment, ShardItem, TaskItem } from '../schemas/items.ts';
import type { DocumentView, ListDocumentsQuery } from '../schemas/taskApi.ts';
import {
  lineBehind,
  placesIn,
  startIn,
  type LineOfRow,
  type Place,
  type Reached,
} from './reportPlaces.ts';
import { outcomesOfRow } from './rowOutcomes.ts';
import { shardsOf } from './taskStore.ts';

type ReadPorts = Pick<Ports, 'table' | 'objects'>;

/** A page, and up to which row all was looked at. */
export type LookedPage<T> = Page<T> & { readonly throughRow: number };

/** What is asked for: documents by name. */
type NameQuery = ListDocumentsQuery & { readonly name: string };

/**
 * One page of the documents whose names hold a text, in the order of rows.
 * @throws Problem VALIDATION_ERROR (cursor); ObjectMissing
 */
export async function findDocuments(
  ports: ReadPorts,
  task: TaskItem,
  { name, status, limit, cursor }: NameQuery,
): Promise<LookedPage<DocumentView>> {
  const text = foldName(name);
  const places = placesIn(['names', task.taskId, status, text]);
  const place = places.parse(cursor);
  const end = { nextCursor: null, throughRow: task.rowCount };
  // What was not made has no name.
  if (status !== undefined && status !== 'succeeded') return { data: [], ...end };
  const whole = cursor === undefined ? await documentsNamed(ports, task, name) : [];
  if (whole.length > 0) return { data: whole, ...end };

  const data: DocumentView[] = [];
  /** Behind the last line, and behind the last one that was found. */
  let line: LineOfRow = place;
  let reached: Reached | undefined;
  let found: Reached | undefined;
  const unread = unreadLines(ports, task, place);
  let rest: Lines | undefined;
  for (let looks = 0, left = LOOKED_BYTES; looks < MAX_LOOKS && left >= FIRST_LOOK_BYTES; looks++) {
    const stretches = await nextStretches(
      rest,
      unread,
      Math.min(left, FIRST_LOOK_BYTES * 4 ** looks),
    );
    if (stretches.length === 0) return { data, ...end };
    const slices = stretches.map(({ segment, from, to }) =>
      manifestSlice(ports, segment, from, to),
    );
    // Behind a page that is full none is waited for.
    for (const slice of slices) slice.catch(() => undefined);
    for (const [i, { shard, segment, from, to }] of stretches.entries()) {
      let at = from;
      for (const { line: told, endsAt } of (await slices[i]) ?? []) {
        const document = viewOf(told);
        const isFound = document !== undefined && foldName(document.name).includes(text);
        if (isFound && data.length === limit && found) return { data, ...places.endOf(found) };
        at = endsAt;
        line = lineBehind(line, told.row);
        reached = { ...line, shard, at };
        if (!isFound) continue;
        data.push(document);
        found = reached;
      }
      if (at < to && to === segment.manifestBytes) {
        throw new Error(`The report of ${segment.key} ends within a line.`);
      }
      left -= to - from;
      rest = at < segment.manifestBytes ? { shard, segment, from: at } : undefined;
    }
  }
  return { data, ...(reached ? places.endOf(reached) : end) };
}

/** The documents of a row that have this very name: one, or none yet. */
async function documentsNamed(ports: ReadPorts, task: TaskItem, name: string) {
  const row = rowOfName(task.fileName, name);
  if (row === undefined || row > task.rowCount) return [];
  const outcomes = await outcomesOfRow(ports, task, row);
  return [...outcomes.values()].flatMap(({ line }) => {
    const document = viewOf(line);
    return document && isWholeName(name, document.name) ? [document] : [];
  });
}

/** A document that was made, as lists show it. */
function viewOf(line: ManifestLine): (DocumentView & { readonly name: string }) | undefined {
  if (line.status !== 'succeeded') return undefined;
  const { row, template, document, status, bytes } = line;
  return { row, template, name: document, status, bytes };
}

/** Lines of a shard, from a byte of its report on. */
interface Lines {
  readonly shard: ShardItem;
  readonly segment: Segment;
  readonly from: number;
}

/** The lines of every shard that has some, from a place on. */
async function* unreadLines(
  ports: ReadPorts,
  task: TaskItem,
  place: Place,
): AsyncGenerator<Lines, undefined, undefined> {
  for await (const shard of shardsOf(ports, task.taskId, place.firstRow)) {
    const segment = shard.segments.at(-1);
    if (!segment) continue;
    const from = await startIn(shard, place, () => manifestRows(ports, segment));
    if (from < segment.manifestBytes) yield { shard, segment, from };
  }
  return undefined;
}

async function* manifestRows(ports: ReadPorts, segment: Segment) {
  for await (const { line, endsAt } of manifestLines(ports, segment)) {
    yield { row: line.row, endsAt };
  }
}

/**
 * What is read next, side by side: together at most `bytes` of lines, of which the last may be cut.
 * @param rest what the last ones left of their shard
 */
async function nextStretches(
  rest: Lines | undefined,
  unread: AsyncGenerator<Lines, undefined, undefined>,
  bytes: number,
): Promise<(Lines & { readonly to: number })[]> {
  const stretches = [];
  let room = bytes;
  for (let lines = rest; room > 0 && stretches.length < LOOKS_AT_ONCE; lines = undefined) {
    lines ??= (await unread.next()).value;
    if (!lines) break;
    const to = Math.min(lines.segment.manifestBytes, lines.from + room);
    stretches.push({ ...lines, to });
    room -= to - lines.from;
  }
  return stretches;
}
