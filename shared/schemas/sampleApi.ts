/** Requests and views of the routes of samples (docs/api.md). */
import * as z from 'zod';
import { MAX_CHOSEN_ROWS, MAX_NAMED_ROWS } from '../limits.ts';
import { DocumentStatusSchema, SampleIdSchema, TextSchema } from './common.ts';
import { NotShownSchema, OrderHashSchema, SamplesSummarySchema } from './samples.ts';
import { FailureViewSchema, hasRowsOnce, orderFields, ROWS_ONCE } from './taskApi.ts';

/** Characters of the numbers of a few rows. */
const ROWS_CHARACTERS = 500;

/** Samples are made without calling services. */
const sampledFields = z.strictObject(orderFields).omit({ steps: true }).shape;

/** Body of POST /batch/samples. */
export const CreateSamplesSchema = z
  .strictObject({
    ...sampledFields,
    templateIds: orderFields.templateIds
      .unwrap()
      .min(1)
      .describe('Every row gives one document for each template.'),
    rows: TextSchema.trim()
      .min(1)
      .max(ROWS_CHARACTERS)
      .optional()
      .describe(
        `Rows that are shown beside those that are chosen, by their numbers: at most ${MAX_NAMED_ROWS}.`,
      )
      .meta({ example: '3,7-9' }),
  })
  .refine(hasRowsOnce, ROWS_ONCE);
export type CreateSamples = z.infer<typeof CreateSamplesSchema>;

export const SamplesStatusSchema = z
  .enum(['making', 'done', 'failed'])
  .describe('failed: the samples themselves could not be made; see error.');

export const SampleViewSchema = z.object({
  row: z.int().min(1).describe('1-based number of the row.'),
  template: z.string(),
  why: z
    .string()
    .describe('Why the row was chosen: what it shows that no other does, without its values.'),
  status: DocumentStatusSchema,
  name: z.string().nullable().describe('Its name in the archive; null when it was not made.'),
  bytes: z.int().nullable(),
  url: z.string().nullable().describe('Signed at the moment of the request; null when not made.'),
  failure: FailureViewSchema.omit({ row: true, template: true }).nullable(),
});

/** Samples as clients see them. */
export const SamplesViewSchema = z.object({
  sampleId: SampleIdSchema,
  status: SamplesStatusSchema,
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  expiresAt: z.iso.datetime().nullable().describe('The samples are removed after this.'),
  hash: OrderHashSchema.nullable().describe(
    'Of what they are samples of; a task with `options.approval` is started with it. Null until they are done.',
  ),
  rows: SamplesSummarySchema.shape.rows.nullable(),
  taken: SamplesSummarySchema.shape.taken.nullable(),
  documents: z
    .array(SampleViewSchema)
    .describe(`In the order of rows: of at most ${MAX_CHOSEN_ROWS} chosen and the named ones.`),
  notShown: z
    .array(NotShownSchema)
    .describe(
      'What is worth looking at as well, and in no sample: branches of the templates first.',
    ),
  zipUrl: z.string().nullable().describe('All of the documents; null when none was made.'),
  urlsExpireAt: z.iso.datetime().nullable().describe('Until when the links lead somewhere.'),
  error: z
    .object({ code: z.string(), message: z.string() })
    .nullable()
    .describe('Why they could not be made.'),
  links: z.object({ self: z.string() }),
});
export type SamplesView = z.infer<typeof SamplesViewSchema>;

/** Answer of POST /batch/samples. */
export const CreatedSamplesSchema = SamplesViewSchema.pick({
  sampleId: true,
  status: true,
  links: true,
});
export type CreatedSamples = z.infer<typeof CreatedSamplesSchema>;
