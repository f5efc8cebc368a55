/** What a check says in numbers: part of its item and of its answer. */
import * as z from 'zod';

/** What the documents are expected to take. */
export const EstimateSchema = z.object({
  seconds: z.number().min(0).describe('From the start to the archive, as measured by a few rows.'),
  bytes: z.int().min(0).describe('Of the archive.'),
  costUsd: z
    .number()
    .min(0)
    .describe('What AWS bills for it, by its list prices; on one machine it costs nothing.'),
});
export type Estimate = z.infer<typeof EstimateSchema>;

/** What the row steps are expected to take, when each call is answered at its first try. */
export const CallsEstimateSchema = z
  .object({
    calls: z.int().min(0),
    seconds: z
      .number()
      .min(0)
      .describe('At the rate limits of the services, if nobody else calls them.'),
    costUsd: z.number().min(0).describe('By the prices of the connections.'),
  })
  .describe('What calling the row steps takes; absent without any.');

export const CheckSummarySchema = z.object({
  rows: z.int().min(0).describe('Rows that were checked.'),
  documents: z
    .int()
    .min(0)
    .describe('Documents that would be tried: of rows that are not skipped.'),
  errors: z.int().min(0).describe('Findings of this severity.'),
  warnings: z.int().min(0).describe('Findings of this severity.'),
  estimate: EstimateSchema,
  calls: CallsEstimateSchema.optional(),
});
export type CheckSummary = z.infer<typeof CheckSummarySchema>;

export const CheckStatusSchema = z
  .enum(['checking', 'done', 'failed'])
  .describe('failed: the check itself could not be made; see error.');
