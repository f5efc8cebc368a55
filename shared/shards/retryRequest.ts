/** What a retry asks for, as it is kept until its run begins: rows by their numbers, or by their outcome. */
import * as z from 'zod';
import { objectKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import { readJson } from '../readJson.ts';

/** From one row to another, both included. */
const RowSpanSchema = z.tuple([z.int().min(1), z.int().min(1)]);
export type RowSpan = z.infer<typeof RowSpanSchema>;

export const RetryRequestSchema = z.object({
  /** Rows of which a document failed. */
  failed: z.boolean(),
  /** Rows by their numbers: ascending, without one in two spans. */
  spans: z.array(RowSpanSchema),
  /** What the call said: the same again is known by it. */
  call: z.string(),
});
export type RetryRequest = z.infer<typeof RetryRequestSchema>;

/** The spans in order, those that touch each other as one. */
export function joinSpans(spans: readonly RowSpan[]): RowSpan[] {
  const joined: RowSpan[] = [];
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

/** How many rows they are. */
export const rowsIn = (spans: readonly RowSpan[]): number =>
  spans.reduce((sum, [from, to]) => sum + to - from + 1, 0);

/** @returns for rows that are asked for in ascending order: whether some span has them */
export function spanLookup(spans: readonly RowSpan[]) {
  let at = 0;
  return (row: number): boolean => {
    while (at < spans.length && (spans[at]?.[1] ?? 0) < row) at++;
    return (spans[at]?.[0] ?? Infinity) <= row;
  };
}

export const putRetryRequest = (
  { objects }: Pick<Ports, 'objects'>,
  taskId: string,
  retryId: string,
  request: RetryRequest,
): Promise<boolean> =>
  objects.put(objectKeys.retryRequest(taskId, retryId), Buffer.from(JSON.stringify(request)));

/** @throws ObjectMissing */
export async function readRetryRequest(
  ports: Pick<Ports, 'objects'>,
  taskId: string,
  retryId: string,
): Promise<RetryRequest> {
  return RetryRequestSchema.parse(await readJson(ports, objectKeys.retryRequest(taskId, retryId)));
}
