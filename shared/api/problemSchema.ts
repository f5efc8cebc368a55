/** What goes wrong, as clients get it: problem documents (RFC 9457), and the gateway's own shape. */
import * as z from 'zod';
import { PROBLEMS, type ProblemCode } from '../problems.ts';

export const PROBLEM_CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

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
