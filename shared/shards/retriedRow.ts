/** Finding a row in what retries made and is not merged yet: while their run goes on, or is paused. */
import { readRetriedRows } from '../dataSources/retryRows.ts';
import { readIndex, type RowRange } from '../dataSources/rows.ts';
import { objectKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import type { ShardItem, TaskItem } from '../schemas/items.ts';
import { shardOfRow } from '../tasks/taskStore.ts';

/** A line begins with the row's number. */
const LINE_HEAD = /^\{"row":(\d+),/;
const LINE_HEAD_BYTES = 24;

/** The 1-based line of a row in a retry's table; undefined when it is not there. */
async function lineOfRow(
  ports: Pick<Ports, 'objects'>,
  taskId: string,
  layer: number,
  row: number,
): Promise<number | undefined> {
  const key = objectKeys.retryRows(taskId, layer);
  const { offsets, stride, rowCount, bytes } = await readIndex(
    ports,
    objectKeys.retryIndex(taskId, layer),
  );
  const rowAt = async (offset: number) => {
    const head = await ports.objects.read(key, { offset, length: LINE_HEAD_BYTES });
    return Number(LINE_HEAD.exec(Buffer.from(head).toString('latin1'))?.[1]);
  };
  // The last point of the index that is not behind the row.
  let [low, high] = [0, offsets.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((await rowAt(offsets[middle] ?? 0)) <= row) low = middle;
    else high = middle - 1;
  }
  const byteOffset = offsets[low] ?? 0;
  const firstRow = low * stride + 1;
  const block: RowRange = {
    firstRow,
    rowCount: Math.min(stride, rowCount - firstRow + 1),
    byteOffset,
    byteLength: (offsets[low + 1] ?? bytes) - byteOffset,
  };
  let line = firstRow;
  for await (const { rows } of readRetriedRows(ports, key, block)) {
    for (const each of rows) {
      if (each.row === row) return line;
      line++;
    }
  }
  return undefined;
}

/** A shard that has a row, and which of its layer's rows it is. */
export interface HoldingShard {
  readonly shard: ShardItem;
  readonly position: number;
}

/** Shards of retries that have something to tell of a row and are not merged, the oldest first. */
export async function retriedShardsOfRow(
  ports: Pick<Ports, 'table' | 'objects'>,
  task: TaskItem,
  row: number,
): Promise<HoldingShard[]> {
  const { taskId, retries = [], mergedRun = 0, run } = task;
  if (mergedRun >= run) return [];
  const holding: HoldingShard[] = [];
  for (const retry of retries) {
    if ((retry.rowCount ?? 0) === 0) continue;
    const position = await lineOfRow(ports, taskId, retry.run, row);
    if (position === undefined) continue;
    const shard = await shardOfRow(ports, taskId, position, retry.run);
    if (shard && shard.run > mergedRun) holding.push({ shard, position });
  }
  return holding;
}
