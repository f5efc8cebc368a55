/**
 * Processes that act on the tasks of one owner at the same time: each call of a port waits for its turn,
 * which a given choice decides, and a process may die at any of its calls.
 */
import { isAtWork } from '../../../shared/tasks/lifeCycle.ts';
import { tableKeys } from '../../../shared/keys.ts';
import { TaskItemSchema, type TaskItem } from '../../../shared/schemas/items.ts';
import { QuotaItemSchema } from '../../../shared/schemas/quota.ts';
import type { Table } from '../../../shared/ports.ts';
import type { QueuePorts } from '../../../shared/queue/runs.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { OWNER } from '../../support/tasks.ts';

/** At which of its calls a process ends, counted from 1, and whether that call has its effect. */
export interface Death {
  readonly at: number;
  readonly effect: boolean;
}

export type Process = (ports: QueuePorts) => Promise<unknown>;

export interface World {
  readonly ports: MemoryPorts;
  /** Begins a process; it goes on when the world runs. */
  launch(process: Process, death?: Death): void;
  /**
   * Lets processes go on, one call at a time, until all have ended.
   * @param choose which of so many goes next
   * @param after told after each call that may have changed something
   */
  run(choose: (count: number) => number, after?: () => void): Promise<void>;
  /** What processes threw. */
  readonly errors: unknown[];
  /** How many calls were made. */
  calls(): number;
}

export function createWorld(): World {
  const ports = createMemoryPorts();
  const waiting: (() => void)[] = [];
  const errors: unknown[] = [];
  let calls = 0;

  function launch(process: Process, death?: Death) {
    let made = 0;
    const live = async <T>(effect: () => Promise<T>): Promise<T> => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      calls++;
      if (death && ++made >= death.at) {
        if (made === death.at && death.effect) await effect();
        // Nobody hears of it any more.
        return new Promise<never>(() => undefined);
      }
      return effect();
    };
    const { table, workflow, connections } = ports;
    const lively: Table = {
      get: (key) => live(() => table.get(key)),
      put: (...call) => live(() => table.put(...call)),
      update: (...call) => live(() => table.update(...call)),
      delete: (...call) => live(() => table.delete(...call)),
      query: (query) => live(() => table.query(query)),
    };
    void process({
      ...ports,
      table: lively,
      workflow: { ...workflow, start: (...call) => live(() => workflow.start(...call)) },
      connections: { send: (...call) => live(() => connections.send(...call)) },
    }).catch((error: unknown) => errors.push(error));
  }

  async function run(choose: (count: number) => number, after: () => void = () => undefined) {
    let checked = -1;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const { put, update, delete: removed } = ports.table.calls;
      if (checked !== put + update + removed) after();
      checked = put + update + removed;
      if (waiting.length === 0) return;
      const [next] = waiting.splice(choose(waiting.length), 1);
      next?.();
    }
  }

  return { ports, launch, run, errors, calls: () => calls };
}

/** All tasks, as they are. */
export const tasksOf = ({ ports }: World): TaskItem[] =>
  ports.table
    .items()
    .filter((item) => item['sk'] === 'META' && item['taskId'] !== undefined)
    .map((item) => TaskItemSchema.parse(item));

export const atWork = (world: World): TaskItem[] =>
  tasksOf(world).filter(({ status }) => isAtWork(status));

export const quotaOf = ({ ports }: World) =>
  QuotaItemSchema.parse(
    ports.table.items().find((item) => item['sk'] === tableKeys.quota(OWNER).sk) ?? {},
  );

/** Tasks in the queue, in the order of their turn. */
export const queued = ({ ports }: World): unknown[] =>
  ports.table
    .items()
    .filter((item) => String(item['sk']).startsWith('QUEUE#'))
    .map((item) => item['taskId']);
