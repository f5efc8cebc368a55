/** API keys of the HTTPS API. How one is made: docs/operations.md, "API keys". */
import { timingSafeEqual } from 'node:crypto';
import { tableKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import { ApiKeyItemSchema } from '../schemas/items.ts';
import { hashSecret } from './secrets.ts';

const BEARER = /^Bearer ([\x21-\x7e]{8,200})$/i;

/** The owner of the key in an `Authorization: Bearer …` header, or undefined when there is none. */
export async function findOwner(
  { table }: Pick<Ports, 'table'>,
  authorization: string | undefined,
): Promise<string | undefined> {
  const key = BEARER.exec(authorization ?? '')?.[1];
  if (key === undefined) return undefined;
  const keyHash = hashSecret(key);
  const item = await table.get(tableKeys.apiKey(keyHash));
  if (!item) return undefined;
  const stored = ApiKeyItemSchema.parse(item);
  const same = timingSafeEqual(Buffer.from(stored.keyHash), Buffer.from(keyHash));
  return same ? stored.ownerId : undefined;
}
