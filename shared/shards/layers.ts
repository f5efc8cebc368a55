/** Rows that are cut by themselves, and where they lie. */
import type { RowRange, RowsIndex } from '../dataSources/rows.ts';
import { placeOfRow } from '../dataSources/rowsAt.ts';
import type { Ports } from '../ports.ts';
import type { ShardItem, TaskItem } from '../schemas/items.ts';

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
