/** What became of every document, page by page, from what the shards wrote. */
import type { FailureLine, ManifestLine } from '../archive/reports.ts';
import { failureLines, manifestLines, type PlacedLine } from '../archive/segmentReader.ts';
import { LISTED_BYTES, MAX_LISTED_SHARDS } from '../limits.ts';
import { readingFiles } from '../missingFiles.ts';
import type { Ports } from '../ports.ts';
import type { Page, PageQuery } from '../schemas/common.ts';
import type { Segment, ShardItem, TaskItem } from '../schemas/items.ts';
import type {
  DocumentsPage,
  DocumentView,
  FailureView,
  ListDocumentsQuery,
} from '../schemas/taskApi.ts';
import { failureOfShard } from '../shards/shardFailure.ts';
import { findDocuments, type LookedPage } from './findDocuments.ts';
import { labelsOf } from './parts.ts';
import { lineBehind, placesIn, startIn, type LineOfRow, type Reached } from './reportPlaces.ts';
import { loadOwnedTask, shardsOf } from './taskStore.ts';

type ReadPorts = Pick<Ports, 'table' | 'objects'>;

/** A line of a page, and the place behind it in its shard. */
interface Placed<T> {
  readonly item: T;
  /** Bytes of the report of the shard's last segment; behind those, lost documents by their number. */
  readonly next: number;
}

/** Every document that a shard lost, by its number in the shard. */
function* lostDocuments(task: TaskItem, shard: ShardItem, from: number) {
  const labels = labelsOf(task);
  const { rows, parts } = shard.reached;
  const made = rows * labels.length + parts;
  for (let n = made + from; n < shard.rowCount * labels.length; n++) {
    const row = shard.firstRow + Math.floor(n / labels.length);
    const template = labels[n % labels.length] ?? '';
    yield { row, template, next: n - made + 1 };
  }
}

/** The lines of a shard's report from a place on, and behind them a line for each lost document. */
async function* linesOf<L, T>(
  task: TaskItem,
  shard: ShardItem,
  from: number,
  report: {
    bytes(segment: Segment): number;
    lines(segment: Segment, from: number): AsyncGenerator<PlacedLine<L>, void, undefined>;
    view(line: L): T;
    lost(document: { row: number; template: string }): T;
  },
): AsyncGenerator<Placed<T>, void, undefined> {
  const segment = shard.segments.at(-1);
  const bytes = segment ? report.bytes(segment) : 0;
  if (segment && from < bytes) {
    for await (const { line, endsAt } of report.lines(segment, from)) {
      yield { item: report.view(line), next: endsAt };
    }
  }
  if (shard.status !== 'failed') return;
  for (const { next, ...document } of lostDocuments(task, shard, Math.max(0, from - bytes))) {
    yield { item: report.lost(document), next: bytes + next };
  }
}

const documentsOf = (ports: ReadPorts, task: TaskItem, shard: ShardItem, from: number) =>
  linesOf<ManifestLine, DocumentView>(task, shard, from, {
    bytes: (segment) => segment.manifestBytes,
    lines: (segment, at) => manifestLines(ports, segment, at),
    view: (line) => ({
      row: line.row,
      template: line.template,
      name: line.status === 'succeeded' ? line.document : null,
      status: line.status,
      bytes: line.status === 'succeeded' ? line.bytes : null,
    }),
    lost: (document) => ({ ...document, name: null, status: 'failed', bytes: null }),
  });

function failuresOf(ports: ReadPorts, task: TaskItem, shard: ShardItem, from: number) {
  const { code, detail } = failureOfShard(shard);
  return linesOf<FailureLine, FailureView>(task, shard, from, {
    bytes: (segment) => segment.failuresBytes,
    lines: (segment, at) => failureLines(ports, segment, at),
    view: ({ tag, column, ...line }) => ({ ...line, tag: tag ?? null, column: column ?? null }),
    lost: (document) => ({ ...document, code, tag: null, column: null, detail }),
  });
}

/** Documents that failed: the failure lines name them without the manifest being read. */
async function* failedDocumentsOf(
  ports: ReadPorts,
  task: TaskItem,
  shard: ShardItem,
  from: number,
): AsyncGenerator<Placed<DocumentView>, void, undefined> {
  for await (const { item, next } of failuresOf(ports, task, shard, from)) {
    const { row, template } = item;
    yield { item: { row, template, name: null, status: 'failed', bytes: null }, next };
  }
}

/** What a page is made from. */
interface Lines<T> {
  /** What tells its cursors from others. */
  readonly list: string;
  mayHave(shard: ShardItem): boolean;
  lines(shard: ShardItem, from: number): AsyncGenerator<Placed<T>, void, undefined>;
  wanted(line: T): boolean;
}

async function* placedRows<T extends { readonly row: number }>(lines: AsyncIterable<Placed<T>>) {
  for await (const { item, next } of lines) yield { row: item.row, endsAt: next };
}

/**
 * One page of lines over all shards that may have some, in the order of rows. Lines that are not wanted are read as
 * far as a request may (limits.ts).
 */
async function pageOf<T extends { readonly row: number }>(
  ports: ReadPorts,
  task: TaskItem,
  { limit, cursor }: PageQuery,
  source: Lines<T>,
): Promise<LookedPage<T>> {
  const places = placesIn([source.list, task.taskId]);
  const place = places.parse(cursor);
  const data: T[] = [];
  /** Behind the last line, and behind the last one of the page. */
  let line: LineOfRow = place;
  let shown: Reached | undefined;
  let looked = 0;
  let reads = 0;
  for await (const shard of shardsOf(ports, task.taskId, place.firstRow)) {
    if (!source.mayHave(shard)) continue;
    reads++;
    let at = await startIn(shard, place, () => placedRows(source.lines(shard, 0)));
    for await (const { item, next } of source.lines(shard, at)) {
      const isWanted = source.wanted(item);
      if (isWanted && data.length === limit && shown) return { data, ...places.endOf(shown) };
      looked += next - at;
      at = next;
      line = lineBehind(line, item.row);
      const reached = { ...line, shard, at };
      if (isWanted) {
        data.push(item);
        shown = reached;
      } else if (looked >= LISTED_BYTES || reads > MAX_LISTED_SHARDS) {
        return { data, ...places.endOf(reached) };
      }
    }
  }
  return { data, nextCursor: null, throughRow: task.rowCount };
}

/**
 * The documents of what shards have finished so far, in the order of rows.
 * Those of a name as findDocuments() says.
 * @throws Problem TASK_NOT_FOUND, VALIDATION_ERROR (cursor), DOWNLOAD_FAILED
 */
export async function listDocuments(
  ports: ReadPorts,
  ownerId: string,
  taskId: string,
  query: ListDocumentsQuery,
): Promise<DocumentsPage> {
  const task = await loadOwnedTask(ports, ownerId, taskId);
  const page = await readingFiles('of the task', () => documentsPage(ports, task, query));
  return { ...page, rowCount: task.rowCount };
}

function documentsPage(
  ports: ReadPorts,
  task: TaskItem,
  { status, name, ...query }: ListDocumentsQuery,
): Promise<LookedPage<DocumentView>> {
  if (name !== undefined) return findDocuments(ports, task, { ...query, name, status });
  const list = `documents ${status ?? ''}`;
  if (status === 'failed') {
    return pageOf(ports, task, query, {
      list,
      mayHave: (shard) => hasFailures(shard),
      lines: (shard, from) => failedDocumentsOf(ports, task, shard, from),
      wanted: () => true,
    });
  }
  return pageOf(ports, task, query, {
    list,
    // Merged, a shard shows more outcomes than it had itself.
    mayHave: ({ counts, mergedRun }) =>
      status === undefined || mergedRun !== undefined || counts[status] > 0,
    lines: (shard, from) => documentsOf(ports, task, shard, from),
    wanted: (document) => status === undefined || document.status === status,
  });
}

const hasFailures = ({ segments, status }: ShardItem) =>
  (segments.at(-1)?.failures ?? 0) > 0 || status === 'failed';

/**
 * Why documents failed, in the order of rows.
 * @throws Problem TASK_NOT_FOUND, VALIDATION_ERROR (cursor), DOWNLOAD_FAILED
 */
export async function listFailures(
  ports: ReadPorts,
  ownerId: string,
  taskId: string,
  query: PageQuery,
): Promise<Page<FailureView>> {
  const task = await loadOwnedTask(ports, ownerId, taskId);
  const { data, nextCursor } = await readingFiles('of the task', () =>
    pageOf(ports, task, query, {
      list: 'failures',
      mayHave: hasFailures,
      lines: (shard, from) => failuresOf(ports, task, shard, from),
      wanted: () => true,
    }),
  );
  return { data, nextCursor };
}
