/** The development API key, as an item of the table: what docs/operations.md does by hand in AWS. */
import type { z } from 'zod';
import { hashSecret } from '../shared/access/secrets.ts';
import { tableKeys } from '../shared/keys.ts';
import type { ApiKeyItemSchema } from '../shared/schemas/items.ts';
import type { TableEngine } from './dynamodb/tableEngine.ts';

/** Whose things the development key reaches; the same for every key, so that none are lost. */
const LOCAL_OWNER = 'local';

/** Stores the key's hash; repeating it changes nothing. */
export async function seedApiKey(
  table: Pick<TableEngine, 'call'>,
  tableName: string,
  apiKey: string,
): Promise<void> {
  const keyHash = hashSecret(apiKey);
  const item: z.infer<typeof ApiKeyItemSchema> = {
    ownerId: LOCAL_OWNER,
    keyHash,
    name: 'development',
    createdAt: Date.now(),
  };
  const attributes = Object.entries({ ...tableKeys.apiKey(keyHash), ...item }).map(
    ([name, value]) => [name, typeof value === 'number' ? { N: String(value) } : { S: value }],
  );
  await table.call('PutItem', {
    TableName: tableName,
    Item: Object.fromEntries(attributes) as object,
  });
}
