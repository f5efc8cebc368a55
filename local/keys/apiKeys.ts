/** The API keys of a local cloud, in its table: what docs/operations.md does by hand in AWS. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { hashSecret } from '../../shared/access/secrets.ts';
import { developmentKeys, tableKeys } from '../../shared/keys.ts';
import { OWNER_INDEXES, TABLE_KEYS, type OwnerIndexName } from '../../shared/names.ts';
import { ApiKeyItemSchema } from '../../shared/schemas/items.ts';
import { itemsOf, keyOf, type TableCall, writes } from '../dynamodb/tableCalls.ts';

/** A table, by whatever way it is reached. */
export interface KeyTable {
  readonly tableName: string;
  readonly call: TableCall;
}

/** A key as it is listed: never the key itself, which nobody has but who was given it. */
export interface ListedKey {
  readonly ownerId: string;
  /** The beginning of its hash. */
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
}

/** Whose things the development key reaches; the same for every key, so that none are lost. */
export const LOCAL_OWNER = 'local';
const DEVELOPMENT = 'development';

/** 256 bits: a key that nobody guesses needs no slow hash. */
const KEY_BYTES = 32;
/** Digits of a hash by which people tell keys apart. */
const ID_DIGITS = 12;

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
    'SHEAF_API_KEY is a key that an owner was given by npm run keys. Choose another one, or none.',
  );
}

/** Gives an owner one more key. */
export async function addKey(table: KeyTable, ownerId: string): Promise<string> {
  const apiKey = newApiKey();
  await put(table, apiKey, { ownerId, name: 'npm run keys' });
  return apiKey;
}

const text = z.object({ S: z.string() }).transform(({ S }) => S);
const StoredSchema = z
  .object({
    ownerId: text,
    keyHash: text,
    name: text,
    createdAt: z.object({ N: z.coerce.number() }).transform(({ N }) => N),
  })
  .pipe(ApiKeyItemSchema);

/** All keys with their items, the oldest of an owner first. */
async function storedKeys({ call, tableName }: KeyTable) {
  const found: { listed: ListedKey; key: object }[] = [];
  const items = itemsOf(call, 'Scan', {
    TableName: tableName,
    FilterExpression: 'begins_with(#key, :keys)',
    ExpressionAttributeNames: { '#key': TABLE_KEYS.partition },
    ExpressionAttributeValues: { ':keys': { S: tableKeys.apiKey('').pk } },
  });
  for await (const item of items) {
    const { keyHash, ...stored } = StoredSchema.parse(item);
    const listed = { ...stored, id: keyHash.slice(0, ID_DIGITS) };
    found.push({ listed, key: keyOf(item, KEYS_OF_ITEM) });
  }
  const order = (a: ListedKey, b: ListedKey) =>
    a.ownerId.localeCompare(b.ownerId) || a.createdAt - b.createdAt;
  return found.sort((a, b) => order(a.listed, b.listed));
}

/** All keys, the oldest of an owner first. */
export const listKeys = async (table: KeyTable): Promise<ListedKey[]> =>
  (await storedKeys(table)).map(({ listed }) => listed);

/**
 * Takes keys from an owner: all, or the one whose id is given. The development key stays, as the next
 * start would make it again.
 * @returns those that were removed
 */
export async function removeKeys(
  table: KeyTable,
  ownerId: string,
  id: string | undefined,
): Promise<ListedKey[]> {
  const removed: ListedKey[] = [];
  for (const { listed, key } of await storedKeys(table)) {
    if (listed.ownerId !== ownerId || listed.name === DEVELOPMENT) continue;
    if (id !== undefined && listed.id !== id) continue;
    await table.call('DeleteItem', { TableName: table.tableName, Key: key });
    removed.push(listed);
  }
  return removed;
}
