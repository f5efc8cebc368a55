/**
 * `npm run bench -- crowd`: what people who watch tasks cost them. Two owners make the same task by turns on
 * one local cloud; a hundred, then a thousand connections hear of all tasks of one of them. Beside the times
 * stand the delays from an event to those who hear it.
 */
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '../../cli/target/client.ts';
import { startLocalCloud } from '../../cli/target/localCloud.ts';
import type { SheafClient } from '../../client/client.ts';
import { countFrom, type Benchmark } from '../benchmark.ts';
import { letterTemplate, writeLetters } from '../letters/letters.ts';
import { withTemporary, type Temporary } from '../letters/temporary.ts';
import { measured, withRatios, type Comparison } from '../measure/comparison.ts';
import { percentile } from '../measure/percentile.ts';
import { present } from '../results.ts';
import { addOwner } from './owner.ts';
import { gatherWatchers } from './watchers.ts';

const CROWDS = [100, 1_000] as const;
const ROUNDS = 5;
const DEFAULT_ROWS = 50_000;

const nameOf = (watchers: number) =>
  watchers === 1 ? 'one watcher' : `${watchers.toLocaleString('en-US')} watchers`;

/** Somebody who makes the same task again and again, and follows each of them. */
async function taskMaker(client: SheafClient, letters: string) {
  const { templateId } = await client.uploadTemplate('letter.docx', letterTemplate());
  const { dataSourceId } = await client.uploadDataSource('letters.csv', await openAsBlob(letters));
  /** @returns seconds from the task's start to its end, as the service has it */
  return async (hear: (at: string) => void): Promise<number> => {
    const body = { templateIds: [templateId], dataSourceId, autoStart: true };
    const { taskId, websocketUrl } = await client.createTask({ body });
    for await (const event of client.events({ taskId, websocketUrl })) {
      if (event.type === 'task_failed') throw new Error('A task of the crowd has failed.');
      if (event.type !== 'snapshot') hear(event.at);
      if (event.type === 'task_completed') return event.payload.result.duration;
    }
    throw new Error('A task ended without a word.');
  };
}

/** Delays from the time of an event, in ms: both clocks are this machine's. */
function createDelays() {
  const delays: number[] = [];
  return { delays, hear: (at: string) => void delays.push(Date.now() - Date.parse(at)) };
}

async function compareCrowds(rows: number, { folder, atEnd }: Temporary): Promise<Comparison> {
  const letters = join(folder, 'letters.csv');
  await writeLetters(letters, rows);
  const dataDir = join(folder, 'data');
  const starting = startLocalCloud(dataDir);
  atEnd(async () => (await starting).stop());
  const cloud = await starting;
  const client = createClient({ apiUrl: cloud.apiUrl, apiKey: await addOwner(dataDir, 'watched') });
  const alone = await taskMaker(createClient(cloud), letters);
  const watched = await taskMaker(client, letters);
  // What runs often is compiled in the first.
  await alone(() => undefined);

  const one = { ...createDelays(), watchers: 1, seconds: [] as number[] };
  const found = [one];
  for (const watchers of CROWDS) {
    const crowd = { ...createDelays(), watchers, seconds: [] as number[] };
    found.push(crowd);
    const gathered = await gatherWatchers(client, watchers, crowd.hear);
    for (let round = 0; round < ROUNDS; round++) {
      one.seconds.push(await alone(one.hear));
      const seconds = await watched(() => undefined);
      await gathered.everybodyHeard(round + 1);
      crowd.seconds.push(seconds);
    }
    gathered.leave();
  }
  return withRatios({
    title: `a task of ${rows} documents, watched`,
    unit: 'task',
    floor: nameOf(1),
    contenders: found
      .map(({ watchers, seconds }) =>
        measured({ name: nameOf(watchers), role: watchers === 1 ? 'floor' : 'ours' }, seconds, 0),
      )
      .toReversed(),
    figures: found.flatMap(({ watchers, delays }) =>
      [50, 95, 99].map((percent) => ({
        name: `${nameOf(watchers)}, delay p${percent}`,
        value: percentile(delays, percent),
        unit: 'ms',
      })),
    ),
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
