/** Asynchronous work within bounds: so much of it at once, and nothing more after a failure. */

/** Pieces of work of one kind, of which at most `atOnce` are under way. */
export interface Lane {
  readonly atOnce: number;
  readonly work: readonly (() => Promise<void>)[];
}

/**
 * Does the work of all lanes side by side. After a failure nothing more is begun; what is under way
 * is awaited, so that the caller can clean up behind it, and the first error is thrown.
 */
export async function runLanes(lanes: readonly Lane[]): Promise<void> {
  const errors: unknown[] = [];

  async function worker(queue: Iterator<() => Promise<void>>) {
    for (let next = queue.next(); !next.done && errors.length === 0; next = queue.next()) {
      try {
        await next.value();
      } catch (error) {
        errors.push(error);
      }
    }
  }

  await Promise.all(
    lanes.flatMap(({ atOnce, work }) => {
      const queue = work.values();
      return Array.from({ length: Math.min(atOnce, work.length) }, () => worker(queue));
    }),
  );
  if (errors.length > 0) throw errors[0];
}

/**
 * Does both, and waits for both, so that nothing goes on behind the caller.
 * @throws what one of them threw
 */
export async function sideBySide<A, B>(
  one: () => Promise<A>,
  other: () => Promise<B>,
): Promise<[A, B]> {
  const both = [one(), other()] as const;
  await Promise.allSettled(both);
  return Promise.all(both);
}

/** Work that goes on beside whoever begins it. */
export interface SideWork {
  /**
   * Begins a piece of work, once fewer than `atOnce` are under way.
   * @throws the first failure of what was begun before; nothing is begun then
   */
  begin(work: () => Promise<void>): Promise<void>;
  /** `begin` would not wait. */
  readonly free: boolean;
  /** Waits for everything that is under way. @throws the first failure of what was begun */
  settle(): Promise<void>;
}

/** @param atOnce pieces of work under way at the most */
export function createSideWork(atOnce: number): SideWork {
  const underWay = new Set<Promise<void>>();
  const errors: unknown[] = [];
  const throwFirst = () => {
    if (errors.length > 0) throw errors[0];
  };

  return {
    async begin(work) {
      while (underWay.size >= atOnce && errors.length === 0) await Promise.race(underWay);
      throwFirst();
      const ended = work()
        .catch((error: unknown) => void errors.push(error))
        .finally(() => underWay.delete(ended));
      underWay.add(ended);
    },
    get free() {
      return underWay.size < atOnce || errors.length > 0;
    },
    async settle() {
      await Promise.all(underWay);
      throwFirst();
    },
  };
}

/**
 * Lets what is under way go on. Whoever computes for long without waiting for anything keeps even a
 * request that was begun from being sent.
 */
export const giveTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
