/** The rows of a shard, whatever its layer, as they are to be worked on: with their corrections. */
import {
  correctedNames,
  layOver,
  typedOfOthers,
  readCorrections,
  type Corrections,
} from '../dataSources/corrections.ts';
import { readRetriedRows, type BeforeRetry } from '../dataSources/retryRows.ts';
import { readRows, type NumberedRow, type RowBatch, type RowRange } from '../dataSources/rows.ts';
import { faultsOfOthers } from '../dataSources/rowFaults.ts';
import { objectKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import { createSelection, type Selected } from './selection.ts';
import { createAnswersReader, type RowAnswers } from '../stepAnswers/rowAnswers.ts';

/** A row by its number in the task. */
export interface ShardRow extends NumberedRow {
  /** False for one that the task leaves out, or why that cannot be decided. */
  readonly selected?: Selected;
  /** Of one that is made anew. */
  readonly before?: BeforeRetry;
  /** What its row steps gave; absent in a task without any. */
  readonly answers?: RowAnswers;
}

/** Every correction of the task's rows so far. @throws ObjectMissing */
export const loadCorrections = async (
  ports: Pick<Ports, 'objects'>,
  { taskId, correctedBy }: TaskItem,
): Promise<Corrections | undefined> =>
  correctedBy === undefined
    ? undefined
    : readCorrections(ports, objectKeys.corrections(taskId, correctedBy));

/**
 * The rows of a range of a layer, in small batches as their bytes arrive.
 * @throws ObjectMissing; Error when the bytes are not the range's rows
 */
export async function* readShardRows(
  ports: Pick<Ports, 'objects'>,
  task: TaskItem,
  layer: number | undefined,
  range: RowRange,
): AsyncGenerator<RowBatch<ShardRow>, void, undefined> {
  const corrections = await loadCorrections(ports, task);
  const batches: AsyncGenerator<RowBatch<ShardRow>, void, undefined> = layer === undefined
    ? readRows(ports, task.rowsKey, range)
    : readRetriedRows(ports, objectKeys.retryRows(task.taskId, layer), range);
  // What a correction says decides, too.
  const select = createSelection(task);
  for await (const batch of batches) {
    const rows = corrections ? batch.rows.map((row) => corrected(row, corrections)) : batch.rows;
    yield {
      ...batch,
      rows: select ? rows.map((row) => ({ ...row, selected: select(row) })) : rows,
    };
  }
}

/** The numbers in the task that rows of a shard may have: of a retry any. */
export const numbersOf = (
  { rowCount }: TaskItem,
  layer: number | undefined,
  range: Pick<RowRange, 'firstRow' | 'rowCount'>,
): { first: number; last: number } =>
  layer === undefined
    ? { first: range.firstRow, last: range.firstRow + range.rowCount - 1 }
    : { first: 1, last: rowCount };

/** The same rows with what their steps gave, where the task has any. @throws ObjectMissing */
export async function* readAnsweredRows(
  ports: Pick<Ports, 'table' | 'objects'>,
  task: TaskItem,
  layer: number | undefined,
  range: RowRange,
): AsyncGenerator<RowBatch<ShardRow>, void, undefined> {
  const batches = readShardRows(ports, task, layer, range);
  if (!task.steps) {
    yield* batches;
    return;
  }
  const reader = await createAnswersReader(ports, task, numbersOf(task, layer, range));
  for await (const batch of batches) {
    const answersOf = await reader.rows(batch.rows.map(({ row }) => row));
    yield { ...batch, rows: batch.rows.map((row) => ({ ...row, answers: answersOf(row.row) })) };
  }
}

const corrected = (row: ShardRow, corrections: Corrections): ShardRow => {
  const correction = corrections.get(row.row);
  if (!correction) return row;
  const { typed: before, faults: found, ...rest } = row;
  const typed = typedOfOthers(before, correction);
  const faults = faultsOfOthers(found, correctedNames(correction));
  return {
    ...rest,
    values: layOver(row.values, correction),
    ...(typed !== undefined && { typed }),
    ...(faults !== undefined && { faults }),
  };
};
