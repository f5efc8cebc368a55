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
