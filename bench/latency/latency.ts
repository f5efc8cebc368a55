/**
 * `npm run bench -- latency`: from the POST of a task of ten rows to its archive, on a local cloud: the
 * first task after a start, and further ones. It tells where the time goes, by the history of the
 * task's execution.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../cli/target/client.ts';
import { startLocalCloud } from '../../cli/target/localCloud.ts';
import type { SheafClient } from '../../client/client.ts';
import { countFrom, type Benchmark } from '../benchmark.ts';
import { letterTemplate } from '../letters/letters.ts';
import { withTemporary } from '../letters/temporary.ts';
import { measured, median, withRatios, type Comparison } from '../measure/comparison.ts';
import { rowsOf } from '../rendering/templates.ts';
import { present } from '../results.ts';
import { readStages, type StageTimes } from './executionStages.ts';

const ROWS = 10;
const DEFAULT_TASKS = 60;
/** Tasks before the engine's compiler has seen the code often enough. */
const WARM_UP = 20;

/** What the one before leaves to be done when its watcher is gone, in ms. */
const REST_MS = 150;

/** Seconds from the POST until the end is told: then the archive is there. */
async function runOnce(client: SheafClient, templateId: string): Promise<number> {
  await sleep(REST_MS);
  const begun = performance.now();
  const data = rowsOf('letter').slice(0, ROWS);
  const task = await client.createTask({
    body: { templateIds: [templateId], data, autoStart: true },
  });
  for await (const event of client.events(task)) {
    if (event.type === 'task_failed') throw new Error('A task failed.');
    if (event.type === 'task_completed') return (performance.now() - begun) / 1_000;
  }
  throw new Error('The end of a task was not told.');
}

async function compareTasks(tasks: number): Promise<Comparison> {
  return withTemporary(async ({ folder, atEnd }) => {
    const starting = startLocalCloud(folder);
    atEnd(async () => (await starting).stop());
    const client = createClient(await starting);
    const { templateId } = await client.uploadTemplate('letter.docx', letterTemplate());
    const [first = NaN, ...seconds] = await times(1 + WARM_UP + tasks, () =>
      runOnce(client, templateId),
    );
    const stages = (await readStages(folder)).slice(-tasks);
    return withRatios({
      title: `a task of ${ROWS} rows, from the POST to the word that its archive is there`,
      unit: 'task',
      floor: 'the workflow alone',
      contenders: [
        measured({ name: 'warm', role: 'ours' }, seconds.slice(WARM_UP), 0),
        measured({ name: 'the workflow alone', role: 'floor' }, stages.map(wholeOf), 0),
      ],
      figures: [
        { name: 'first after a start', value: first * 1_000, unit: 'ms' },
        ...stepsOf(stages),
      ],
    });
  });
}

const wholeOf = (stages: StageTimes) => stages.wholeMs / 1_000;

/** The median of each step, in ms. */
function stepsOf(stages: readonly StageTimes[]) {
  const names = Object.keys(stages.at(-1)?.stepsMs ?? {});
  return names.map((name) => ({
    name,
    value: median(stages.map(({ stepsMs }) => stepsMs[name] ?? 0)),
    unit: 'ms',
  }));
}

async function times<T>(count: number, run: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < count; i++) results.push(await run());
  return results;
}

export const latency: Benchmark = {
  name: 'latency',
  arguments: '[tasks]',
  about: 'ten rows from POST to archive, first and warm, and where the time goes',
  async run([tasks]) {
    await present('latency', [
      await compareTasks(tasks === undefined ? DEFAULT_TASKS : countFrom(tasks)),
    ]);
  },
};
