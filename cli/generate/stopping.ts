/** How Ctrl+C ends jobs: once pauses their tasks, twice cancels them, a third time ends at once. */
import type { SheafClient } from '../../client/client.ts';
import { ApiError } from '../../client/errors.ts';
import type { Interrupts } from '../context.ts';
import { Interrupted } from '../errors.ts';

export interface Stopping {
  readonly isAsked: () => boolean;
  /** Aborted when it is asked: for what can be left where it is, such as an upload. */
  readonly signal: AbortSignal;
  /** From now on a stop pauses or cancels this task; returns how to end that. */
  readonly watch: (taskId: string) => () => void;
}

/** @param note told what is done about it */
export function createStopping(
  client: Pick<SheafClient, 'pauseTask' | 'cancelTask'>,
  interrupts: Interrupts,
  note: (text: string) => void,
): Stopping {
  const controller = new AbortController();
  const tasks = new Set<string>();
  let wish: 'none' | 'pause' | 'cancel' = 'none';

  /** Of a task that has ended meanwhile there is nothing to stop. */
  const ask = (taskId: string) =>
    (wish === 'pause' ? client.pauseTask({ taskId }) : client.cancelTask({ taskId })).catch(
      (error: unknown) => {
        if (error instanceof ApiError && error.status < 500) return;
        note(`The task ${taskId} could not be stopped: it goes on.`);
      },
    );

  interrupts.handle((nth) => {
    wish = nth === 1 ? 'pause' : 'cancel';
    if (tasks.size > 0) {
      note(
        nth === 1 ? 'Pausing. Ctrl+C again cancels.' : 'Cancelling. Ctrl+C again leaves at once.',
      );
    }
    controller.abort(new Interrupted());
    for (const taskId of tasks) void ask(taskId);
  }, 2);

  return {
    isAsked: () => wish !== 'none',
    signal: controller.signal,
    watch(taskId) {
      tasks.add(taskId);
      if (wish !== 'none') void ask(taskId);
      return () => void tasks.delete(taskId);
    },
  };
}
