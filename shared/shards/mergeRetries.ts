/**
 * Puts what retries made into the segments of the shards that have the same rows. Behind it a task's
 * archive and its reports need to know nothing of retries: of every document its shard has the one that
 * counts. What is counted does not change by it.
 */
import { mergeSegments } from '../archive/mergeSegments.ts';
import { failedOutcome, newestOf, readOutcomes, type Outcome } from '../archive/shardOutcomes.ts';
import { objectKeys } from '../keys.ts';
import { lookahead, type Lookahead } from '../lookahead.ts';
import type { Change, Condition, Ports } from '../ports.ts';
import { ShardItemSchema, type ShardItem, type TaskItem } from '../schemas/items.ts';
import { restOf } from './coverage.ts';
import { keyOfShard } from './lease.ts';
import { failureOfShard } from './shardFailure.ts';
import { readShardRows } from './shardRows.ts';
import { labelsOf, partsOf } from '../tasks/parts.ts';

type MergePorts = Pick<Ports, 'table' | 'objects' | 'clock'>;

/** Documents that a shard of a retry did not come to before it was given up. */
async function* lostOutcomes(
  ports: MergePorts,
  task: TaskItem,
  shard: ShardItem,
): AsyncGenerator<Outcome, void, undefined> {
  const range = restOf(shard);
  if (shard.status !== 'failed' || !range) return;
  const failure = failureOfShard(shard);
  const labels = labelsOf(task);
  let done = shard.reached.parts;
  for await (const { rows } of readShardRows(ports, task, shard.layer, range)) {
    for (const { row } of rows) {
      for (const [part, template] of labels.entries()) {
        if (part >= done) yield failedOutcome(part, { row, template, ...failure });
      }
      done = 0;
    }
  }
}

/** What became of the documents of a layer, as far as these shards have it, in the order of rows. */
async function* outcomesOfLayer(
  ports: MergePorts,
  task: TaskItem,
  shards: readonly ShardItem[],
): AsyncGenerator<Outcome, void, undefined> {
  for (const shard of shards) {
    yield* readOutcomes(ports, shard.segments, labelsOf(task));
    yield* lostOutcomes(ports, task, shard);
  }
}

/** The newest outcomes of rows before this one, each document once. @param layers the oldest first */
async function takeUntil(
  layers: readonly Lookahead<Outcome>[],
  endRow: number,
  parts: number,
): Promise<Outcome[]> {
  const newest = new Map<number, Outcome>();
  for (const layer of layers) {
    for (let next = await layer.peek(); next && next.row < endRow; next = await layer.peek()) {
      const place = next.row * parts + next.part;
      newest.set(place, newestOf(newest.get(place), next));
      await layer.take();
    }
  }
  return [...newest.values()];
}

/** Notes the merged segment in place of those that it was made of; nobody works on the shard any more. */
async function keepMerged(
  { table }: MergePorts,
  shard: ShardItem,
  segment: ShardItem['segments'][number],
  mergedRun: number,
): Promise<ShardItem> {
  const status = shard.status === 'working' ? 'stopped' : shard.status;
  const change: Change = { set: { segments: [segment], mergedRun, status, leaseUntil: 0 } };
  const unchanged: Condition = {
    all: (['attempt', 'status', 'leaseUntil'] as const).map((attribute) => ({
      attribute,
      is: '=',
      value: shard[attribute],
    })),
  };
  const item = await table.update(keyOfShard(shard), change, unchanged);
  if (item) return ShardItemSchema.parse(item);
  throw new Error(`The shard from row ${shard.firstRow} on changed while it was merged.`);
}

/**
 * Merges what retries made up to the end of a run, as far as it is not merged. May be repeated: a shard
 * that has it is left as it is.
 * @param own shards of the task's own rows, in order
 * @param retried those of all retries, by layer and row
 * @param upTo the run: none of its shards is worked on any more
 * @param forMs how long to go on; one shard is merged in any case
 * @returns the own shards as they are then; undefined when more are left
 */
export async function mergeRetries(
  ports: MergePorts,
  task: TaskItem,
  own: readonly ShardItem[],
  retried: readonly ShardItem[],
  upTo: number,
  forMs = Infinity,
): Promise<ShardItem[] | undefined> {
  const untilMs = ports.clock.monotonicMs() + forMs;
  const newer = retried.filter(({ run }) => run > (task.mergedRun ?? 0) && run <= upTo);
  if (newer.length === 0) return [...own];
  const numbers = [...new Set(newer.map(({ layer }) => layer))];
  const layers = numbers.map((number) => {
    const shards = newer.filter(({ layer }) => layer === number);
    return lookahead(outcomesOfLayer(ports, task, shards));
  });
  const merged: ShardItem[] = [];
  let made = 0;
  for (const shard of own) {
    const { firstRow, rowCount, segments, mergedRun = 0 } = shard;
    const outcomes = await takeUntil(layers, firstRow + rowCount, partsOf(task).length);
    if (outcomes.length === 0 || mergedRun >= upTo) {
      merged.push(shard);
      continue;
    }
    if (made++ > 0 && ports.clock.monotonicMs() >= untilMs) return undefined;
    const key = objectKeys.mergedSegment(task.taskId, firstRow, upTo);
    const segment = await mergeSegments(ports, key, segments, outcomes, labelsOf(task));
    merged.push(await keepMerged(ports, shard, segment, upTo));
  }
  const [left] = await takeUntil(layers, Infinity, partsOf(task).length);
  if (left) throw new Error(`Row ${left.row} was made anew, but belongs to no shard.`);
  return merged;
}
