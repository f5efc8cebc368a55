/** The failure that every document of a failed shard has. */
import type { RowFailure } from '../schemas/common.ts';
import type { ShardItem } from '../schemas/items.ts';

export const failureOfShard = (shard: ShardItem): RowFailure => ({
  code: 'SHARD_FAILED',
  detail: `${shard.error?.message ?? 'The shard failed.'} No single row is to blame as far as is known: make a new task with these rows.`,
});
