/** One run: from a CSV file through the API to an archive that was read back, and what it used. */
import { createWriteStream, openAsBlob } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createClient, type SheafClient } from '../../cli/client.ts';
import { startLocalCloud } from '../../cli/demo/localCloud.ts';
import { followTask } from '../../cli/follow.ts';
import { createProgressView, type Screen, size } from '../../cli/progressView.ts';
import { USAGE_FILE, type Usage, UsageSchema } from '../../local/usage/usage.ts';
import { watchMemory } from '../memory.ts';
import { FILE_NAME, letterTemplate, writeLetters } from './letters.ts';
import { askOtherReader, type OtherOpinion } from './otherReaders.ts';
import { startStages } from './stages.ts';
import type { Temporary } from './temporary.ts';
import { verifyArchive, type VerifiedArchive } from './verifyArchive.ts';

export interface LettersRun {
  readonly rows: number;
  /** By stage; `rendering` begins with the first shard, `assembling` with the joining of the last. */
  readonly seconds: Readonly<Record<string, number>>;
  /** From the call that creates the task to the archive on disk. */
  readonly taskSeconds: number;
  readonly documentsPerSecond: number;
  readonly archiveBytes: number;
  /** Resident bytes at most. */
  readonly peakMemory: {
    /** Null where it cannot be measured. */
    readonly localCloud: number | null;
    readonly client: number;
    /** What the client had before it began, with all benchmarks loaded. */
    readonly clientBefore: number;
  };
  readonly verified: VerifiedArchive & OtherOpinion;
  readonly usage: Usage;
}

/**
 * Makes `rows` letters with a local cloud of its own, and leaves nothing behind but what it tells.
 * @param screen where progress is shown
 * @throws Error when a document is missing, doubled or damaged
 */
export async function runLetters(
  rows: number,
  { folder, atEnd }: Temporary,
  screen: Screen,
): Promise<LettersRun> {
  const data = join(folder, 'letters.csv');
  const archive = join(folder, 'letters.zip');
  const dataDir = join(folder, 'data');
  const clientBefore = peakResidentBytes();
  const stages = startStages();

  await stages.time('writing the rows', () => writeLetters(data, rows));
  const starting = startLocalCloud(dataDir);
  atEnd(async () => (await starting).stop());
  const cloud = await stages.time('starting', () => starting);
  const memory = watchMemory(cloud.pid);
  atEnd(async () => void (await memory.stop()));
  const client = createClient(cloud);

  const ids = await upload(client, data, stages.time);
  const begunAt = performance.now();
  const archiveBytes = await makeArchive(client, ids, archive, stages, screen);
  const taskSeconds = (performance.now() - begunAt) / 1000;

  const localCloud = (await memory.stop()) ?? null;
  await cloud.stop();
  const usage = UsageSchema.parse(JSON.parse(await readFile(join(dataDir, USAGE_FILE), 'utf8')));
  // Room for whoever reads the archive.
  await rm(dataDir, { recursive: true, force: true });
  await rm(data);

  const read = await stages.time('verification', () =>
    verifyArchive(archive, rows, everyTenth(rows, screen)),
  );
  const other = await stages.time('another reader', () => askOtherReader(archive));
  await rm(archive);
  return {
    rows,
    seconds: stages.seconds(),
    taskSeconds,
    documentsPerSecond: rows / taskSeconds,
    archiveBytes,
    peakMemory: { localCloud, client: peakResidentBytes(), clientBefore },
    verified: { ...read, ...other },
    usage,
  };
}

/** Of this process since its start. */
const peakResidentBytes = () => process.resourceUsage().maxRSS * 1024;

type Stages = ReturnType<typeof startStages>;

/** Uploads template and rows; rows are ready for use afterwards. */
async function upload(client: SheafClient, data: string, time: Stages['time']) {
  const template = await client.uploadTemplate('letter.docx', letterTemplate());
  const source = await time('ingest', async () =>
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
  const task = await client.createTask({ ...ids, name: 'letters', fileName: FILE_NAME });
  await client.startTask(task.taskId);
  const view = createProgressView(screen, process.env);
  const final = await followTask(client, task.taskId, task.websocketUrl, {
    progress(progress) {
      view.update(progress);
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
  const link = await client.getDownload(task.taskId);
  const response = await fetch(link.url);
  if (!response.ok || !response.body) {
    throw new Error(`The archive could not be downloaded: HTTP ${response.status}.`);
  }
  await pipeline(Readable.fromWeb(response.body), createWriteStream(archive));
  stages.leave();
  screen.write(`${size(link.bytes)} downloaded; reading every entry back\n`);
  return link.bytes;
}

/** Says how far the reading is, every tenth of the way. */
function everyTenth(rows: number, screen: Screen): (documents: number) => void {
  const tenth = Math.max(10_000, Math.ceil(rows / 10));
  return (documents) => {
    if (documents % tenth === 0) {
      screen.write(`${documents.toLocaleString('en-US')} documents are good\n`);
    }
  };
}
