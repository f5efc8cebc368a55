/**
 * Telling of ends that no workflow tells of: those of tasks on which nobody works, which a call ends. It tells by itself; should
 * its process die behind the write, a note that was written before has the sweeper do it.
 */
import { tellNotes } from '../deletion/dueNotes.ts';
import { TELL_AFTER_SECONDS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { isAtWork } from '../tasks/lifeCycle.ts';
import { taskStore } from '../tasks/taskStore.ts';
import type { ListenerPorts } from './listener.ts';
import { owedEvents } from './owed.ts';
import { publishEnd } from './publish.ts';

const seconds = ({ clock }: Pick<Ports, 'clock'>) => Math.floor(clock.now() / 1000);

/** To be called before the write that gives something to tell. */
export const noteToTell = (ports: Pick<Ports, 'table' | 'clock'>, taskId: string): Promise<void> =>
  tellNotes.note(ports, { id: taskId, dueAt: seconds(ports) + TELL_AFTER_SECONDS });

/**
 * Tells what notes say that nobody may have told.
 * @param untilMs nothing further is begun after this, by the monotonic clock
 */
export async function tellDue(
  ports: ListenerPorts,
  { untilMs }: { readonly untilMs: number },
): Promise<void> {
  for await (const due of tellNotes.at(ports, seconds(ports))) {
    const task = await taskStore.find(ports, due.id);
    const isOwed = task && !isAtWork(task.status) && owedEvents(task).length > 0;
    if (isOwed) await publishEnd(ports, task);
    await tellNotes.drop(ports, due);
    if (ports.clock.monotonicMs() >= untilMs) return;
  }
}
