/**
 * Shards that wait for callbacks. Each has an item that says how many of its rows have none, and how its execution is told
 * that all have. Whoever writes it last of all looks whether it is time: the worker before it ends, who brings the token,
 * who takes a callback. So no callback is missed, whenever it comes; and what is told too often, or too early, costs
 * one more look.
 */
import * as z from 'zod';
import { everyItem } from '../everyItem.ts';
import { sortPrefixes, tableKeys } from '../keys.ts';
import type { Condition, Ports } from '../ports.ts';
import type { ShardItem } from '../schemas/items.ts';
import type { Awaiting, ShardRef } from '../schemas/workflow.ts';
import { taskStore } from '../tasks/taskStore.ts';

type TablePort = Pick<Ports, 'table'>;
type WakePorts = TablePort & { readonly workflow: Pick<Ports['workflow'], 'answerTask'> };

const WaitItemSchema = z.object({
  firstRow: z.int(),
  layer: z.int().optional(),
  run: z.int(),
  round: z.int(),
  /** The rows that wait are among these, by their numbers in the task. */
  fromRow: z.int(),
  toRow: z.int(),
  /** These alone, where others lie between them: rows of a retry. */
  rows: z.array(z.int()).optional(),
  /** Of them, so many that nothing came for. */
  left: z.int(),
  /** By which its execution is told; absent while it does not wait yet. */
  token: z.string().optional(),
});
type WaitItem = z.infer<typeof WaitItemSchema>;

/** Rows of a shard that wait. */
export interface WaitingRows {
  readonly fromRow: number;
  readonly toRow: number;
  readonly rows: readonly number[];
}

const keyOf = ({ taskId, firstRow, layer }: Pick<ShardRef, 'taskId' | 'firstRow' | 'layer'>) =>
  tableKeys.callWait(taskId, firstRow, layer);

/**
 * Says what a shard waits for, before it is looked one last time whether it came: what comes from here on counts.
 * Any token of before is forgotten.
 */
export async function expectCallbacks(
  { table }: TablePort,
  shard: Pick<ShardItem, 'taskId' | 'firstRow' | 'layer' | 'run' | 'round'>,
  { fromRow, toRow, rows }: WaitingRows,
): Promise<void> {
  const { firstRow, layer, run, round } = shard;
  const item: WaitItem = {
    ...{ firstRow, run, round, fromRow, toRow, left: rows.length },
    ...(layer !== undefined && { layer, rows: [...rows] }),
  };
  await table.put(keyOf(shard), item);
}

/** The shard waits for nothing any more. */
export const expectNothing = (
  { table }: TablePort,
  shard: Pick<ShardItem, 'taskId' | 'firstRow' | 'layer'>,
): Promise<boolean> => table.delete(keyOf(shard));

/** Tells whoever waits by the token; nobody may do so any more. */
const wake = ({ workflow }: WakePorts, token: string): Promise<boolean> =>
  workflow.answerTask(token, {});

const ofPlan = ({ run, round }: Pick<ShardRef, 'run' | 'round'>): Condition => ({
  all: [
    { attribute: 'run', is: '=', value: run },
    { attribute: 'round', is: '=', value: round },
  ],
});

/** Keeps how a shard's execution is told; tells it at once where there is nothing to wait for, or no reason any more. */
export async function awaitCallbacks(ports: WakePorts, { shard, token }: Awaiting): Promise<void> {
  const item = await ports.table.update(keyOf(shard), { set: { token } }, ofPlan(shard));
  const isLeft = item !== undefined && WaitItemSchema.parse(item).left > 0;
  // After the token: who stops the task finds it, or is found here.
  const task = isLeft ? await taskStore.find(ports, shard.taskId) : undefined;
  const isWanted = task?.run === shard.run && task.stopReason === undefined;
  if (!isWanted) await wake(ports, token);
}

async function* waitsOf({ table }: TablePort, taskId: string) {
  const partition = tableKeys.task(taskId).pk;
  for await (const item of everyItem({ table }, { partition, prefix: sortPrefixes.callWaits })) {
    yield WaitItemSchema.parse(item);
  }
}

/**
 * Counts a callback that came for a row, and tells the shard for which it was the last. One that comes again is counted
 * again: whoever took it first may have died before. A shard that is told too early looks once more.
 */
export async function countCallback(
  ports: WakePorts,
  { taskId, row }: { readonly taskId: string; readonly row: number },
): Promise<void> {
  for await (const { fromRow, toRow, rows, firstRow, layer } of waitsOf(ports, taskId)) {
    if (row < fromRow || row > toRow || (rows && !rows.includes(row))) continue;
    const key = keyOf({ taskId, firstRow, layer });
    const item = await ports.table.update(key, { add: { left: -1 } }, { present: 'pk' });
    const { left = 1, token } = item ? WaitItemSchema.parse(item) : {};
    if (left <= 0 && token !== undefined) await wake(ports, token);
  }
}

/** Tells all shards of a task that wait: it is to stop. */
export async function wakeAll(ports: WakePorts, taskId: string): Promise<void> {
  for await (const { token } of waitsOf(ports, taskId)) {
    if (token !== undefined) await wake(ports, token);
  }
}
