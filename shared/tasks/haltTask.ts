/** The end of a run that was paused: the task waits from here on. */
import { changeToTell, type PublishPorts } from '../events/publish.ts';
import type { Counts } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';
import { nextStatus } from './lifeCycle.ts';
import { inStatus } from './taskStore.ts';

/** Whether the task is to wait once its shards have stopped. One that a failed document stopped ends. */
export const isToHalt = ({ status, stopReason }: TaskItem) =>
  nextStatus(status, 'halt') !== undefined && stopReason === 'pause';

/**
 * Lets a task wait whose shards have all stopped. This is the last thing its run does: had another step
 * to follow, the task could be cancelled in between, and nobody would join what was made.
 * @param counts as the shards recorded them, with what was taken over where there is an earlier task
 * @returns false when the task moved on meanwhile
 */
export async function haltTask(
  ports: PublishPorts,
  task: TaskItem,
  counts: Counts & Pick<TaskItem, 'reused'>,
): Promise<boolean> {
  const status = nextStatus(task.status, 'halt');
  if (!status) return false;
  const halted = await changeToTell(ports, task, {
    changes: { status, stage: 'waiting', ...counts, charged: counts.succeeded },
    condition: {
      all: [
        { attribute: 'run', is: '=', value: task.run },
        { attribute: 'stopReason', is: '=', value: 'pause' },
        inStatus([task.status]),
      ],
    },
    at: ports.clock.now(),
  });
  if (!halted) return false;
  ports.log.info('Task paused.', { taskId: task.taskId, ...counts });
  await halted.tell();
  return true;
}
