/**
 * Planning a round: what no shard has yet is cut into shards. The first round of a task cuts all of its
 * rows; a later one, or another run, what attempts left when they ran out of time or were stopped.
 */
import {
  allRows,
  cutRange,
  readIndex,
  type RowRange,
  type RowsIndex,
} from '../dataSources/rows.ts';
import { mapResultsPrefix, objectKeys, tableKeys } from '../keys.ts';
import {
  MAX_IDLE_ROUNDS,
  MAX_ROUNDS,
  PROBE_DOCUMENTS,
  PROBE_MS,
  PUSH_INTERVAL_MS,
} from '../limits.ts';
import type { Change, Condition, Ports } from '../ports.ts';
import type { Counts } from '../schemas/common.ts';
import { ShardItemSchema, type ShardItem, type TaskItem } from '../schemas/items.ts';
import { ShardRefSchema, type Plan, type Round, type ShardRef } from '../schemas/workflow.ts';
import { owing } from '../events/owed.ts';
import { publishOwed } from '../events/publish.ts';
import { startedEvent } from '../events/taskEvents.ts';
import { tried } from '../tasks/progress.ts';
import { changeRun, everyShard, inStatus, loadTask } from '../tasks/taskStore.ts';
import * as z from 'zod';
import { gapsOf, isOpen, keptOf, rangeOf, sumOf } from './coverage.ts';
import { measureRowCost } from './sample.ts';
import {
  costOf,
  rowsPerShard,
  shardsAtOnce,
  shardSeconds,
  workersOf,
  type RowCost,
} from './shardSize.ts';

type PlanPorts = Pick<Ports, 'table' | 'objects' | 'connections' | 'clock' | 'log'> & {
  /** Shards of one task at a time, at most: the rest is left to others. Default: as it asks. */
  readonly taskConcurrency?: number;
  /** A task of more documents is measured. Default: PROBE_DOCUMENTS. */
  readonly probeDocuments?: number;
};

/** What a round is to do. `cost` is unknown for a task that is too small to be measured. */
interface Cut {
  readonly shards: readonly ShardRef[];
  readonly cost?: RowCost;
}

const ManifestSchema = z.array(ShardRefSchema);

/** A sequential task is worked on one shard at a time, in order. */
const concurrencyOf = ({ mode, options }: TaskItem, shard: RowCost) =>
  mode === 'sequential' ? 1 : shardsAtOnce(options.concurrency, shard);

/**
 * Takes an open shard of an earlier plan out of the hands of whoever still works on it, and leaves it the
 * rows that it began. A worker of this plan that has it already is left alone.
 * @returns the shard as it is then
 */
async function closeShard(
  { table }: Pick<Ports, 'table'>,
  { run, round }: Round,
  seen: ShardItem,
): Promise<ShardItem> {
  const key = tableKeys.shard(seen.taskId, seen.firstRow);
  let shard = seen;
  while (isOpen(shard, run) && !(shard.run === run && shard.round === round)) {
    const kept = keptOf(shard);
    const { rowCount, byteLength } = kept?.range ?? shard;
    const status = kept?.isWhole ? 'done' : 'stopped';
    if (shard.status === status && shard.rowCount === rowCount) break;
    const change: Change = {
      set: { status, rowCount, byteLength, reported: shard.counts, leaseUntil: 0 },
      remove: ['error'],
    };
    // A checkpoint changes what is kept, and moves the lease.
    const unchanged: Condition = {
      all: (['attempt', 'status', 'leaseUntil'] as const).map((attribute) => ({
        attribute,
        is: '=',
        value: shard[attribute],
      })),
    };
    const item = (await table.update(key, change, unchanged)) ?? (await table.get(key));
    if (!item) throw new Error(`The shard from row ${shard.firstRow} on is gone.`);
    shard = ShardItemSchema.parse(item);
  }
  return shard;
}

/** The shards that there are when a round begins, none of them in anybody's hands. */
async function closeShards(ports: PlanPorts, plan: Round): Promise<ShardItem[]> {
  // Before the first plan there are none.
  if (plan.run === 1 && plan.round === 1) return [];
  const shards: ShardItem[] = [];
  for await (const shard of everyShard(ports, plan.taskId)) {
    shards.push(await closeShard(ports, plan, shard));
  }
  return shards;
}

/** What a row took so far; undefined when nothing was made. */
function costSoFar(shards: readonly ShardItem[], parts: number): RowCost | undefined {
  let rows = 0;
  let ms = 0;
  let bytes = 0;
  for (const { workMs, reached, segments } of shards) {
    rows += reached.rows + reached.parts / parts;
    ms += workMs;
    for (const segment of segments) bytes += segment.entriesBytes;
  }
  return rows > 0 ? { ms: ms / rows, bytes: bytes / rows } : undefined;
}

/** Shards of rows whose cost is known. */
function cutGaps(
  { options }: TaskItem,
  index: RowsIndex,
  gaps: readonly RowRange[],
  cost: RowCost,
): RowRange[] {
  const rowCount = gaps.reduce((sum, gap) => sum + gap.rowCount, 0);
  const concurrency = workersOf(options.concurrency, costOf(rowCount, cost));
  const rows = rowsPerShard({ rowCount, concurrency }, cost);
  return gaps.flatMap((gap) => cutRange(index, gap, rows));
}

/** The shards of a round, in the order of rows, and the cost they were cut by. */
async function cutRound(
  ports: PlanPorts,
  task: TaskItem,
  plan: Round,
  shards: readonly ShardItem[],
): Promise<Cut> {
  const index = await readIndex(ports, task.indexKey);
  const parts = task.templates.length;
  const open = shards.filter((shard) => isOpen(shard, plan.run));
  /** A row was begun and lacks documents: its shard goes on with them. */
  const unfinished = open.filter(keptOf);
  const over = shards.filter((shard) => !open.includes(shard));
  const gaps = gapsOf(allRows(index), [...over, ...unfinished]);
  const refs = (ranges: readonly RowRange[], budget = {}): ShardRef[] =>
    [...unfinished, ...ranges]
      .toSorted((a, b) => a.firstRow - b.firstRow)
      .map((range) => ({ ...plan, ...rangeOf(range), ...budget }));

  const known = costSoFar(shards, parts);
  if (!known && task.totalDocuments <= (ports.probeDocuments ?? PROBE_DOCUMENTS)) {
    return { shards: refs(gaps, { budgetMs: PROBE_MS }) };
  }
  const isStopped = async () => {
    const { run, stopReason } = await loadTask(ports, plan.taskId);
    return run !== plan.run || stopReason !== undefined;
  };
  const cost = known ?? (await measureRowCost(ports, task, index, isStopped));
  return { shards: refs(cutGaps(task, index, gaps, cost)), cost };
}

/** How often in a row a plan found nothing done since the one before. */
const idleRounds = (task: TaskItem, { round }: Round, counts: Counts) =>
  round > 1 && tried(counts) === task.triedAtPlan ? task.idleRounds + 1 : 0;

/** Notes that the round has begun, with the counts at this moment; undefined for a step that is late. */
function beginRound(
  ports: PlanPorts,
  task: TaskItem,
  plan: Round,
  { counts, seconds }: { counts: Counts; seconds: number },
): Promise<TaskItem | undefined> {
  const now = ports.clock.now();
  const isStart = plan.round === 1 && task.status === 'running';
  return changeRun(
    ports,
    plan,
    {
      set: {
        ...counts,
        stage: 'rendering',
        round: plan.round,
        triedAtPlan: tried(counts),
        idleRounds: idleRounds(task, plan, counts),
        pushedAt: now,
        pushedCount: tried(counts),
        pushDueAt: now + PUSH_INTERVAL_MS,
        ...(isStart ? owing([startedEvent(task, seconds, now)]) : {}),
      },
    },
    {
      all: [
        inStatus(['running', 'pausing', 'cancelling']),
        { attribute: 'round', is: '<', value: plan.round },
      ],
    },
  );
}

const UNKNOWN_COST: RowCost = { ms: 0, bytes: 0 };

/**
 * Plans a round and writes the manifest that the map reads; a single shard is in the answer itself. The
 * cut depends on what was measured, so the first manifest of a round stands: whoever repeats this step
 * takes that one. No shards are planned when
 * nothing is left, when the task is to stop, and when round after round brought nothing.
 */
export async function planShards(ports: PlanPorts, plan: Round): Promise<Plan> {
  const { taskId, run, round } = plan;
  const manifestKey = objectKeys.manifest(taskId, run, round);
  const answer = (shards: readonly ShardRef[], concurrency: number): Plan => ({
    ...plan,
    manifestKey,
    resultsPrefix: mapResultsPrefix(taskId),
    concurrency,
    shards: shards.length,
    ...(shards.length === 1 && { shard: shards[0] }),
  });
  const task = within(ports.taskConcurrency ?? Infinity, await loadTask(ports, taskId));
  if (task.run !== run) return answer([], 1);

  const shards = await closeShards(ports, plan);
  const counts = sumOf(shards, task.templates.length);
  const isOver =
    task.stopReason !== undefined ||
    round > MAX_ROUNDS ||
    idleRounds(task, plan, counts) > MAX_IDLE_ROUNDS;
  const cut: Cut = isOver ? { shards: [] } : await cutRound(ports, task, plan, shards);
  const planned = await settle(ports, manifestKey, cut.shards);

  const rows = planned.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const shard = costOf(rows / Math.max(1, planned.length), cut.cost ?? UNKNOWN_COST);
  const concurrency = concurrencyOf(task, shard);
  const workers = Math.min(concurrency, planned.length);
  const seconds = workers > 0 ? (shardSeconds(shard) * planned.length) / workers : 0;
  const begun = await beginRound(ports, task, plan, { counts, seconds });
  // A task of one shard ends in a moment, or its worker soon tells of the start.
  if (begun && planned.length > 1) await publishOwed(ports, begun);
  // Paused or cancelled while it was planned: no shard need begin to learn of it.
  if (begun?.stopReason !== undefined) return answer([], 1);
  return answer(planned, concurrency);
}

/** The task with no more concurrency than it can be given. */
const within = (limit: number, task: TaskItem): TaskItem => ({
  ...task,
  options: { ...task.options, concurrency: Math.min(task.options.concurrency, limit) },
});

/** Writes the manifest, or takes the one that is there. A plan of one shard, or none, needs none. */
async function settle(
  { objects }: Pick<Ports, 'objects'>,
  key: string,
  shards: readonly ShardRef[],
): Promise<readonly ShardRef[]> {
  if (shards.length <= 1) return shards;
  const manifest = Buffer.from(JSON.stringify(shards));
  const options = { contentType: 'application/json', ifAbsent: true };
  if (await objects.put(key, manifest, options)) return shards;
  const bytes = await objects.read(key);
  return ManifestSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}
