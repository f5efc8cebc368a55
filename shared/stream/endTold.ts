/**
 * Who tells which connection of a task's end, so that it hears of it once: the publisher tells everyone
 * who was subscribed before, a subscriber's own call tells one that came around the end or after it.
 * Whoever claims a connection first tells it. A thousand connections are a few items, not a thousand.
 */
import { runLanes } from '../boundedWork.ts';
import { tableKeys } from '../keys.ts';
import { END_CLAIM_ITEMS, END_CLAIMS_PER_WRITE, READS_AT_ONCE } from '../limits.ts';
import type { ItemKey, Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';

export type EndTeller = 'publisher' | 'subscriber';

const attributeOf = (connectionId: string) => `to#${connectionId}`;

/** FNV-1a: spreads connections evenly over the items. */
function itemOf(connectionId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < connectionId.length; i++) {
    hash = Math.imul(hash ^ connectionId.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % END_CLAIM_ITEMS;
}

/** Claims a few connections of one item; those that are to be told. */
async function claimSome(
  { table }: Pick<Ports, 'table'>,
  key: ItemKey,
  ids: readonly string[],
  by: EndTeller,
): Promise<string[]> {
  const tell: string[] = [];
  for (let free = [...ids]; free.length > 0;) {
    const claims = Object.fromEntries(free.map((id) => [attributeOf(id), by]));
    const claimed = await table.update(
      key,
      { set: claims },
      { all: free.map((id) => ({ absent: attributeOf(id) })) },
    );
    if (claimed) return [...tell, ...free];
    const item = (await table.get(key)) ?? {};
    const taken = free.filter((id) => item[attributeOf(id)] !== undefined);
    // Of a publisher that broke down nobody knows whom it told: better twice, with the same seq, than
    // never. It claims no connection anew once everyone was told.
    if (by === 'publisher') tell.push(...taken.filter((id) => item[attributeOf(id)] === by));
    free = free.filter((id) => !taken.includes(id));
  }
  return tell;
}

/** Claims connections for a teller of the end of a task's run; those that it is to tell. */
export async function claimEnd(
  ports: Pick<Ports, 'table'>,
  { taskId, run }: Pick<TaskItem, 'taskId' | 'run'>,
  connectionIds: Iterable<string>,
  by: EndTeller,
): Promise<Set<string>> {
  const items = new Map<number, string[]>();
  for (const id of connectionIds) {
    const item = itemOf(id);
    items.set(item, [...(items.get(item) ?? []), id]);
  }
  const tell = new Set<string>();
  const work = [...items].map(([item, ids]) => async () => {
    const key = tableKeys.endTold(taskId, run, item);
    for (let i = 0; i < ids.length; i += END_CLAIMS_PER_WRITE) {
      const some = ids.slice(i, i + END_CLAIMS_PER_WRITE);
      for (const id of await claimSome(ports, key, some, by)) tell.add(id);
    }
  });
  await runLanes([{ atOnce: READS_AT_ONCE, work }]);
  return tell;
}
