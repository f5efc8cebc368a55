/** Deleting what is below a prefix of the bucket, or in a partition of the table, a page at a time. */
import { runLanes } from '../boundedWork.ts';
import { DELETES_AT_ONCE, DELETION_PAGE } from '../limits.ts';
import type { ItemKey, Ports } from '../ports.ts';

/** Deletes a page of objects; whether there may be more. */
export async function clearObjects(
  { objects }: Pick<Ports, 'objects'>,
  prefix: string,
): Promise<boolean> {
  const { keys, isAll } = await objects.list(prefix, DELETION_PAGE);
  const work = keys.map((key) => () => objects.delete(key));
  await runLanes([{ atOnce: DELETES_AT_ONCE, work }]);
  return !isAll;
}

/** Deletes a page of the items that share a partition with this one, but for it; whether there may be more. */
export async function clearItems(
  { table }: Pick<Ports, 'table'>,
  { pk, sk: own }: ItemKey,
): Promise<boolean> {
  const { items, next } = await table.query({ partition: pk, limit: DELETION_PAGE });
  const work = items
    .map(({ sk }) => String(sk))
    .filter((sk) => sk !== own)
    .map((sk) => async () => void (await table.delete({ pk, sk })));
  await runLanes([{ atOnce: DELETES_AT_ONCE, work }]);
  return next !== undefined;
}
