/** What samples say: part of their item, of what is kept of them, and of their answer. */
import * as z from 'zod';
import { DocumentStatusSchema, RowFailureSchema } from './common.ts';

/** A digest of what an order makes (samples/orderHash.ts). */
export const OrderHashSchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'A hash is 64 digits and letters from a to f.');

export const NotShownSchema = z.object({
  what: z.string(),
  because: z
    .enum(['noRow', 'limit'])
    .describe('noRow: no row brings it about. limit: there are as many samples as may be.'),
});
export type NotShown = z.infer<typeof NotShownSchema>;

/** One document, as it is kept. */
export const SampleDocumentSchema = z.object({
  row: z.int().min(1),
  /** The number of its template, from 0. */
  part: z.int().min(0),
  template: z.string(),
  why: z.string(),
  status: DocumentStatusSchema,
  name: z.string().optional(),
  bytes: z.int().min(0).optional(),
  failure: RowFailureSchema.optional(),
});
export type SampleDocument = z.infer<typeof SampleDocumentSchema>;

/** samples.json: what is told of samples, apart from their item. */
export const MadeSamplesSchema = z.object({
  documents: z.array(SampleDocumentSchema),
  notShown: z.array(NotShownSchema),
});
export type MadeSamples = z.infer<typeof MadeSamplesSchema>;

/** Part of their item. */
export const SamplesSummarySchema = z.object({
  hash: OrderHashSchema,
  rows: z.int().min(0).describe('Rows that were read to choose from: all, unless time ran out.'),
  taken: z.int().min(0).describe('Rows of those that documents are made of.'),
  /** Of the archive; absent when no document was made. */
  zipBytes: z.int().min(0).optional(),
});
export type SamplesSummary = z.infer<typeof SamplesSummarySchema>;
