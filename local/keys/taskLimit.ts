/** What the owner of the development key may have at a time; others are given limits by `sheaf keys`. */
import { tableKeys } from '../../shared/keys.ts';
import type { KeyTable } from './apiKeys.ts';

/** Sets how many tasks an owner may have at work at a time. Tasks that wait notice within a minute. */
export async function setTaskLimit(
  { call, tableName }: KeyTable,
  ownerId: string,
  taskLimit: number,
): Promise<void> {
  const { pk, sk } = tableKeys.quota(ownerId);
  await call('UpdateItem', {
    TableName: tableName,
    Key: { pk: { S: pk }, sk: { S: sk } },
    UpdateExpression: 'SET #limit = :value',
    ExpressionAttributeNames: { '#limit': 'taskLimit' },
    ExpressionAttributeValues: { ':value': { N: String(taskLimit) } },
  });
}
