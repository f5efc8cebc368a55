/** Letters from a CSV file through the API to an archive on disk, as any client would have them made. */
import { createWriteStream, openAsBlob } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createClient } from '../../cli/target/client.ts';
import { startLocalCloud } from '../../cli/target/localCloud.ts';
import { createLiveView } from '../../cli/terminal/liveView.ts';
import { progressLine } from '../../cli/terminal/progressLine.ts';
import { isColourful, type Screen } from '../../cli/terminal/screen.ts';
import type { SheafClient } from '../../client/client.ts';
import { followTask } from '../../client/followTask.ts';
import { USAGE_FILE, type Usage, UsageSchema } from '../../local/billing/usage.ts';
import { watchMemory } from '../memory.ts';
import { FILE_NAME, letterTemplate, writeLetters } from './letters.ts';
import type { Stages } from './stages.ts';
import type { Temporary } from './temporary.ts';

export interface MadeLetters {
  /** Where the archive is, and its bytes. */
  readonly archive: string;
  readonly archiveBytes: number;
  /** Resident bytes of the local cloud at most; null where they cannot be measured. */
  readonly peakMemory: number | null;
  readonly usage: Usage;
}

/**
 * Makes `rows` letters with a local cloud of its own, of which nothing is left but the archive. Stages:
 * `rendering` begins with the first news of it, `assembling` with the joining of the segments.
 * @param screen where progress is shown
 * @throws Error when the task does not complete
 */
export async function makeLetters(
  rows: number,
  { folder, atEnd }: Temporary,
  stages: Stages,
  screen: Screen,
): Promise<MadeLetters> {
  const data = join(folder, 'letters.csv');
  const archive = join(folder, 'letters.zip');
  const dataDir = join(folder, 'data');

  await stages.time('writing the rows', () => writeLetters(data, rows));
  const starting = startLocalCloud(dataDir);
  atEnd(async () => (await starting).stop());
  const cloud = await stages.time('starting', () => starting);
  const memory = watchMemory(cloud.pid);
  atEnd(async () => void (await memory.stop()));
  const client = createClient(cloud);

  const ids = await upload(client, data, stages);
  const archiveBytes = await makeArchive(client, ids, archive, stages, screen);

  const peakMemory = (await memory.stop()) ?? null;
  await cloud.stop();
  const usage = UsageSchema.parse(JSON.parse(await readFile(join(dataDir, USAGE_FILE), 'utf8')));
  // Room for whoever reads the archive.
  await rm(dataDir, { recursive: true, force: true });
  await rm(data);
  return { archive, archiveBytes, peakMemory, usage };
}

/** Uploads template and rows; rows are ready for use afterwards. */
async function upload(client: SheafClient, data: string, stages: Stages) {
  const template = await client.uploadTemplate('letter.docx', letterTemplate());
  const source = await stages.time('ingest', async () =>
    client.uploadDataSource('letters.csv', await openAsBlob(data)),
  );
  if (source.status !== 'ready') throw new Error(`The rows are ${source.status}.`);
  return { templateIds: [template.templateId], dataSourceId: source.dataSourceId };
}

/** Makes the archive and downloads it; its size in bytes. */
async function makeArchive(
  client: SheafClient,
  ids: { templateIds: string[]; dataSourceId: string },
  archive: string,
  stages: Stages,
  screen: Screen,
): Promise<number> {
  stages.enter('planning');
  const task = await client.createTask({ body: { ...ids, name: 'letters', fileName: FILE_NAME } });
  await client.startTask({ taskId: task.taskId });
  const view = createLiveView(screen, isColourful(screen, process.env));
  const final = await followTask(client, task.taskId, task.websocketUrl, {
    progress(progress) {
      view.show('letters', progressLine(progress));
      if (progress.stage === 'rendering' || progress.stage === 'assembling') {
        stages.enter(progress.stage);
      }
    },
  });
  view.end();
  stages.enter('download');
  if (final.status !== 'completed') {
    throw new Error(`The task ended ${final.status}. ${final.message}`);
  }
  const link = await client.downloadArchive({ taskId: task.taskId });
  const response = await fetch(link.url);
  if (!response.ok || !response.body) {
    throw new Error(`The archive could not be downloaded: HTTP ${response.status}.`);
  }
  await pipeline(Readable.fromWeb(response.body), createWriteStream(archive));
  stages.leave();
  return link.bytes;
}
