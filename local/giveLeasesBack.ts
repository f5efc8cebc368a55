/**
 * What functions hold of the tasks that are under way is given back once all of them have ended, so that
 * the next start goes on at once. After a kill it runs out by itself, as it does in AWS when a worker is
 * lost.
 */
import { sortPrefixes } from '../shared/keys.ts';
import { TABLE_KEYS, type OwnerIndexName } from '../shared/names.ts';
import type { ShardItem, TaskItem } from '../shared/schemas/items.ts';
import { itemsOf, keyOf, type TableCall, writes } from './dynamodb/tableCalls.ts';

/** Lists the tasks that have not ended. */
const ACTIVE: OwnerIndexName = 'activeByOwner';

/** A turn to tell, and a shard that is worked on: both are held until a time. */
const TURN: keyof TaskItem = 'pushLeaseUntil';
const SHARD: keyof ShardItem = 'leaseUntil';

/** Gives back every lease on shards, and every turn to tell, of the tasks that have not ended. */
export async function giveLeasesBack(call: TableCall, tableName: string): Promise<void> {
  const { partition, sort } = TABLE_KEYS;
  const giveBack = (item: Readonly<Record<string, unknown>>, lease: string) =>
    writes(call, 'UpdateItem', {
      TableName: tableName,
      Key: keyOf(item, [partition, sort]),
      UpdateExpression: 'SET #lease = :none',
      ConditionExpression: '#lease > :none',
      ExpressionAttributeNames: { '#lease': lease },
      ExpressionAttributeValues: { ':none': { N: '0' } },
    });

  for await (const task of itemsOf(call, 'Scan', { TableName: tableName, IndexName: ACTIVE })) {
    await giveBack(task, TURN);
    const shards = itemsOf(call, 'Query', {
      TableName: tableName,
      KeyConditionExpression: '#partition = :task AND begins_with(#sort, :shards)',
      ExpressionAttributeNames: { '#partition': partition, '#sort': sort },
      ExpressionAttributeValues: {
        ':task': task[partition],
        ':shards': { S: sortPrefixes.shards },
      },
    });
    for await (const shard of shards) await giveBack(shard, SHARD);
  }
}
