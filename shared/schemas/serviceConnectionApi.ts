/** Requests and views of the routes of connections (docs/api.md, "Connections"). */
import * as z from 'zod';
import { MAX_PRICE_PER_CALL_USD } from '../limits.ts';
import { ConnectionIdSchema, TextSchema } from './common.ts';
import { RateLimitSchema } from './rateLimit.ts';

/** Names and values are judged by serviceConnections/rules.ts, which quotes no value. */
const headersSchema = z.record(z.string(), z.string());

/** Body of POST /connections. */
export const CreateConnectionSchema = z.strictObject({
  name: TextSchema.trim().min(1).max(200).describe('For people.').meta({ example: 'Dify' }),
  baseUrl: z
    .string()
    .meta({ example: 'https://api.dify.ai/v1' })
    .describe(
      'An https URL that is reachable from the internet, without query: what the URLs of row steps go on from.',
    ),
  headers: headersSchema
    .optional()
    .describe('Sent with every call, unless the step says otherwise. They are shown to you.'),
  secretHeaders: headersSchema
    .optional()
    .describe('Sent with every call. Their values are never shown again.')
    .meta({ examples: [{ authorization: 'Bearer app-…' }] }),
  rateLimit: RateLimitSchema.optional().describe(
    'How fast the service may be called, over all tasks.',
  ),
  pricePerCallUsd: z
    .number()
    .min(0)
    .max(MAX_PRICE_PER_CALL_USD)
    .optional()
    .describe('What a call costs, for estimates and budgets.'),
});
export type CreateConnection = z.infer<typeof CreateConnectionSchema>;

export const ConnectionViewSchema = z.object({
  connectionId: ConnectionIdSchema,
  name: z.string(),
  baseUrl: z.string(),
  headers: headersSchema,
  secretHeaders: z.array(z.string()).describe('Names alone: nobody is told what they hold.'),
  rateLimit: RateLimitSchema.nullable().describe('null: the connection has none of its own.'),
  pricePerCallUsd: z.number().nullable(),
  createdAt: z.iso.datetime(),
});
export type ConnectionView = z.infer<typeof ConnectionViewSchema>;
