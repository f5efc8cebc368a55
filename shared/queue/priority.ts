/** Moving a task in the queue. */
import type { Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import { changeTask } from '../tasks/taskStore.ts';
import { addEntry, placeOf, removeEntry, removeUnused } from './entries.ts';
import { unchanged } from './revision.ts';

/**
 * Gives a task another priority. One that waits gets the place that it would have had with it.
 * @returns the task after that; undefined when it has changed since it was seen
 */
export async function changePriority(
  ports: Pick<Ports, 'table' | 'clock'>,
  seen: TaskItem,
  priority: number,
): Promise<TaskItem | undefined> {
  const options = { ...seen.options, priority };
  const moved = { ...seen, options };
  const moves = seen.status === 'queued' && placeOf(moved).sk !== placeOf(seen).sk;
  if (moves) await addEntry(ports, moved, ports.clock.now());
  const changed = await changeTask(
    ports,
    seen.taskId,
    { set: { options }, add: { revision: 1 } },
    unchanged(seen),
  );
  if (moves) await (changed ? removeEntry(ports, seen) : removeUnused(ports, moved));
  return changed;
}
