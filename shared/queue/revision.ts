/** Doing something with a task in two steps, of which the second counts only if the task is as it was. */
import { tableKeys } from '../keys.ts';
import type { Condition, Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import { changeTask } from '../tasks/taskStore.ts';

/** Long ago for every clock: an item that is past this is there for no reader. */
const PAST_MS = 60_000;

/** Holds while the task is in the state, and has been all the time, in which it was seen. */
export const unchanged = ({ revision }: TaskItem): Condition => ({
  all: [
    { present: 'pk' },
    revision === undefined
      ? { absent: 'revision' }
      : { attribute: 'revision', is: '=', value: revision },
  ],
});

/**
 * Makes vain whatever somebody is about to do with a task that was seen so, or not at all: a task is then not
 * changed, or created, any more by who did not look again.
 * @returns whether that is so now
 */
export async function makeVain(
  { table, clock }: Pick<Ports, 'table' | 'clock'>,
  taskId: string,
  seen: TaskItem | undefined,
): Promise<boolean> {
  if (seen) {
    const vain = await changeTask({ table }, taskId, { add: { revision: 1 } }, unchanged(seen));
    return vain !== undefined;
  }
  const key = tableKeys.task(taskId);
  const past = Math.floor((clock.now() - PAST_MS) / 1000);
  // Nobody reads it, and a task is created only where nothing is.
  if (await table.put(key, { expiresAt: past }, { absent: 'pk' })) return true;
  // A task that has expired, or such an item, is there until the table has cleared it away.
  const expired: Condition = { attribute: 'expiresAt', is: '<=', value: past };
  return (await table.update(key, { add: { revision: 1 } }, expired)) !== undefined;
}
