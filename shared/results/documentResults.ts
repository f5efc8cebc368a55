/** What became of the documents of every row, in the order of rows, wherever they were tried. */
import { failureLines, manifestLines } from '../archive/segmentReader.ts';
import { readRetriedRows } from '../dataSources/retryRows.ts';
import { objectKeys } from '../keys.ts';
import { lookahead, type Lookahead } from '../lookahead.ts';
import type { Ports } from '../ports.ts';
import type { RowFailure } from '../schemas/common.ts';
import type { ShardItem, TaskItem } from '../schemas/items.ts';
import { restOf } from '../shards/coverage.ts';
import { failureOfShard } from '../shards/shardFailure.ts';
import { loadRetriedShards, loadShards } from '../tasks/taskStore.ts';
import { labelsOf } from '../tasks/parts.ts';

type ReadPorts = Pick<Ports, 'table' | 'objects'>;

/** What became of a document; pending for one that nobody tried. */
export type DocumentResult =
  | { readonly status: 'succeeded'; readonly name: string }
  | { readonly status: 'failed'; readonly failure: RowFailure }
  | { readonly status: 'skipped' }
  | { readonly status: 'pending' };

/** One document of a row, by the number of its template, from 0. */
interface Told {
  readonly row: number;
  readonly part: number;
  readonly result: DocumentResult;
  /** Of one that its shard did not come to. */
  readonly isLost?: boolean;
}

const PENDING: DocumentResult = { status: 'pending' };
const SKIPPED: DocumentResult = { status: 'skipped' };

/** The documents that a shard tried: every one that failed has a line of the failures, in the same order. */
async function* triedBy(
  ports: ReadPorts,
  shard: ShardItem,
  parts: ReadonlyMap<string, number>,
): AsyncGenerator<Told, void, undefined> {
  const last = shard.segments.at(-1);
  if (!last) return;
  const failures = failureLines(ports, last);
  for await (const { line } of manifestLines(ports, last)) {
    const { row, template } = line;
    const part = parts.get(template);
    if (part === undefined)
      throw new Error(`The shard has a document of row ${row} of no template.`);
    if (line.status === 'succeeded') {
      yield { row, part, result: { status: 'succeeded', name: line.document } };
    } else if (line.status === 'skipped') {
      yield { row, part, result: SKIPPED };
    } else {
      const { value: failed } = await failures.next();
      if (failed?.line.row !== row || failed.line.template !== template) {
        throw new Error(`The shard does not tell why row ${row} failed.`);
      }
      const { code, tag, column, detail } = failed.line;
      const place = { ...(tag !== undefined && { tag }), ...(column !== undefined && { column }) };
      yield { row, part, result: { status: 'failed', failure: { code, ...place, detail } } };
    }
  }
}

/** Numbers of the rows that a shard did not come to before it was given up. */
async function* lostRows(
  ports: ReadPorts,
  { taskId }: TaskItem,
  shard: ShardItem,
): AsyncGenerator<number, void, undefined> {
  const rest = shard.status === 'failed' ? restOf(shard) : undefined;
  if (!rest) return;
  const { layer } = shard;
  if (layer === undefined) {
    for (let i = 0; i < rest.rowCount; i++) yield rest.firstRow + i;
    return;
  }
  for await (const { rows } of readRetriedRows(ports, objectKeys.retryRows(taskId, layer), rest))
    for (const { row } of rows) yield row;
}

/** What shards of one layer tell, in the order of rows. */
async function* toldBy(
  ports: ReadPorts,
  task: TaskItem,
  shards: readonly ShardItem[],
): AsyncGenerator<Told, void, undefined> {
  const parts = new Map(labelsOf(task).map((label, part) => [label, part]));
  for (const shard of shards) {
    yield* triedBy(ports, shard, parts);
    const result: DocumentResult = { status: 'failed', failure: failureOfShard(shard) };
    for await (const row of lostRows(ports, task, shard))
      for (const part of parts.values()) yield { row, part, result, isLost: true };
  }
}

/** Lays what a layer tells of a row over what older ones did. A document that was made stays. */
async function takeRow(
  layer: Lookahead<Told>,
  row: number,
  results: DocumentResult[],
): Promise<void> {
  const told = new Set<number>();
  for (let next = await layer.peek(); next?.row === row; next = await layer.peek()) {
    const { part, result, isLost = false } = next;
    await layer.take();
    // Of the row in which a shard was given up some documents may have been tried.
    if (isLost && told.has(part)) continue;
    told.add(part);
    const isKept = results[part]?.status === 'succeeded' && result.status !== 'succeeded';
    if (!isKept) results[part] = result;
  }
}

/**
 * The documents of each row of a task on which nobody works, from the first row to the last: of each document the
 * newest that was made, else what became of it last.
 * @throws ObjectMissing
 */
export async function* documentResults(
  ports: ReadPorts,
  task: TaskItem,
): AsyncGenerator<readonly DocumentResult[], void, undefined> {
  const { mergedRun = 0 } = task;
  const labels = labelsOf(task);
  const own = await loadShards(ports, task.taskId);
  const retried = (await loadRetriedShards(ports, task)).filter(({ run }) => run > mergedRun);
  const numbers = [...new Set(retried.map(({ layer }) => layer))];
  const layers = [
    own,
    ...numbers.map((number) => retried.filter(({ layer }) => layer === number)),
  ].map((shards) => lookahead(toldBy(ports, task, shards)));
  for (let row = 1; row <= task.rowCount; row++) {
    const results = labels.map(() => PENDING);
    for (const layer of layers) await takeRow(layer, row, results);
    yield results;
  }
}
