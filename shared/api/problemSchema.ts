/** What goes wrong, as clients get it: problem documents (RFC 9457), and the gateway's own shape. */
import * as z from 'zod';
import {
  DATA_PROBLEMS,
  PROBLEMS,
  TEMPLATE_FAULTS,
  type DataProblemCode,
  type ProblemCode,
  type TemplateFaultCode,
} from '../problems.ts';

export const PROBLEM_CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

/** Some codes stand for the same in a template and in data. */
export const FAULT_CODES = [
  ...new Set([...Object.keys(TEMPLATE_FAULTS), ...Object.keys(DATA_PROBLEMS)]),
] as [TemplateFaultCode | DataProblemCode, ...(TemplateFaultCode | DataProblemCode)[]];

export const ProblemBodySchema = z
  .object({
    type: z.string().describe('urn:sheaf:problem: and the code.'),
    title: z.string().describe('What the code means; the same for every problem of the code.'),
    status: z.int().min(400).max(599).describe('The HTTP status.'),
    detail: z.string().describe('What is wrong here, where, and what to do.'),
    instance: z.string().describe('The path of the request.'),
    code: z.enum(PROBLEM_CODES).describe('What programs go by.'),
    retryable: z
      .boolean()
      .describe('Whether the same request may succeed later; `Retry-After` says when, if known.'),
    errors: z
      .array(
        z.object({
          code: z
            .enum(FAULT_CODES)
            .optional()
            .describe('What programs go by, for a fault of a template or a problem of data.'),
          pointer: z
            .string()
            .describe(
              'A JSON Pointer (RFC 6901) into the body, / and a parameter’s name, or a place.',
            ),
          detail: z.string(),
        }),
      )
      .optional()
      .describe('Every fault that was found, where there can be several.'),
  })
  .describe('What went wrong.');

/** What API Gateway answers by itself, before a function is reached. */
export const GatewayMessageSchema = z
  .object({ message: z.string().meta({ examples: ['Unauthorized'] }) })
  .describe('What the gateway answers by itself.');
