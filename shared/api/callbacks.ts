/** What services call that rows were sent to. Public: who has the URL was given it. */
import * as z from 'zod';
import { callbackPaths } from './paths.ts';
import { defineRoutes } from './route.ts';

/** Longer than any that is given out. */
const MAX_TOKEN_CHARACTERS = 400;

const CallbackTakenSchema = z.object({
  status: z.literal('taken').describe('Also of a second answer, and of one that is too late.'),
});

export const callbackRoutes = defineRoutes({
  takeCallback: {
    method: 'POST',
    path: callbackPaths.callback,
    tag: 'Callbacks',
    summary: 'The answer of a row step, from the service that was sent the row',
    description:
      'The URL that `{callbackUrl}` stood for in the request of a row step of mode `callback`. The body is the answer: JSON, text or a file. The first one counts; sending it again changes nothing.',
    public: true,
    repeatable: true,
    params: {
      schema: z.object({
        callback: z
          .string()
          .max(MAX_TOKEN_CHARACTERS)
          .describe('What the URL ends with, as it was given out.'),
      }),
      notFound: { callback: 'NOT_FOUND' },
    },
    takesBytes: true,
    answers: [{ kind: 'data', status: 202, name: 'CallbackTaken', schema: CallbackTakenSchema }],
    problems: ['NOT_FOUND'],
  },
});
