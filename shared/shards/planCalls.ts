/** What of a task's rows is to be called before documents are made of them. */
import { allRows, cutRange, type RowRange } from '../dataSources/rows.ts';
import { CALL_SHARD_ROWS, CALL_WORKERS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { Reached, ShardItem, TaskItem } from '../schemas/items.ts';
import type { Round, ShardRef } from '../schemas/workflow.ts';
import { tried } from '../tasks/progress.ts';
import { everyCallShard } from '../tasks/taskStore.ts';
import { changeShard, type ChangeOf } from './changeShard.ts';
import { gapsOf, isOpen, rangeOf } from './coverage.ts';
import { isMoved, leftOf, placed, type Layer } from './layers.ts';

type PlanPorts = Pick<Ports, 'table' | 'objects'>;

export interface CallsLeft {
  /** In the order of layers and rows. */
  readonly shards: readonly ShardRef[];
  /** Rows of all layers, and those of them that did not come to an end. */
  readonly allRows: number;
  readonly rows: number;
  /** Rises with every row of the task that comes to an end. */
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
      : { set: { status: 'stopped', leaseUntil: 0 }, remove: ['error'] };

const NOTHING_REACHED: Reached = { rows: 0, parts: 0, bytes: 0, begunBytes: 0 };
const NOTHING = { succeeded: 0, failed: 0, skipped: 0 };

/**
 * Has a shard begin anew, where its rows are now: a retry may have changed what is asked for them. That costs little, as
 * whatever would be asked the same has its answer.
 */
const beginningAnew =
  ({ byteOffset, byteLength }: RowRange, run: number): ChangeOf =>
  (shard) =>
    shard.begunAnewIn === run
      ? undefined
      : {
          set: {
            ...{ byteOffset, byteLength, begunAnewIn: run, status: 'stopped', leaseUntil: 0 },
            ...{ reached: NOTHING_REACHED, counts: NOTHING, reported: NOTHING },
          },
          remove: ['error'],
        };

const isOver = (a: RowRange, b: RowRange) =>
  a.firstRow < b.firstRow + b.rowCount && b.firstRow < a.firstRow + a.rowCount;

/** What two ranges share, which overlap. */
function shared(a: RowRange, b: RowRange): RowRange {
  const start = a.firstRow > b.firstRow ? a : b;
  const [endA, endB] = [a.firstRow + a.rowCount, b.firstRow + b.rowCount];
  const end = endA < endB ? a : b;
  return {
    firstRow: start.firstRow,
    rowCount: Math.min(endA, endB) - start.firstRow,
    byteOffset: start.byteOffset,
    byteLength: end.byteOffset + end.byteLength - start.byteOffset,
  };
}

const rowsLeft = ({ rowCount, reported }: ShardItem) => rowCount - tried(reported);

/**
 * Shards of all layers whose rows are to be called in this round: rows of which no document was tried, as far as they did
 * not come to an end.
 */
export async function callsLeft(
  ports: PlanPorts,
  task: TaskItem,
  plan: Round,
  layers: readonly Layer[],
): Promise<CallsLeft> {
  const shards: ShardRef[] = [];
  let [all, rows, done] = [0, 0, 0];
  if (!task.steps) return { shards, allRows: all, rows, done };
  /** The run of the last retry: shards that were called before it may have been asked otherwise. */
  const retriedIn = task.retries?.at(-1)?.run ?? 0;
  for (const layer of layers) {
    const { index, unfinished, gaps } = await leftOf(ports, task, plan, layer);
    const wanted = [...gaps, ...unfinished];
    const where = async (range: RowRange): Promise<RowRange> => {
      const [moved] = isMoved(task, layer) ? await placed(ports, task, index, [range]) : [];
      return moved ?? range;
    };
    const known: ShardItem[] = [];
    for await (const seen of everyCallShard(ports, task.taskId, layer.number)) {
      let shard = await changeShard(ports, seen, closing(plan));
      if (shard.run < retriedIn && wanted.some((range) => isOver(range, shard))) {
        const range = await where(rangeOf(shard));
        shard = await changeShard(ports, shard, beginningAnew(range, retriedIn));
      }
      known.push(shard);
      done += tried(shard.reported);
    }
    const open = known.filter(
      (shard) => isOpen(shard, plan.run) && wanted.some((range) => isOver(range, shard)),
    );
    const uncalled = gapsOf(allRows(index), known);
    const ranges: RowRange[] = [];
    for (const gap of uncalled) {
      for (const range of wanted.filter((each) => isOver(each, gap))) {
        ranges.push(...cutRange(index, shared(range, await where(gap)), CALL_SHARD_ROWS));
      }
    }
    all += index.rowCount;
    rows += ranges.reduce((sum, { rowCount }) => sum + rowCount, 0);
    rows += open.reduce((sum, shard) => sum + rowsLeft(shard), 0);
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
  return { shards, allRows: all, rows, done };
}

/** What the task's item says of its calls when a round begins. */
export const countsOfCalls = ({
  allRows: rowsToCall,
  rows,
}: CallsLeft): Pick<TaskItem, 'rowsToCall' | 'calledRows'> => ({
  rowsToCall,
  calledRows: Math.max(0, rowsToCall - rows),
});
