/** Row steps: calls of a service of others for every row, as a task names them. */
import * as z from 'zod';
import { HEADER_NAME, MAX_HEADER_CHARACTERS } from '../headers.ts';
import { RateLimitSchema } from './rateLimit.ts';
import { ConnectionIdSchema } from './common.ts';

/** Part of a tag, as in {summary.text}: a name without any sign that a tag or a path gives a meaning to. */
const NAME = /^[A-Za-z]\w{0,39}$/;
const PLAIN_NAME = 'A letter, then letters, digits and _; at most 40 characters.';

/** As long as one attempt at a shard may call. */
const MAX_STEP_SECONDS = 840;
const MAX_CALLBACK_SECONDS = 7 * 24 * 3600;
const MAX_STEP_RETRIES = 10;
const MAX_STEP_VALUES = 100;
const MAX_EXPRESSION_CHARACTERS = 1_000;
const MAX_HEADERS = 50;
const MAX_URL_CHARACTERS = 4_000;

const nameSchema = z.string().regex(NAME, PLAIN_NAME);

/** Any JSON. */
export const StepBodySchema = z.json().meta({
  description:
    'Any JSON, sent with each text in it filled with the row; one that is a tag and nothing else becomes its value. A text is sent as it is filled.',
});

export const RowStepRequestSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
  url: z.string().max(MAX_URL_CHARACTERS).optional().meta({
    description: 'Filled with the row; a relative one is joined to the baseUrl of the connection',
  }),
  headers: z
    .record(z.string().regex(HEADER_NAME), z.string().max(MAX_HEADER_CHARACTERS))
    .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, `At most ${MAX_HEADERS}.`)
    .default({}),
  body: StepBodySchema.optional(),
});

export const RowStepResponseSchema = z.strictObject({
  values: z
    .record(nameSchema, z.string().max(MAX_EXPRESSION_CHARACTERS))
    .refine(
      (values) => Object.keys(values).length <= MAX_STEP_VALUES,
      `At most ${MAX_STEP_VALUES}.`,
    )
    .default({})
    .meta({
      description: 'Columns of the row: a JSON pointer into the answer, or an expression over it',
    }),
  file: z
    .strictObject({
      from: z.string().max(MAX_EXPRESSION_CHARACTERS).meta({
        description: '`body`, or a JSON pointer to base64 or to a URL of the same host',
      }),
      name: z.string().min(1).meta({ description: 'Its name in the archive: a pattern over tags' }),
    })
    .optional(),
});

export const RowStepSchema = z
  .strictObject({
    name: nameSchema.meta({ description: 'Its values are read as {name.column}' }),
    connectionId: ConnectionIdSchema.optional(),
    kind: z.enum(['http', 'dify']).default('http'),
    request: RowStepRequestSchema,
    response: RowStepResponseSchema.default({ values: {} }),
    mode: z.enum(['sync', 'callback']).default('sync').meta({
      description:
        'Where the answer is: in that to the request, or in a later request to the URL that {callbackUrl} stands for',
    }),
    timeoutSeconds: z
      .int()
      .min(1)
      .max(MAX_CALLBACK_SECONDS)
      .default(60)
      .meta({
        description: `For one try, at most ${MAX_STEP_SECONDS}; with mode callback until the callback has come, at most ${MAX_CALLBACK_SECONDS}`,
      }),
    retries: z.int().min(0).max(MAX_STEP_RETRIES).default(3),
    rateLimit: RateLimitSchema.optional(),
  })
  .refine(({ mode, timeoutSeconds }) => mode === 'callback' || timeoutSeconds <= MAX_STEP_SECONDS, {
    path: ['timeoutSeconds'],
    message: `At most ${MAX_STEP_SECONDS}; a step of mode callback may take longer.`,
  })
  .refine(({ mode, kind }) => mode === 'sync' || kind === 'http', {
    path: ['mode'],
    message: 'A run of a Dify workflow answers by itself: use kind http for one that calls back.',
  });
export type RowStep = z.infer<typeof RowStepSchema>;
