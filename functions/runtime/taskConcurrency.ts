/** How many shards of one task are worked on at a time, at most. */
import { readEnvironment } from './environment.ts';

/** Needs TASK_CONCURRENCY. */
export const readTaskConcurrency = (): number =>
  Number(readEnvironment(['taskConcurrency']).taskConcurrency);
