/**
 * `npm run bench -- day`: whether small tasks are as quick after a day's work as at its beginning. One
 * local cloud makes a few large tasks, then many of one row, some at a time; the first hundred of them
 * stand beside the last.
 */
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '../../cli/target/client.ts';
import { startLocalCloud } from '../../cli/target/localCloud.ts';
import type { SheafClient } from '../../client/client.ts';
import { countFrom, UsageError, type Benchmark } from '../benchmark.ts';
import { letterTemplate, writeLetters } from '../letters/letters.ts';
import { withTemporary, type Temporary } from '../letters/temporary.ts';
import { measured, withRatios, type Comparison } from '../measure/comparison.ts';
import { residentBytes, watchMemory } from '../memory.ts';
import { present } from '../results.ts';

const DEFAULT_TASKS = 400;
/** Both groups that are compared, at most. */
const GROUP = 100;
const TASKS_MIN = 8;

const AT_A_TIME = 4;
const LARGE_TASKS = 4;
const LARGE_ROWS = 1_000;

/** Between two looks at a task; a twentieth of what a small one takes. */
const POLL_MS = 20;

/** After this time nothing is left of what idled (local/lambda/functionPool.ts). */
const REST_MS = 35_000;

const FIRST = 'the first small tasks';
const LAST = 'the last small tasks';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Makes a task and waits for its end; in seconds. */
async function runTask(
  client: SheafClient,
  given: Parameters<SheafClient['createTask']>[0]['body'],
): Promise<number> {
  const begun = performance.now();
  const { taskId } = await client.createTask({ body: { ...given, autoStart: true } });
  for (;;) {
    const { status } = await client.getTask({ taskId });
    if (status === 'completed') return (performance.now() - begun) / 1000;
    if (status === 'failed') throw new Error('A task of the day has failed.');
    await sleep(POLL_MS);
  }
}

/** The durations of small tasks, in the order of their ends. */
async function runSmallTasks(client: SheafClient, templateIds: string[], count: number) {
  const seconds: number[] = [];
  let left = count;
  const work = async () => {
    while (left-- > 0) {
      seconds.push(await runTask(client, { templateIds, data: [{ name: `Person ${left}` }] }));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return seconds;
}

async function runDay(tasks: number, { folder, atEnd }: Temporary): Promise<Comparison> {
  const letters = join(folder, 'letters.csv');
  await writeLetters(letters, LARGE_ROWS);
  const starting = startLocalCloud(join(folder, 'data'), { SHEAF_TASK_LIMIT: String(AT_A_TIME) });
  atEnd(async () => (await starting).stop());
  const cloud = await starting;
  const before = await residentBytes(cloud.pid);
  const memory = watchMemory(cloud.pid);
  atEnd(async () => void (await memory.stop()));
  const client = createClient(cloud);

  const { templateId } = await client.uploadTemplate('letter.docx', letterTemplate());
  const templateIds = [templateId];
  const { dataSourceId } = await client.uploadDataSource('letters.csv', await openAsBlob(letters));
  for (let i = 0; i < LARGE_TASKS; i++) await runTask(client, { templateIds, dataSourceId });
  const begun = performance.now();
  const seconds = await runSmallTasks(client, templateIds, tasks);
  const all = (performance.now() - begun) / 1000;
  const peak = await memory.stop();
  await sleep(REST_MS);
  const after = await residentBytes(cloud.pid);

  const group = Math.min(GROUP, Math.floor(tasks / 2));
  const megabytes = (name: string, bytes: number | undefined) =>
    bytes === undefined ? [] : [{ name, value: bytes / 1e6, unit: 'MB' }];
  return withRatios({
    title: `${tasks} tasks of one row, ${AT_A_TIME} at a time, after ${LARGE_TASKS} of ${LARGE_ROWS}`,
    unit: 'task',
    floor: FIRST,
    contenders: [
      measured({ name: LAST, role: 'ours' }, seconds.slice(-group), 0),
      measured({ name: FIRST, role: 'floor' }, seconds.slice(0, group), 0),
    ],
    figures: [
      { name: 'all small tasks', value: all, unit: 's' },
      ...megabytes('memory at the beginning', before),
      ...megabytes('memory at most', peak),
      ...megabytes('memory after a rest', after),
    ],
  });
}

export const day: Benchmark = {
  name: 'day',
  arguments: '[tasks]',
  about:
    'small tasks after large ones on one local cloud: the last beside the first, and its memory',
  async run([given]) {
    const tasks = given === undefined ? DEFAULT_TASKS : countFrom(given);
    if (tasks < TASKS_MIN) throw new UsageError(`A day has at least ${TASKS_MIN} small tasks.`);
    await present('day', [await withTemporary((temporary) => runDay(tasks, temporary))]);
  },
};
