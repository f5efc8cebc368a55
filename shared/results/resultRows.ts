/** The rows of a task as results tell them: their values, the answers of their steps, and their documents. */
import { layOver, typedOfOthers, type Correction } from '../dataSources/corrections.ts';
import { allRows, readIndex, readRows, typedValues } from '../dataSources/rows.ts';
import { lookahead } from '../lookahead.ts';
import type { Ports } from '../ports.ts';
import type { Row } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';
import { loadCorrections } from '../shards/shardRows.ts';
import { documentResults, type DocumentResult } from './documentResults.ts';
import { openStepColumns, type StepValue } from './stepColumns.ts';

/** What became of a row as a whole. */
export type RowStatus = DocumentResult['status'];

/** A row and what became of it. */
export interface ResultRow {
  readonly row: number;
  /** As they were corrected. */
  readonly values: Row;
  /** What is behind values of a workbook that were taken as they are shown, and not corrected (rows.ts). */
  readonly typed: () => Row | undefined;
  readonly correction: Correction | undefined;
  readonly answers: readonly StepValue[];
  readonly status: RowStatus;
  /** One for each part of a row (tasks/parts.ts). */
  readonly documents: readonly DocumentResult[];
}

/** The first that one of the documents has. */
const STATUS_ORDER = ['failed', 'pending', 'succeeded', 'skipped'] as const;

/**
 * What became of a row: failed, if one of its documents failed; else pending, if one was not tried; else
 * succeeded, if one was made; else skipped.
 */
export const statusOf = (documents: readonly DocumentResult[]): RowStatus =>
  STATUS_ORDER.find((status) => documents.some((each) => each.status === status)) ?? 'pending';

/**
 * All rows of a task on which nobody works, in small batches as they arrive.
 * @throws ObjectMissing
 */
export async function* resultRows(
  ports: Pick<Ports, 'table' | 'objects'>,
  task: TaskItem,
): AsyncGenerator<ResultRow[], void, undefined> {
  const corrections = await loadCorrections(ports, task);
  const steps = await openStepColumns(ports, task);
  const documents = lookahead(documentResults(ports, task));
  const range = allRows(await readIndex(ports, task.indexKey));
  for await (const { rows } of readRows(ports, task.rowsKey, range)) {
    const batch: ResultRow[] = [];
    for (const each of rows) {
      const { row, values } = each;
      const its = await documents.take();
      if (!its) throw new Error(`Task ${task.taskId} has no row ${row}.`);
      const correction = corrections?.get(row);
      batch.push({
        row,
        values: layOver(values, correction),
        typed: () => {
          const typed = typedOfOthers(each.typed, correction);
          return typed === undefined ? undefined : typedValues({ row, values, typed });
        },
        correction,
        answers: await steps.valuesOf(row),
        status: statusOf(its),
        documents: its,
      });
    }
    yield batch;
  }
}
