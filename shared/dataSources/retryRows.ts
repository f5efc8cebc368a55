/** Rows that are made anew: a table of their own, in the form of rows.jsonl and rows.idx. */
import * as z from 'zod';
import type { Ports } from '../ports.ts';
import { DocumentStatusSchema, type DocumentStatus, type Row } from '../schemas/common.ts';
import { readLines, type NumberedRow, type RowBatch } from './rows.ts';
import type { RowRange } from './rowsIndex.ts';
import { isRow } from './rowShape.ts';

/** What became of each document of a row before it is made anew; null for one that nobody tried. */
export type BeforeRetry = readonly (DocumentStatus | null)[];

/** A row that is made anew, by its number in the task. */
export interface RetriedRow extends NumberedRow {
  readonly before: BeforeRetry;
}

const LineSchema = z.object({
  row: z.int().min(1),
  before: z.array(DocumentStatusSchema.nullable()),
  values: z.custom<Row>(isRow),
  typed: z.string().optional(),
  faults: z.string().optional(),
});

/** The line of a row in the table. */
export const retriedLine = ({ row, before, values, typed, faults }: RetriedRow): string =>
  JSON.stringify({ row, before, values, typed, faults });

function parseRetriedLine(line: string, position: number): RetriedRow {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // The engine's message quotes the line, so it is not passed on.
  }
  const { data } = LineSchema.safeParse(value);
  if (!data) throw new Error(`Line ${position} of the rows to be made anew is damaged.`);
  const { typed, faults, ...row } = data;
  return {
    ...row,
    ...(typed !== undefined && { typed }),
    ...(faults !== undefined && { faults }),
  };
}

/**
 * Rows of a range of such a table, which is counted in its own lines.
 * @throws ObjectMissing; Error when the bytes are not the range's rows
 */
export const readRetriedRows = (
  ports: Pick<Ports, 'objects'>,
  key: string,
  range: RowRange,
): AsyncGenerator<RowBatch<RetriedRow>, void, undefined> =>
  readLines(ports, key, range, parseRetriedLine);
