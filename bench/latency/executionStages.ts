/** Where the time of tasks went, as the journals of the local cloud's executions have it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

export interface StageTimes {
  /** From the execution's start to its end, in ms. */
  readonly wholeMs: number;
  /** In each state, in ms. */
  readonly stepsMs: Readonly<Record<string, number>>;
}

/** The events of a history that tell when a state was entered and left. */
const LineSchema = z.object({
  kind: z.string(),
  event: z
    .object({
      timestamp: z.number(),
      stateEnteredEventDetails: z.object({ name: z.string() }).optional(),
      stateExitedEventDetails: z.object({ name: z.string() }).optional(),
    })
    .optional(),
});

function stagesOf(journal: string): StageTimes {
  const enteredAt = new Map<string, number>();
  const stepsMs: Record<string, number> = {};
  const times: number[] = [];
  for (const line of journal.trimEnd().split('\n')) {
    const { event } = LineSchema.parse(JSON.parse(line));
    if (!event) continue;
    times.push(event.timestamp);
    const entered = event.stateEnteredEventDetails?.name;
    if (entered !== undefined) enteredAt.set(entered, event.timestamp);
    const left = event.stateExitedEventDetails?.name;
    if (left === undefined) continue;
    stepsMs[left] = (stepsMs[left] ?? 0) + event.timestamp - (enteredAt.get(left) ?? NaN);
  }
  return { wholeMs: (times.at(-1) ?? NaN) - (times[0] ?? NaN), stepsMs };
}

/**
 * The times of every task's execution, oldest first.
 * @param dataDir of a local cloud
 */
export async function readStages(dataDir: string): Promise<StageTimes[]> {
  const files = await readdir(join(dataDir, 'workflow'), { recursive: true });
  // A folder begins with the task's id, which is time-ordered.
  const journals = files.filter((file) => /[/\\]task_[^/\\]*[/\\]journal\.jsonl$/.test(file));
  return Promise.all(
    journals
      .toSorted()
      .map(async (file) => stagesOf(await readFile(join(dataDir, 'workflow', file), 'utf8'))),
  );
}
