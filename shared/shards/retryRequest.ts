/** What a retry asks for, as it is kept until its run begins: rows by their numbers, or by their outcome. */
import * as z from 'zod';
import { objectKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import { readJson } from '../readJson.ts';
import { RowSpanSchema } from '../selection/spans.ts';

export const RetryRequestSchema = z.object({
  /** Rows of which a document failed. */
  failed: z.boolean(),
  /** Rows by their numbers: ascending, without one in two spans. */
  spans: z.array(RowSpanSchema),
  /** What the call said: the same again is known by it. */
  call: z.string(),
});
export type RetryRequest = z.infer<typeof RetryRequestSchema>;

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
