/** Changing a shard that nobody of a plan works on. */
import type { Change, Condition, Ports } from '../ports.ts';
import { ShardItemSchema, type ShardItem } from '../schemas/items.ts';
import { keyOfShard } from './lease.ts';

/** What a shard is changed by, as long as nobody else changes it. */
export type ChangeOf = (shard: ShardItem) => Change | undefined;

/**
 * Changes a shard that nobody of this plan works on, however often others change it meanwhile.
 * @param changeOf undefined when it needs no change
 * @returns the shard as it is then
 */
export async function changeShard(
  { table }: Pick<Ports, 'table'>,
  seen: ShardItem,
  changeOf: ChangeOf,
): Promise<ShardItem> {
  const key = keyOfShard(seen);
  let shard = seen;
  for (let change = changeOf(shard); change; change = changeOf(shard)) {
    // A checkpoint changes what is kept, and moves the lease.
    const unchanged: Condition = {
      all: (['attempt', 'status', 'leaseUntil'] as const).map((attribute) => ({
        attribute,
        is: '=',
        value: shard[attribute],
      })),
    };
    const item = (await table.update(key, change, unchanged)) ?? (await table.get(key));
    if (!item) throw new Error(`The shard from row ${shard.firstRow} on is gone.`);
    shard = ShardItemSchema.parse(item);
  }
  return shard;
}
