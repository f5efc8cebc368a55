/**
 * The rows that a retry makes anew: picked when its run begins, while nobody adds outcomes, and written
 * as a table of their own, which is then worked on like the task's rows. Only what was tried is in it:
 * what never was is gone on with where it is.
 */
import { failureLines, manifestLines } from '../archive/segmentReader.ts';
import { readRetriedRows, retriedLine, type BeforeRetry } from '../dataSources/retryRows.ts';
import { allRows, readIndex, type RowsIndex } from '../dataSources/rows.ts';
import { readRowsAt } from '../dataSources/rowsAt.ts';
import { createRowsWriter, type RowsWriter } from '../dataSources/rowsWriter.ts';
import { objectKeys } from '../keys.ts';
import { lookahead, type Lookahead } from '../lookahead.ts';
import type { Ports } from '../ports.ts';
import { readJson } from '../readJson.ts';
import { CountsSchema, type Counts, type DocumentStatus } from '../schemas/common.ts';
import type { Retry, ShardItem, TaskItem } from '../schemas/items.ts';
import * as z from 'zod';
import { gapsOf, keptOf, openRetries, restOf } from './coverage.ts';
import { spanLookup } from '../selection/spans.ts';
import { readRetryRequest, type RetryRequest } from './retryRequest.ts';
import { labelsOf } from '../tasks/parts.ts';

type TablePorts = Pick<Ports, 'objects'>;

/** A shard whose last row was begun and lacks documents, and gives it to the retry. */
const GivenSchema = z.object({ layer: z.int().optional(), firstRow: z.int().min(1) });
export type GivingShard = z.infer<typeof GivenSchema>;

const RetryTableSchema = z.object({
  rowCount: z.int().min(0),
  /** What was counted before for the documents of its rows. */
  before: CountsSchema,
  given: z.array(GivenSchema),
});
export type RetryTable = z.infer<typeof RetryTableSchema>;

/** A row that is made anew, before its values are read. */
interface PickedRow {
  readonly row: number;
  readonly before: BeforeRetry;
  readonly from?: GivingShard | undefined;
}

/** A row that some shard, or none, of an older retry is to go on with. */
interface PendingRow {
  readonly row: number;
  /** The shard that has begun it. */
  readonly begunBy?: ShardItem | undefined;
}

const isBegun = (shard: ShardItem) => keptOf(shard)?.isWhole === false && shard.status !== 'done';

/** Rows of an older retry that were not tried, or not in whole, in their order. */
async function* pendingOf(
  ports: TablePorts,
  { taskId }: TaskItem,
  layer: number,
  shards: readonly ShardItem[],
): AsyncGenerator<PendingRow, void, undefined> {
  const index = await readIndex(ports, objectKeys.retryIndex(taskId, layer));
  const kept = shards.filter(keptOf);
  const begun = kept.filter(isBegun).flatMap((shard) => {
    const range = restOf(shard);
    return range ? [{ range, begunBy: shard }] : [];
  });
  const untried = gapsOf(allRows(index), kept).map((range) => ({ range, begunBy: undefined }));
  const pieces = [...untried, ...begun].sort((a, b) => a.range.firstRow - b.range.firstRow);
  for (const { range, begunBy } of pieces) {
    const key = objectKeys.retryRows(taskId, layer);
    for await (const { rows } of readRetriedRows(ports, key, range)) {
      for (const { row } of rows) yield { row, begunBy };
    }
  }
}

/** @returns for rows in ascending order: the retry's pending row of that number */
const pendingLookup = (layers: readonly Lookahead<PendingRow>[]) => async (row: number) => {
  for (const layer of layers) {
    let next = await layer.peek();
    for (; next && next.row < row; next = await layer.peek()) await layer.take();
    if (next?.row === row) return next;
  }
  return undefined;
};

/** The rows of a shard that were begun, with what became of their documents. */
async function* rowsOfShard(
  ports: TablePorts,
  shard: ShardItem,
  labels: readonly string[],
): AsyncGenerator<{ row: number; before: BeforeRetry }, void, undefined> {
  const segment = shard.segments.at(-1);
  if (!segment) return;
  let row = 0;
  let before: (DocumentStatus | null)[] = [];
  for await (const { line } of manifestLines(ports, segment)) {
    if (line.row !== row) {
      if (row > 0) yield { row, before };
      row = line.row;
      before = labels.map(() => null);
    }
    before[labels.indexOf(line.template)] = line.status;
  }
  if (row > 0) yield { row, before };
}

/** The same of its failed rows alone, where a row has one document: the manifest is not read. */
async function* failedRowsOfShard(ports: TablePorts, shard: ShardItem) {
  const segment = shard.segments.at(-1);
  if (!segment) return;
  for await (const { line } of failureLines(ports, segment)) {
    yield { row: line.row, before: ['failed'] as const };
  }
}

const overlaps = ({ firstRow, rowCount }: ShardItem, spans: RetryRequest['spans']) =>
  spans.some(([from, to]) => from < firstRow + rowCount && to >= firstRow);

/**
 * The rows that a retry asks for and that were tried, in their order. A row that an older retry is still to
 * try stays with it, unless the rows were replaced: then it is tried with its new values.
 */
async function* pickRows(
  ports: TablePorts,
  task: TaskItem,
  retry: Retry,
  { own, retried }: ShardsOfLayers,
): AsyncGenerator<PickedRow, void, undefined> {
  const { failed, spans } = await readRetryRequest(ports, task.taskId, retry.id);
  const older = (task.retries ?? []).filter(({ run }) => run < retry.run);
  const open = openRetries({ retries: older }).filter(({ rowCount = 0 }) => rowCount > 0);
  const replaces = retry.replacesRows === true;
  const pending = pendingLookup(
    open.map(({ run }) => {
      const shards = retried.filter(({ layer }) => layer === run);
      return lookahead(pendingOf(ports, task, run, shards));
    }),
  );
  const isNamed = spanLookup(spans);
  const labels = labelsOf(task);
  const byFailures = labels.length === 1 && !replaces;

  for (const shard of own) {
    const isWanted = overlaps(shard, spans);
    const hasFailed = failed && (shard.segments.at(-1)?.failures ?? 0) > 0;
    const isGiving = replaces && (open.length > 0 || isBegun(shard));
    if (!isWanted && !hasFailed && !isGiving) continue;
    const rows =
      byFailures && !isWanted ? failedRowsOfShard(ports, shard) : rowsOfShard(ports, shard, labels);
    const lastRow = shard.firstRow + shard.rowCount - 1;
    for await (const { row, before } of rows) {
      const isAsked = isNamed(row) || (failed && before.includes('failed'));
      const waiting = await pending(row);
      const giver = row === lastRow && isBegun(shard) ? shard : waiting?.begunBy;
      const isFree = giver ? true : !waiting;
      if (replaces && waiting ? true : isFree && (isAsked || (replaces && giver))) {
        yield { row, before, from: giver && giverOf(giver) };
      }
    }
  }
}

const giverOf = ({ layer, firstRow }: ShardItem): GivingShard => ({
  ...(layer !== undefined && { layer }),
  firstRow,
});

/** Shards that nobody works on, in order. */
export interface ShardsOfLayers {
  readonly own: readonly ShardItem[];
  readonly retried: readonly ShardItem[];
}

/** Rows whose values are read together. */
const ROWS_AT_ONCE = 10_000;

/** The table that was written before; undefined before the first time. */
async function readTable(ports: TablePorts, key: string): Promise<RetryTable | undefined> {
  if (!(await ports.objects.head(key))) return undefined;
  return RetryTableSchema.parse(await readJson(ports, key));
}

/**
 * Writes the table of a retry's rows, unless it is there. Whoever repeats this step finds the same shards,
 * and writes the same.
 * @throws ObjectMissing
 */
export async function prepareRetry(
  ports: TablePorts,
  task: TaskItem,
  retry: Retry,
  shards: ShardsOfLayers,
): Promise<RetryTable> {
  const { taskId, rowsKey, indexKey } = task;
  const key = objectKeys.retryTable(taskId, retry.run);
  const found = await readTable(ports, key);
  if (found) return found;

  const index = await readIndex(ports, indexKey);
  const writer = createRowsWriter(ports, {
    rowsKey: objectKeys.retryRows(taskId, retry.run),
    indexKey: objectKeys.retryIndex(taskId, retry.run),
  });
  try {
    const before: Counts = { succeeded: 0, failed: 0, skipped: 0 };
    const given: GivingShard[] = [];
    let rowCount = 0;
    let picked: PickedRow[] = [];
    const write = async () => {
      await writeRows(ports, { rowsKey, index, writer }, picked);
      picked = [];
    };
    for await (const row of pickRows(ports, task, retry, shards)) {
      rowCount++;
      picked.push(row);
      if (row.from) given.push(row.from);
      for (const status of row.before) if (status) before[status]++;
      if (picked.length === ROWS_AT_ONCE) await write();
    }
    await write();
    if (rowCount > 0) await writer.finish({ ifAbsent: true });
    else await writer.abort();
    const table = Buffer.from(JSON.stringify({ rowCount, before, given } satisfies RetryTable));
    await ports.objects.put(key, table, { contentType: 'application/json', ifAbsent: true });
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const written = await readTable(ports, key);
  if (!written) throw new Error(`The table of retry ${retry.run} is gone.`);
  return written;
}

async function writeRows(
  ports: TablePorts,
  { rowsKey, index, writer }: { rowsKey: string; index: RowsIndex; writer: RowsWriter },
  picked: readonly PickedRow[],
): Promise<void> {
  let at = 0;
  const numbers = picked.map(({ row }) => row);
  for await (const found of readRowsAt(ports, { rowsKey }, index, numbers)) {
    const next = picked[at++];
    if (next?.row !== found.row) throw new Error(`Row ${found.row} was not asked for.`);
    writer.writeLine(retriedLine({ ...found, before: next.before }));
    if (writer.full) await writer.flush();
  }
  if (at !== picked.length) throw new Error(`${picked.length - at} rows were not found.`);
}
