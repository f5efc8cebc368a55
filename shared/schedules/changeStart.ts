/** Setting, putting off or taking back the time at which a task starts by itself. */
import type { QueuePorts } from '../queue/runs.ts';
import type { TaskItem } from '../schemas/items.ts';
import { invalidState, nextStatus } from '../tasks/lifeCycle.ts';
import { schedule, unschedule } from './schedule.ts';
import { readStartAt } from './startAt.ts';

/**
 * Has a task that was not started yet start at a time, or by nobody's doing but a call.
 * @param startAt as the request has it; null for no time
 * @returns the task after that, which may be as it was; undefined when it has changed since it was seen
 * @throws Problem VALIDATION_ERROR (the time), INVALID_STATE
 */
export async function changeStart(
  ports: QueuePorts,
  seen: TaskItem,
  startAt: string | null,
  by: string,
): Promise<TaskItem | undefined> {
  if (!nextStatus(seen.status, 'schedule')) throw invalidState(seen.status, 'scheduled');
  if (startAt === null) {
    return seen.status === 'scheduled' ? unschedule(ports, seen, { by }) : seen;
  }
  const at = readStartAt(startAt, ports.clock.now());
  if (seen.status === 'scheduled' && seen.startAt === at) return seen;
  return schedule(ports, seen, { startAt: at, by });
}
