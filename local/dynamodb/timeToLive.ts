/** Deletes expired items (DynamoDB Developer Guide, "Time to Live"). */
import type { Store } from 'dynalite/db/index.js';
import { z } from 'zod';
import { ServiceError } from '../net/jsonService.ts';
import { runOperation } from './operations.ts';
import type { TableProperties } from './tableProperties.ts';

const PageSchema = z.object({
  Items: z.array(z.record(z.string(), z.unknown())),
  LastEvaluatedKey: z.record(z.string(), z.unknown()).optional(),
});

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
  let swept = 0;
  let start: Record<string, unknown> | undefined;
  do {
    const page = PageSchema.parse(
      await runOperation(store, 'Scan', {
        TableName: tableName,
        FilterExpression: '#expiry <= :now',
        ExclusiveStartKey: start,
        ...due,
      }),
    );
    for (const item of page.Items) {
      const Key = Object.fromEntries(
        KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]),
      );
      const deletion = {
        TableName: tableName,
        Key,
        ConditionExpression: '#expiry <= :now',
        ...due,
      };
      if (await deletes(store, deletion)) swept++;
    }
    start = page.LastEvaluatedKey;
  } while (start);
  return swept;
}

/** False when the item was given more time since it was seen. */
async function deletes(store: Store, deletion: object): Promise<boolean> {
  try {
    await runOperation(store, 'DeleteItem', deletion);
    return true;
  } catch (error) {
    if (error instanceof ServiceError && error.type.endsWith('ConditionalCheckFailedException')) {
      return false;
    }
    throw error;
  }
}
