/**
 * `npm run bench -- crowd`: what people who watch a task cost it. One local cloud makes the same task by
 * turns with one watcher, with a hundred and with a thousand; each hears of it over a WebSocket of its own.
 * Beside the times stand the delays from an event to those who hear it.
 */
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '../../cli/client.ts';
import { startLocalCloud } from '../../cli/demo/localCloud.ts';
import type { SheafClient } from '../../client/client.ts';
import { runLanes } from '../../shared/boundedWork.ts';
import { countFrom, type Benchmark } from '../benchmark.ts';
import { letterTemplate, writeLetters } from '../letters/letters.ts';
import { withTemporary, type Temporary } from '../letters/temporary.ts';
import { measured, withRatios, type Comparison } from '../measure/comparison.ts';
import { percentile } from '../measure/percentile.ts';
import { present } from '../results.ts';

const CROWDS = [1, 100, 1_000] as const;
const ROUNDS = 3;
const DEFAULT_ROWS = 50_000;
/** Connections that are opened side by side. */
const CONNECTS_AT_ONCE = 8;

const nameOf = (watchers: number) =>
  watchers === 1 ? 'one watcher' : `${watchers.toLocaleString('en-US')} watchers`;

interface Watched {
  /** From the task's start to its end, as the service has it. */
  readonly seconds: number;
  /** From the time of each event to each watcher, in ms. */
  readonly delays: readonly number[];
}

type Followed = ReturnType<SheafClient['events']>;

/** Subscribes; resolves once the first word, the snapshot, has come. */
async function subscribe(client: SheafClient, taskId: string): Promise<Followed> {
  const events = client.events({ taskId });
  await events.next();
  return events;
}

/** Makes the task with so many watching, each of them to the end. */
async function runWatched(
  client: SheafClient,
  given: { templateIds: string[]; dataSourceId: string },
  watchers: number,
): Promise<Watched> {
  const { taskId } = await client.createTask({ body: given });
  const watching: Followed[] = [];
  const connect = async () => void watching.push(await subscribe(client, taskId));
  const work = Array.from({ length: watchers }, () => connect);
  await runLanes([{ atOnce: CONNECTS_AT_ONCE, work }]);

  const delays: number[] = [];
  const ends = watching.map(async (events) => {
    for await (const event of events) {
      if (event.type === 'snapshot') continue;
      // Both clocks are this machine's.
      delays.push(Date.now() - Date.parse(event.at));
      if (event.type === 'task_completed') return event.payload.result.duration;
      if (event.type === 'task_failed') throw new Error('A task of the crowd has failed.');
    }
    throw new Error('A watcher was not told of the end.');
  });
  await client.startTask({ taskId });
  const [seconds = NaN] = await Promise.all(ends);
  return { seconds, delays };
}

async function compareCrowds(rows: number, { folder, atEnd }: Temporary): Promise<Comparison> {
  const letters = join(folder, 'letters.csv');
  await writeLetters(letters, rows);
  const starting = startLocalCloud(join(folder, 'data'));
  atEnd(async () => (await starting).stop());
  const client = createClient(await starting);
  const { templateId } = await client.uploadTemplate('letter.docx', letterTemplate());
  const { dataSourceId } = await client.uploadDataSource('letters.csv', await openAsBlob(letters));
  const given = { templateIds: [templateId], dataSourceId };

  await runWatched(client, given, 1);
  const found = new Map(CROWDS.map((watchers) => [watchers, [] as Watched[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [watchers, results] of found) {
      results.push(await runWatched(client, given, watchers));
    }
  }
  const contenders = Array.from(found, ([watchers, results]) =>
    measured(
      { name: nameOf(watchers), role: watchers === 1 ? 'floor' : 'ours' },
      results.map(({ seconds }) => seconds),
      0,
    ),
  );
  return withRatios({
    title: `a task of ${rows} documents, watched`,
    unit: 'task',
    floor: nameOf(1),
    contenders: contenders.toReversed(),
    figures: Array.from(found).flatMap(([watchers, results]) => {
      const delays = results.flatMap((result) => result.delays);
      return [50, 95, 99].map((percent) => ({
        name: `${nameOf(watchers)}, delay p${percent}`,
        value: percentile(delays, percent),
        unit: 'ms',
      }));
    }),
  });
}

export const crowd: Benchmark = {
  name: 'crowd',
  arguments: '[rows]',
  about: 'the same task watched by one, a hundred and a thousand, and when they hear of it',
  async run([given]) {
    const rows = given === undefined ? DEFAULT_ROWS : countFrom(given);
    await present('crowd', [await withTemporary((temporary) => compareCrowds(rows, temporary))]);
  },
};
