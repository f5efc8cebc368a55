/** How long each stage of a run takes. */

export interface Stages {
  /** Times work as a stage of its own. */
  readonly time: <T>(stage: string, work: () => Promise<T>) => Promise<T>;
  /** Begins a stage, which ends the one before; without effect while the stage lasts. */
  enter(stage: string): void;
  /** Ends the present stage. */
  leave(): void;
  /** Seconds by stage, in the order of their beginnings. */
  seconds(): Record<string, number>;
}

export function startStages(): Stages {
  const times = new Map<string, number>();
  let present: { stage: string; since: number } | undefined;

  const leave = () => {
    if (!present) return;
    const { stage, since } = present;
    times.set(stage, (times.get(stage) ?? 0) + (performance.now() - since) / 1000);
    present = undefined;
  };
  const enter = (stage: string) => {
    if (present?.stage === stage) return;
    leave();
    present = { stage, since: performance.now() };
  };
  return {
    enter,
    leave,
    async time(stage, work) {
      enter(stage);
      try {
        return await work();
      } finally {
        leave();
      }
    },
    seconds: () => Object.fromEntries(times),
  };
}

/** Seconds of these stages together; one that the run did not have takes none. */
export const secondsOfStages = (
  seconds: Readonly<Record<string, number>>,
  stages: readonly string[],
): number => stages.reduce((sum, stage) => sum + (seconds[stage] ?? 0), 0);
