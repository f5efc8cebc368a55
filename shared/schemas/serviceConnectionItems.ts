/** Connections to services of others in the table. */
import * as z from 'zod';
import { ConnectionIdSchema } from './common.ts';
import { RateLimitSchema } from './rateLimit.ts';

/** OWNER#id / SERVICE#id. What its secret headers hold lies in Secrets Manager, and nowhere else. */
export const ServiceConnectionItemSchema = z.object({
  connectionId: ConnectionIdSchema,
  ownerId: z.string(),
  name: z.string(),
  /** Without query and fragment. */
  baseUrl: z.string(),
  headers: z.record(z.string(), z.string()),
  /** Names of the headers whose values are secret. */
  secretHeaders: z.array(z.string()),
  /** Of the secret that holds those values; absent where there are none. */
  secretName: z.string().optional(),
  rateLimit: RateLimitSchema.optional(),
  pricePerCallUsd: z.number().optional(),
  /** In ms since 1970. */
  createdAt: z.int().min(0),
});
export type ServiceConnectionItem = z.infer<typeof ServiceConnectionItemSchema>;
