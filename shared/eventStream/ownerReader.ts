/**
 * Following all tasks of an owner by looking at them. Which tasks there are, the owner's indexes say: those
 * that have not ended, and the newest, among which are those that ended between two looks.
 */
import { runLanes } from '../boundedWork.ts';
import { READS_AT_ONCE } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { taskStore } from '../tasks/taskStore.ts';
import type { Frame } from './frames.ts';
import { createTaskReader, type Look, type TaskReader } from './taskReader.ts';

/** The newest tasks that each look sees: more than are created between two. */
const NEWEST = 50;

export interface OwnerReader {
  /** How many tasks a look reads. */
  readonly reads: number;
  look(): Promise<Look>;
}

/**
 * @param known tasks that have not ended, with the number of the last event that need not be told of each
 * @param older tasks that had ended before, which are not told of
 */
export function createOwnerReader(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  known: ReadonlyMap<string, number | undefined>,
  older: Iterable<string>,
): OwnerReader {
  const readers = new Map<string, TaskReader>();
  /** Of tasks that have ended: the number of the end, where it was told, should they begin anew. */
  const over = new Map<string, number | undefined>([...older].map((id) => [id, undefined]));
  for (const [taskId, seq] of known) readers.set(taskId, createTaskReader(ports, taskId, seq));
  let reads = readers.size;

  /** The tasks that may have something to tell. */
  async function wanted(): Promise<TaskReader[]> {
    const statuses = new Map<string, string>();
    for await (const { pk, status } of taskStore.entries(ports, ownerId, 'activeByOwner')) {
      statuses.set(idOf(pk), status);
    }
    for (const taskId of await newestTasks(ports, ownerId)) {
      if (!statuses.has(taskId) && !over.has(taskId)) statuses.set(taskId, 'unknown');
    }
    for (const taskId of statuses.keys()) {
      if (readers.has(taskId)) continue;
      // The index is a moment behind, so one whose end was told may be there once more.
      const from = over.has(taskId) ? over.get(taskId) : 0;
      readers.set(taskId, createTaskReader(ports, taskId, from));
    }
    // What waits to be started has nothing to tell, and may be there in thousands.
    return [...readers].filter(([taskId]) => statuses.get(taskId) !== 'pending').map(([, r]) => r);
  }

  return {
    get reads() {
      return reads;
    },
    async look() {
      const looked = await wanted();
      reads = looked.length;
      const looks: Look[] = [];
      const work = looked.map((reader, i) => async () => {
        looks[i] = await reader.look();
      });
      await runLanes([{ atOnce: READS_AT_ONCE, work }]);
      const ended = new Set(looked.filter((_, i) => looks[i]?.isOver));
      for (const [taskId, reader] of readers) {
        if (!ended.has(reader)) continue;
        readers.delete(taskId);
        over.set(taskId, reader.seq);
      }
      const frames: Frame[] = looks.flatMap((look) => look.frames);
      return { frames, isOver: false };
    },
  };
}

/** Ids of the owner's newest tasks, whatever their state. */
export async function newestTasks(ports: Pick<Ports, 'table'>, ownerId: string): Promise<string[]> {
  const entries = await taskStore.newest(ports, ownerId, NEWEST);
  return entries.map(({ pk }) => idOf(pk));
}

/** The id in a task's key. */
export const idOf = (pk: string) => pk.slice(pk.indexOf('#') + 1);
