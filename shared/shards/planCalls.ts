/** What of a task's rows is to be called before documents are made of them. */
import { allRows, cutRange, readIndex, type RowRange } from '../dataSources/rows.ts';
import { CALL_SHARD_ROWS, CALL_WORKERS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { Reached, ShardItem, TaskItem } from '../schemas/items.ts';
import type { Round, ShardRef } from '../schemas/workflow.ts';
import { everyCallShard } from '../tasks/taskStore.ts';
import { changeShard, type ChangeOf } from './changeShard.ts';
import { gapsOf, isOpen, rangeOf } from './coverage.ts';
import { isMoved, placed, type Layer } from './layers.ts';

type PlanPorts = Pick<Ports, 'table' | 'objects'>;

export interface CallsLeft {
  /** In the order of layers and rows. */
  readonly shards: readonly ShardRef[];
  /** Rows of them that did not come to an end. */
  readonly rows: number;
  /** Rises with everything that any of the task's shards was answered. */
  readonly done: number;
}

/** Few workers, with many calls each: they share one pace (docs/adr/0073-one-pace-for-a-connection.md). */
export const workersThatCall = ({ mode, options }: TaskItem): number =>
  mode === 'sequential' ? 1 : Math.min(options.concurrency, CALL_WORKERS);

/** Takes an open shard out of the hands of whoever works on it: it keeps its rows, and goes on with them. */
const closing =
  ({ run, round }: Round): ChangeOf =>
  (shard) =>
    !isOpen(shard, run) ||
    (shard.run === run && shard.round === round) ||
    shard.status === 'stopped'
      ? undefined
      : {
          set: { status: 'stopped', reported: shard.counts, leaseUntil: 0 },
          remove: ['error'],
        };

const NOTHING_REACHED: Reached = { rows: 0, parts: 0, bytes: 0, begunBytes: 0 };

/** Has an open shard begin anew where its rows are now; what they were answered stays. */
const moving =
  ({ byteOffset, byteLength }: RowRange): ChangeOf =>
  (shard) =>
    shard.byteOffset === byteOffset && shard.byteLength === byteLength
      ? undefined
      : {
          set: {
            ...{ byteOffset, byteLength, reached: NOTHING_REACHED },
            counts: { succeeded: 0, failed: 0, skipped: 0 },
          },
        };

const doneOf = ({ reached, answers = [] }: ShardItem) => reached.rows + answers.length;

/** Shards of all layers whose rows are to be called in this round. */
export async function callsLeft(
  ports: PlanPorts,
  task: TaskItem,
  plan: Round,
  layers: readonly Layer[],
): Promise<CallsLeft> {
  const shards: ShardRef[] = [];
  let [rows, done] = [0, 0];
  if (!task.steps) return { shards, rows, done };
  for (const layer of layers) {
    const index = await readIndex(ports, layer.indexKey);
    const moved = isMoved(task, layer);
    const where = async (ranges: readonly RowRange[]) =>
      moved ? placed(ports, task, index, ranges) : ranges;
    const known: ShardItem[] = [];
    for await (const seen of everyCallShard(ports, task.taskId, layer.number)) {
      let shard = await changeShard(ports, seen, closing(plan));
      const [range] = isOpen(shard, plan.run) ? await where([rangeOf(shard)]) : [];
      if (range && moved) shard = await changeShard(ports, shard, moving(range));
      known.push(shard);
      done += doneOf(shard);
    }
    const open = known.filter((shard) => isOpen(shard, plan.run));
    const gaps = await where(gapsOf(allRows(index), known));
    const ranges = gaps.flatMap((gap) => cutRange(index, gap, CALL_SHARD_ROWS));
    rows += ranges.reduce((sum, { rowCount }) => sum + rowCount, 0);
    rows += open.reduce((sum, { rowCount, reached }) => sum + rowCount - reached.rows, 0);
    shards.push(
      ...[...open, ...ranges]
        .toSorted((a, b) => a.firstRow - b.firstRow)
        .map((range) => ({
          ...plan,
          stage: 'call' as const,
          ...(layer.number !== undefined && { layer: layer.number }),
          ...rangeOf(range),
        })),
    );
  }
  return { shards, rows, done };
}

/** What the task's item says of its calls when a round begins. */
export function countsOfCalls(
  task: TaskItem,
  { round }: Round,
  { rows }: CallsLeft,
): Pick<TaskItem, 'rowsToCall' | 'calledRows'> {
  const { rowsToCall = rows } = round === 1 ? {} : task;
  return { rowsToCall, calledRows: Math.max(0, rowsToCall - rows) };
}
