/**
 * Planning a round: what no shard has yet is cut into shards. The first round of a task cuts all of its
 * rows; a later one, or another run, what attempts left when they ran out of time or were stopped.
 */
import { cutRange, type RowRange, type RowsIndex } from '../dataSources/rows.ts';
import { mapResultsPrefix, objectKeys } from '../keys.ts';
import {
  MAX_CONCURRENCY,
  MAX_IDLE_ROUNDS,
  MAX_ROUNDS,
  PROBE_DOCUMENTS,
  PROBE_MS,
  PUSH_INTERVAL_MS,
} from '../limits.ts';
import type { Ports } from '../ports.ts';
import { readJson } from '../readJson.ts';
import type { Counts } from '../schemas/common.ts';
import type { Retry, ShardItem, TaskItem } from '../schemas/items.ts';
import { ShardRefSchema, type Plan, type Round, type ShardRef } from '../schemas/workflow.ts';
import { owing } from '../events/owed.ts';
import type { ListenerPorts } from '../events/listener.ts';
import { publishOwed } from '../events/publish.ts';
import { startedEvent } from '../events/taskEvents.ts';
import { tried } from '../tasks/progress.ts';
import {
  changeRun,
  everyRetriedShard,
  everyShard,
  inStatus,
  taskStore,
} from '../tasks/taskStore.ts';
import * as z from 'zod';
import { changeShard, type ChangeOf } from './changeShard.ts';
import { isOpen, keptOf, openRetries, rangeOf, sumAtWork } from './coverage.ts';
import { prepareGroups } from './groupRows.ts';
import { leftOf, type Layer } from './layers.ts';
import { mergeRetries } from './mergeRetries.ts';
import { prepareRetry, type GivingShard, type ShardsOfLayers } from './retryTable.ts';
import { measureRowCost, taskTemplates } from './sample.ts';
import {
  costOf,
  rowsPerShard,
  shardsAtOnce,
  shardSeconds,
  workersOf,
  type RowCost,
} from './shardSize.ts';
import { estimateCalls } from '../orders/orderedSteps.ts';
import { partsOf } from '../tasks/parts.ts';
import { callsLeft, countsOfCalls, workersThatCall, type CallsLeft } from './planCalls.ts';

type PlanPorts = ListenerPorts & {
  readonly objects: Ports['objects'];
  /** Shards of one task at a time, at most: the rest is left to others. Default: as it asks. */
  readonly taskConcurrency?: number;
  /** A task of more documents is measured. Default: PROBE_DOCUMENTS. */
  readonly probeDocuments?: number;
};

/** How many shards of a round are worked on at a time at the most, whatever the task asks for. */
const mostAtOnce = ({ mode }: TaskItem, shard: RowCost, limit: number) =>
  mode === 'sequential' ? 1 : shardsAtOnce(Math.min(limit, MAX_CONCURRENCY), shard);

/** What a round is to do. `cost` is unknown for a task that is too small to be measured. */
interface Cut {
  readonly stage: Plan['stage'];
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
 */
const closing =
  ({ run, round }: Round): ChangeOf =>
  (shard) => {
    if (!isOpen(shard, run) || (shard.run === run && shard.round === round)) return undefined;
    const kept = keptOf(shard);
    const { rowCount, byteLength } = kept?.range ?? shard;
    const status = kept?.isWhole ? 'done' : 'stopped';
    if (shard.status === status && shard.rowCount === rowCount) return undefined;
    return {
      set: { status, rowCount, byteLength, reported: shard.counts, leaseUntil: 0 },
      remove: ['error', 'lost'],
    };
  };

/** Lets a closed shard give the last row that it began to a retry, which makes all of its documents. */
const giving: ChangeOf = (shard) => {
  const { rows, parts, begunBytes } = shard.reached;
  if (shard.status === 'done' || parts === 0) return undefined;
  const reached = { rows: rows + 1, parts: 0, bytes: begunBytes, begunBytes };
  return { set: { status: 'done', reached, leaseUntil: 0 } };
};

/** The shards that there are when a round begins, none of them in anybody's hands. */
async function closeShards(
  ports: PlanPorts,
  plan: Round,
  shards: AsyncIterable<ShardItem>,
): Promise<ShardItem[]> {
  const closed: ShardItem[] = [];
  for await (const shard of shards) closed.push(await changeShard(ports, shard, closing(plan)));
  return closed;
}

/** The shards of all layers when a round begins, and the retries that it goes on with. */
interface Ground extends ShardsOfLayers {
  readonly retries: readonly Retry[] | undefined;
  /** The run up to whose end retries are merged; absent where it stays what it was. */
  readonly mergedRun?: number;
}

async function prepareGround(ports: PlanPorts, task: TaskItem, plan: Round): Promise<Ground> {
  const { run, round } = plan;
  // Before the first plan there are none.
  if (run === 1 && round === 1) return { own: [], retried: [], retries: task.retries };
  const own = await closeShards(ports, plan, everyShard(ports, plan.taskId));
  const retried = await closeShards(ports, plan, everyRetriedShard(ports, task));
  const ground = { own, retried, retries: task.retries };
  return round === 1 && task.retries && task.stopReason === undefined
    ? prepareRetries(ports, task, plan, ground)
    : ground;
}

/** Picks the rows of retries that no run came to begin before this one: mostly the one that began it. */
async function prepareRetries(
  ports: PlanPorts,
  task: TaskItem,
  { run }: Round,
  { retried, ...before }: Ground,
): Promise<Ground> {
  const own = await mergeRetries(ports, task, before.own, retried, run - 1);
  let shards: ShardsOfLayers = { own: own ?? before.own, retried };
  let { retries = [] } = task;
  for (const retry of retries) {
    if (retry.rowCount !== undefined) continue;
    const { given, rowCount, before } = await prepareRetry(
      ports,
      { ...task, retries: [...retries] },
      retry,
      shards,
    );
    shards = {
      own: await give(ports, shards.own, given),
      retried: await give(ports, shards.retried, given),
    };
    retries = retries.map((each) => (each === retry ? { ...retry, rowCount, before } : each));
  }
  return { ...shards, retries, mergedRun: run - 1 };
}

const give = (ports: PlanPorts, shards: readonly ShardItem[], given: readonly GivingShard[]) =>
  Promise.all(
    shards.map(async (shard) =>
      given.some(({ layer, firstRow }) => layer === shard.layer && firstRow === shard.firstRow)
        ? changeShard(ports, shard, giving)
        : shard,
    ),
  );

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

function layersOf(task: TaskItem, { own, retried, retries = [] }: Ground): Layer[] {
  const open = openRetries({ retries: [...retries] }).filter(({ rowCount = 0 }) => rowCount > 0);
  return [
    { number: undefined, indexKey: task.indexKey, shards: own },
    ...open.map(({ run }) => ({
      number: run,
      indexKey: objectKeys.retryIndex(task.taskId, run),
      shards: retried.filter(({ layer }) => layer === run),
    })),
  ];
}

/** What a file of a row step is thought to take, before any was put into the archive. */
const FILE_COST: RowCost = { ms: 20, bytes: 1024 * 1024 };
/** What rows take at the least whose documents hold what a service is yet to answer when they are measured. */
const ANSWERED_COST: RowCost = { ms: 0.1, bytes: 8 * 1024 };

function withFiles({ steps }: TaskItem, cost: RowCost): RowCost {
  if (!steps) return cost;
  const files = steps.filter(({ hasFile }) => hasFile).length;
  const given = costOf(files, FILE_COST);
  return {
    ms: Math.max(cost.ms, given.ms, ANSWERED_COST.ms),
    bytes: Math.max(cost.bytes, given.bytes, ANSWERED_COST.bytes),
  };
}

/** The shards of a round, in the order of layers and rows, and the cost they were cut by. */
async function cutRound(
  ports: PlanPorts,
  task: TaskItem,
  plan: Round,
  ground: Ground,
  { shards: calls }: CallsLeft,
): Promise<Cut> {
  // Documents are made of what services answered: those are asked first.
  if (calls.length > 0) return { stage: 'call', shards: calls };
  const known = costSoFar([...ground.own, ...ground.retried], partsOf(task).length);
  const isProbe = !known && task.totalDocuments <= (ports.probeDocuments ?? PROBE_DOCUMENTS);
  const isStopped = async () => {
    const task = await taskStore.find(ports, plan.taskId);
    return task?.run !== plan.run || task.stopReason !== undefined;
  };
  let cost = known;
  const shards: ShardRef[] = [];
  for (const layer of layersOf(task, ground)) {
    const { index, unfinished, gaps } = await leftOf(ports, task, plan, layer);
    // The task's own rows come first, and are measured where nothing was made before.
    if (!isProbe)
      cost ??= await measureRowCost(
        ports,
        task,
        await taskTemplates(ports, task),
        index,
        isStopped,
      );
    const ranges = cost ? cutGaps(task, index, gaps, withFiles(task, cost)) : gaps;
    shards.push(
      ...[...unfinished, ...ranges]
        .toSorted((a, b) => a.firstRow - b.firstRow)
        .map((range) => ({
          ...plan,
          ...(layer.number !== undefined && { layer: layer.number }),
          ...rangeOf(range),
          ...(isProbe && { budgetMs: PROBE_MS }),
        })),
    );
  }
  return { stage: 'render', shards, ...(cost && { cost }) };
}

/** How often in a row a plan found nothing done since the one before. @param done documents tried, and calls made */
const idleRounds = (task: TaskItem, { round }: Round, done: number) =>
  round > 1 && done === task.triedAtPlan ? task.idleRounds + 1 : 0;

/** What a round begins with. */
interface Begun {
  readonly counts: Counts;
  readonly seconds: number;
  readonly ground: Ground;
  readonly stage: Plan['stage'];
  readonly calls: CallsLeft;
  /** Shards at a time, however many the task asks for; undefined for a round without a map. */
  readonly mapMost: number | undefined;
}

/** Notes that the round has begun, with the counts at this moment; undefined for a step that is late. */
function beginRound(
  ports: PlanPorts,
  task: TaskItem,
  plan: Round,
  { counts, seconds, ground, stage, calls, mapMost }: Begun,
): Promise<TaskItem | undefined> {
  const done = tried(counts) + calls.done;
  const now = ports.clock.now();
  // One that is to pause before it began has begun all the same: its end before is not the last that is told.
  const isStart = plan.round === 1 && task.status !== 'cancelling';
  return changeRun(
    ports,
    plan,
    {
      set: {
        ...counts,
        stage: stage === 'call' ? 'calling' : 'rendering',
        round: plan.round,
        triedAtPlan: done,
        idleRounds: idleRounds(task, plan, done),
        ...(task.steps && countsOfCalls(calls)),
        ...(ground.mergedRun !== undefined && {
          retries: ground.retries,
          mergedRun: ground.mergedRun,
        }),
        pushedAt: now,
        pushedCount: tried(counts),
        pushDueAt: now + PUSH_INTERVAL_MS,
        ...(mapMost !== undefined && { mapMost }),
        ...(isStart ? owing([startedEvent(task, seconds, now)]) : {}),
      },
      ...(mapMost === undefined && { remove: ['mapMost'] }),
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
  const answer = (
    shards: readonly ShardRef[],
    concurrency: number,
    stage: Plan['stage'] = 'render',
  ): Plan => ({
    ...plan,
    manifestKey,
    resultsPrefix: mapResultsPrefix(taskId),
    concurrency,
    stage,
    shards: shards.length,
    ...(shards.length === 1 && { shard: shards[0] }),
  });
  const limit = ports.taskConcurrency ?? Infinity;
  const found = await taskStore.find(ports, taskId);
  if (found?.run !== run) return answer([], 1);
  const task = within(limit, found);

  await prepareGroups(ports, task);
  const ground = await prepareGround(ports, task, plan);
  const counts = sumAtWork([...ground.own, ...ground.retried], {
    ...task,
    ...(ground.retries && { retries: [...ground.retries] }),
  });
  const calls = await callsLeft(ports, task, plan, layersOf(task, ground));
  const isOver =
    task.stopReason !== undefined ||
    round > MAX_ROUNDS ||
    idleRounds(task, plan, tried(counts) + calls.done) > MAX_IDLE_ROUNDS;
  const cut: Cut = isOver
    ? { stage: 'render', shards: [] }
    : await cutRound(ports, task, plan, ground, calls);
  const planned = await settle(ports, manifestKey, cut.shards);

  const rows = planned.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const shard = costOf(rows / Math.max(1, planned.length), cut.cost ?? UNKNOWN_COST);
  const { stage } = cut;
  const atOnce = (its: TaskItem) =>
    stage === 'call' ? workersThatCall(its) : concurrencyOf(its, shard);
  const concurrency = atOnce(task);
  const workers = Math.min(concurrency, planned.length);
  const ownSeconds = workers > 0 ? (shardSeconds(shard) * planned.length) / workers : 0;
  const seconds =
    stage === 'call' && task.steps ? estimateCalls(task.steps, calls.rows).seconds : ownSeconds;
  const mapMost =
    planned.length > 1 && stage === 'render' ? mostAtOnce(task, shard, limit) : undefined;
  const begun = await beginRound(ports, task, plan, {
    ...{ counts, seconds, ground, stage, calls, mapMost },
  });
  // A task of one shard ends in a moment, or its worker soon tells of the start.
  if (begun && planned.length > 1) await publishOwed(ports, begun);
  // Paused or cancelled while it was planned: no shard need begin to learn of it.
  if (begun?.stopReason !== undefined) return answer([], 1);
  // Changed while it was planned: whoever did found no map yet.
  return answer(planned, begun ? atOnce(within(limit, begun)) : concurrency, stage);
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
  return ManifestSchema.parse(await readJson({ objects }, key));
}
