/** A problem document, as clients get it (RFC 9457). */
import * as z from 'zod';
import { PROBLEMS, type ProblemCode } from '../../shared/problems.ts';

export const PROBLEM_CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

export const ProblemBodySchema = z
  .object({
    type: z.string().describe('urn:sheaf:problem: and the code.'),
    title: z.string().describe('What the code means; the same for every problem of the code.'),
    status: z.int().min(400).max(599).describe('The HTTP status.'),
    detail: z.string().describe('What is wrong here, where, and what to do.'),
    instance: z.string().describe('The path of the request.'),
    code: z.enum(PROBLEM_CODES).describe('What programs go by.'),
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
