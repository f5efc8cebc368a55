/** Deletes expired items (DynamoDB Developer Guide, "Time to Live"). */
import type { Store } from 'dynalite/db/index.js';
import { runOperation } from './operations.ts';
import { itemsOf, keyOf, type TableCall, writes } from './tableCalls.ts';
import type { TableProperties } from './tableProperties.ts';

/**
 * Deletes the items of a table whose time has passed; returns how many.
 * @param now epoch seconds
 */
export async function sweepTable(
  store: Store,
  tableName: string,
  { KeySchema, TimeToLiveSpecification }: TableProperties,
  now: number,
): Promise<number> {
  const { AttributeName: expiry, Enabled } = TimeToLiveSpecification ?? {};
  if (!Enabled || expiry === undefined) return 0;
  const due = {
    ExpressionAttributeNames: { '#expiry': expiry },
    ExpressionAttributeValues: { ':now': { N: String(now) } },
  };
  const call: TableCall = (operation, input) => runOperation(store, operation, input);
  const expired = { TableName: tableName, FilterExpression: '#expiry <= :now', ...due };
  const keys = KeySchema.map(({ AttributeName }) => AttributeName);
  let swept = 0;
  for await (const item of itemsOf(call, 'Scan', expired)) {
    const deletion = {
      TableName: tableName,
      Key: keyOf(item, keys),
      ConditionExpression: '#expiry <= :now',
      ...due,
    };
    // One that was given more time since it was seen stays.
    if (await writes(call, 'DeleteItem', deletion)) swept++;
  }
  return swept;
}
