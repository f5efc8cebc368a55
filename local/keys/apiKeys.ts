/** The development key of a local cloud, in its table; others are made by `sheaf keys`. */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { hashSecret } from '../../shared/access/secrets.ts';
import { developmentKeys, tableKeys } from '../../shared/keys.ts';
import { OWNER_INDEXES, TABLE_KEYS, type OwnerIndexName } from '../../shared/names.ts';
import type { ApiKeyItemSchema } from '../../shared/schemas/items.ts';
import { itemsOf, keyOf, type TableCall, writes } from '../dynamodb/tableCalls.ts';

/** A table, by whatever way it is reached. */
export interface KeyTable {
  readonly tableName: string;
  readonly call: TableCall;
}

/** Whose things the development key reaches; the same for every key, so that none are lost. */
export const LOCAL_OWNER = 'local';
const DEVELOPMENT = 'development';

/** 256 bits: a key that nobody guesses needs no slow hash. */
const KEY_BYTES = 32;

/** A key that nobody has yet. */
export const newApiKey = (): string =>
  `sheaf_local_${randomBytes(KEY_BYTES).toString('base64url')}`;

const KEYS_OF_ITEM = [TABLE_KEYS.partition, TABLE_KEYS.sort];

/** False when there is such a key, and it is not one that this may take the place of. */
function put(
  { call, tableName }: KeyTable,
  apiKey: string,
  owner: Pick<z.infer<typeof ApiKeyItemSchema>, 'ownerId' | 'name'>,
  more: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const keyHash = hashSecret(apiKey);
  const item: z.infer<typeof ApiKeyItemSchema> = { ...owner, keyHash, createdAt: Date.now() };
  const attributes = Object.entries({ ...tableKeys.apiKey(keyHash), ...item, ...more }).map(
    ([name, value]) => [name, typeof value === 'number' ? { N: String(value) } : { S: value }],
  );
  return writes(call, 'PutItem', {
    TableName: tableName,
    Item: Object.fromEntries(attributes) as object,
    ConditionExpression: 'attribute_not_exists(#key) OR #name = :development',
    ExpressionAttributeNames: { '#key': TABLE_KEYS.partition, '#name': 'name' },
    ExpressionAttributeValues: { ':development': { S: DEVELOPMENT } },
  });
}

/**
 * Makes this the one development key: those of earlier starts are good no more. Repeating it changes
 * nothing.
 * @throws Error for a key that somebody was given
 */
export async function setDevelopmentKey(table: KeyTable, apiKey: string): Promise<void> {
  const { call, tableName } = table;
  const index: OwnerIndexName = 'byOwner';
  const { partition, sort } = OWNER_INDEXES[index];
  const { pk } = tableKeys.apiKey(hashSecret(apiKey));
  const earlier = itemsOf(call, 'Query', {
    TableName: tableName,
    IndexName: index,
    KeyConditionExpression: '#partition = :keys',
    FilterExpression: '#key <> :present',
    ExpressionAttributeNames: { '#partition': partition, '#key': TABLE_KEYS.partition },
    ExpressionAttributeValues: { ':keys': { S: developmentKeys }, ':present': { S: pk } },
  });
  for await (const item of earlier) {
    await call('DeleteItem', { TableName: tableName, Key: keyOf(item, KEYS_OF_ITEM) });
  }
  const found = { [partition]: developmentKeys, [sort]: pk };
  if (await put(table, apiKey, { ownerId: LOCAL_OWNER, name: DEVELOPMENT }, found)) return;
  throw new Error(
    'SHEAF_API_KEY is a key that an owner was given by sheaf keys. Choose another one, or none.',
  );
}
