/** Requests and views of the routes of checks (docs/api.md). */
import * as z from 'zod';
import { FINDINGS, type FindingCode } from '../problems.ts';
import { CheckIdSchema } from './common.ts';
import { CheckStatusSchema, CheckSummarySchema } from './checks.ts';
import { OrderBodySchema } from './taskApi.ts';

/** Body of POST /batch/checks. */
export const CreateCheckSchema = OrderBodySchema;

const FINDING_CODES = Object.keys(FINDINGS) as [FindingCode, ...FindingCode[]];

export const SeveritySchema = z
  .enum(['error', 'warning', 'info'])
  .describe(
    'error: documents fail. warning: they are made, and may be wrong. info: worth knowing, and meant so as a rule.',
  );
export type Severity = z.infer<typeof SeveritySchema>;

/** What a check found: one kind of thing, in one tag or column. */
export const FindingSchema = z.object({
  code: z.enum(FINDING_CODES),
  severity: SeveritySchema,
  tag: z.string().optional().describe('The tag, as it is written in the template.'),
  column: z.string().optional().describe('The column of the data.'),
  count: z.int().min(0).describe('In how many rows; 0 for what is not about rows.'),
  firstRows: z.array(z.int().min(1)).describe('The first of them, by their numbers from 1.'),
  detail: z.string().describe('What is wrong, without values of rows.'),
  suggestion: z.string().optional().describe('What to do about it.'),
});
export type Finding = z.infer<typeof FindingSchema>;
export const FindingsSchema = z.array(FindingSchema);

/** A check as clients see it. */
export const CheckViewSchema = z.object({
  checkId: CheckIdSchema,
  status: CheckStatusSchema,
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  expiresAt: z.iso
    .datetime()
    .nullable()
    .describe('The check is removed after this; one of a task goes with its task.'),
  summary: CheckSummarySchema.nullable().describe('Null until it is done.'),
  findings: z.array(FindingSchema).describe('The gravest first; empty until it is done.'),
  error: z
    .object({ code: z.string(), message: z.string() })
    .nullable()
    .describe('Why it could not be made.'),
  links: z.object({ self: z.string(), report: z.string() }),
});
export type CheckView = z.infer<typeof CheckViewSchema>;

/** Answer of POST /batch/checks. */
export const CreatedCheckSchema = CheckViewSchema.pick({
  checkId: true,
  status: true,
  links: true,
});
export type CreatedCheck = z.infer<typeof CreatedCheckSchema>;
