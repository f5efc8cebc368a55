/**
 * Which tasks use a template or a data source: what they are made from must stay as long as they may go on.
 * A use is noted before the task looks whether what it uses is there, and whoever deletes it looks for uses
 * after it is gone for everybody: one of the two sees the other.
 */
import * as z from 'zod';
import { runLanes } from '../boundedWork.ts';
import { everyItem } from '../everyItem.ts';
import { itemOf, sortPrefixes, tableKeys } from '../keys.ts';
import { DELETES_AT_ONCE, NOTE_GRACE_MS } from '../limits.ts';
import type { Ports } from '../ports.ts';

const UseSchema = z.object({ taskId: z.string(), notedAt: z.int() });

/** Notes that a task uses these templates and data sources; the same again is the same item. */
export async function noteUses(
  { table, clock }: Pick<Ports, 'table' | 'clock'>,
  taskId: string,
  ids: readonly string[],
): Promise<void> {
  const notedAt = clock.now();
  const work = ids.map((id) => async () => {
    await table.put(tableKeys.use(id, taskId), { taskId, notedAt });
  });
  await runLanes([{ atOnce: DELETES_AT_ONCE, work }]);
}

/**
 * Whether a task that is there uses it, or may be about to be there; uses of others are forgotten on the way.
 */
export async function isUsed(
  { table, clock }: Pick<Ports, 'table' | 'clock'>,
  id: string,
): Promise<boolean> {
  const query = { partition: itemOf(id).pk, prefix: sortPrefixes.uses };
  for await (const item of everyItem({ table }, query)) {
    const { taskId, notedAt } = UseSchema.parse(item);
    if (Math.abs(clock.now() - notedAt) < NOTE_GRACE_MS) return true;
    if (await table.get(tableKeys.task(taskId))) return true;
    await table.delete(tableKeys.use(id, taskId));
  }
  return false;
}
