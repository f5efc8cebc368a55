/** Rows that are cut by themselves, and where they lie. */
import { allRows, readIndex, type RowRange, type RowsIndex } from '../dataSources/rows.ts';
import { placeOfRow } from '../dataSources/rowsAt.ts';
import type { Ports } from '../ports.ts';
import type { ShardItem, TaskItem } from '../schemas/items.ts';
import type { Round } from '../schemas/workflow.ts';
import { gapsOf, isOpen, keptOf } from './coverage.ts';

/** Rows that are cut by themselves: the task's own, or those of a retry. */
export interface Layer {
  readonly number: number | undefined;
  readonly indexKey: string;
  readonly shards: readonly ShardItem[];
}

/** The same rows, where they are in the data that replaced the older. */
export const placed = (
  ports: Pick<Ports, 'objects'>,
  task: TaskItem,
  index: RowsIndex,
  gaps: readonly RowRange[],
) =>
  Promise.all(
    gaps.map(async ({ firstRow, rowCount }): Promise<RowRange> => {
      const byteOffset = await placeOfRow(ports, task, index, firstRow);
      const end = await placeOfRow(ports, task, index, firstRow + rowCount);
      return { firstRow, rowCount, byteOffset, byteLength: end - byteOffset };
    }),
  );

/** Whether the rows of a layer lie elsewhere than when the task began. */
export const isMoved = ({ retries }: TaskItem, { number }: Layer): boolean =>
  number === undefined && retries?.some((each) => each.replacesRows) === true;

/** What of a layer no shard has, and shards that go on with documents of a row that they began. */
export async function leftOf(
  ports: Pick<Ports, 'objects'>,
  task: TaskItem,
  { run }: Round,
  layer: Layer,
) {
  const index = await readIndex(ports, layer.indexKey);
  const open = layer.shards.filter((shard) => isOpen(shard, run));
  const unfinished = open.filter(keptOf);
  const over = layer.shards.filter((shard) => !open.includes(shard));
  const gaps = gapsOf(allRows(index), [...over, ...unfinished]);
  return {
    index,
    unfinished,
    gaps: isMoved(task, layer) ? await placed(ports, task, index, gaps) : gaps,
  };
}
