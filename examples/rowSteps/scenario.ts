/**
 * Briefs become pictures: a workflow of Dify summarizes each, a picture service paints it. In the middle everything of Sheaf
 * is killed and started again; what was paid for until then is not asked for again.
 */
import { openAsBlob } from 'node:fs';
import { basename, join } from 'node:path';
import { createClient } from '../../cli/target/client.ts';
import { checkArchive } from '../../cli/files/archiveCheck.ts';
import { CliError } from '../../cli/errors.ts';
import { saveArchive } from '../../cli/files/saveFile.ts';
import { saveResults } from '../../cli/generate/saveJob.ts';
import { startLocalCloud, type LocalCloud } from '../../cli/target/localCloud.ts';
import { count, counted } from '../../cli/terminal/words.ts';
import type { SheafClient } from '../../client/client.ts';
import type { Snapshot } from '../../shared/schemas/stream.ts';
import type { Figures, RunningServices } from './services.ts';

export interface Scenario {
  /** Where the local cloud keeps its state. */
  readonly dataDir: string;
  /** A table with the columns title, topic and audience; no two rows alike. */
  readonly briefs: string;
  /** The folder that the archive and the table of results are written to. */
  readonly out: string;
  readonly services: RunningServices;
  /** What they take as their key. */
  readonly key: string;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** What is promised, and whether it was kept. */
interface Claim {
  readonly what: string;
  readonly holds: boolean;
}

export interface Played {
  readonly rows: number;
  readonly pictures: number;
  readonly final: Snapshot;
  /** What the services had counted when Sheaf was killed, and in the end. */
  readonly atKill: Figures;
  readonly figures: Figures;
  /** The lowest pace that was learned, in calls a second, and the most calls that waited at a time. */
  readonly lowestRate: number | undefined;
  readonly mostWaiting: number;
  /** From the start of the task to its end, in s. */
  readonly seconds: number;
  readonly archive: string;
  readonly results: string;
  readonly claims: readonly Claim[];
}

/** Steps that are called for each row. */
const STEPS = 2;
/** Sheaf is killed once so much of the work was done. */
const KILL_SHARE = 0.4;
const LOOK_MS = 100;
/** A task that takes longer is stuck. */
const PATIENCE_MS = 120_000;
const TELL_MS = 1_000;
/** Calls a second that may be tried: the services take fewer, and Sheaf finds out. */
const PACE = { perSecond: 30, concurrent: 40 };

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/** The two services, each named once with its key. */
async function connect(client: SheafClient, { services, key }: Scenario) {
  const summaries = await client.createConnection({
    body: {
      name: 'Summaries (Dify)',
      baseUrl: `${services.url}/v1`,
      secretHeaders: { Authorization: `Bearer ${key}` },
      rateLimit: PACE,
      pricePerCallUsd: 0.002,
    },
  });
  const pictures = await client.createConnection({
    body: {
      name: 'Pictures',
      baseUrl: services.url,
      secretHeaders: { 'X-Api-Key': key },
      rateLimit: PACE,
      pricePerCallUsd: 0.01,
    },
  });
  return { summaries: summaries.connectionId, pictures: pictures.connectionId };
}

/** A task without templates: each row is the picture that comes of it. */
async function createTask(client: SheafClient, scenario: Scenario) {
  const { summaries, pictures } = await connect(client, scenario);
  const { briefs } = scenario;
  const source = await client.uploadDataSource(basename(briefs), await openAsBlob(briefs));
  if (source.status !== 'ready') throw new CliError(`${briefs} cannot be used.`);
  const { taskId } = await client.createTask({
    body: {
      name: 'slides',
      dataSourceId: source.dataSourceId,
      steps: [
        {
          name: 'summary',
          kind: 'dify',
          connectionId: summaries,
          request: {
            body: {
              inputs: { title: '{title}', topic: '{topic}', audience: '{audience}' },
              response_mode: 'streaming',
              user: 'sheaf',
            },
          },
          response: { values: { text: '/text', words: '/words' } },
          timeoutSeconds: 2,
        },
        {
          name: 'picture',
          connectionId: pictures,
          request: {
            url: 'images',
            body: {
              prompt: 'A slide called {title}. {summary.text}',
              ...{ width: 320, height: 180 },
              callback_url: '{callbackUrl}',
            },
          },
          // It says that it will call back, and does so when the picture is painted.
          mode: 'callback',
          response: { file: { from: 'body', name: 'slides/{row}-{title}.png' } },
          timeoutSeconds: 60,
        },
      ],
      options: { budgetUsd: 5, maxFailures: 10 },
      autoStart: true,
    },
  });
  return { taskId, rows: source.rowCount ?? 0 };
}

/** One line of how the calls go. */
function lineOf({ stage, calls, succeeded, total }: Snapshot): string {
  if (!calls || calls.called >= calls.total) return `${stage} · ${count(succeeded)} of ${total}`;
  const parts = [
    `${count(calls.called)} of ${counted(calls.total, 'row')} called`,
    `${count(calls.waiting)} wait`,
    `${calls.ratePerSecond.toFixed(1)} calls/s${calls.learnedPerSecond === undefined ? '' : ' (learned)'}`,
    `$${calls.spentUsd.toFixed(2)}`,
  ];
  if (calls.failed > 0) parts.push(`${count(calls.failed)} failed`);
  return parts.join(' · ');
}

const isOver = ({ status }: Snapshot) =>
  ['completed', 'partially_completed', 'failed', 'cancelled', 'paused'].includes(status);

/** @returns to be called now and then. @throws CliError when what is waited for does not come */
function createPatience(what: string) {
  const until = Date.now() + PATIENCE_MS;
  return () => {
    if (Date.now() > until) throw new CliError(`${what} after ${PATIENCE_MS / 1_000} s.`);
  };
}

/** Follows a task, and tells how it goes each second, until it is over or `isEnough`. */
function createFollower({ say, signal }: Scenario) {
  let told = '';
  let toldAt = 0;
  let lowestRate: number | undefined;
  let mostWaiting = 0;
  return {
    figures: () => ({ lowestRate, mostWaiting }),
    async follow(client: SheafClient, taskId: string, isEnough = () => false): Promise<Snapshot> {
      const patience = createPatience('The task has not ended');
      for (;;) {
        patience();
        const now = await client.getProgress({ taskId }, { signal });
        const { learnedPerSecond = Infinity, waiting = 0 } = now.calls ?? {};
        const lowest = Math.min(lowestRate ?? Infinity, learnedPerSecond);
        if (lowest < Infinity) lowestRate = lowest;
        mostWaiting = Math.max(mostWaiting, waiting);
        const line = lineOf(now);
        if (line !== told && (Date.now() - toldAt >= TELL_MS || isOver(now))) {
          say(`          ${line}`);
          told = line;
          toldAt = Date.now();
        }
        if (isOver(now) || isEnough()) return now;
        await pause(LOOK_MS);
      }
    },
  };
}

async function play(scenario: Scenario, start: () => Promise<LocalCloud>): Promise<Played> {
  const { services, out, say } = scenario;
  let cloud = await start();
  let client = createClient(cloud);
  const { taskId, rows } = await createTask(client, scenario);
  const work = rows * STEPS;
  say(`Briefs    ${scenario.briefs} · ${counted(rows, 'row')}, ${counted(work, 'call')} to make`);
  const startedAt = Date.now();
  const follower = createFollower(scenario);
  await follower.follow(client, taskId, () => services.figures().paid >= work * KILL_SHARE);

  const atKill = services.figures();
  const killed = new Promise<void>((resolve) => cloud.process.once('close', () => resolve()));
  cloud.process.kill('SIGKILL');
  await killed;
  say(`Killed    process ${cloud.pid}, after ${counted(atKill.paid, 'piece')} of work (SIGKILL)`);
  cloud = await start();
  client = createClient(cloud);
  say(
    `Started   process ${cloud.pid}; it waits until the lease of the dead worker has run out (10 s)`,
  );

  const final = await follower.follow(client, taskId);
  const seconds = (Date.now() - startedAt) / 1_000;
  if (final.status !== 'completed' && final.status !== 'partially_completed') {
    throw new CliError(`The task ended ${final.status}. ${final.message}`);
  }
  const archive = join(out, 'slides.zip');
  const results = join(out, 'slides-results.xlsx');
  const saving = { signal: scenario.signal, force: true };
  await saveArchive(() => client.downloadArchive({ taskId }), archive, saving);
  await saveResults(client, taskId, results, saving);
  const { documents: pictures } = await checkArchive(archive, '.png');
  const figures = services.figures();
  const claims: Claim[] = [
    { what: 'Every row succeeded', holds: final.succeeded === rows && final.failed === 0 },
    { what: 'The archive has a picture of every row', holds: pictures === rows },
    { what: 'Sheaf was killed in the middle', holds: atKill.paid > 0 && atKill.paid < work },
    { what: 'Every piece of work was done', holds: figures.paid === work },
    { what: 'No piece of work was done twice', holds: figures.paidTwice === 0 },
  ];
  return {
    ...{ rows, pictures, final, atKill, figures, seconds, archive, results, claims },
    ...follower.figures(),
  };
}

/**
 * Plays it.
 * @throws CliError, ApiError; the signal's reason
 */
export async function playScenario(scenario: Scenario): Promise<Played> {
  const { dataDir, signal, say } = scenario;
  let running: LocalCloud | undefined;
  const start = async () => {
    const environment = {
      SHEAF_ALLOW_LOOPBACK_TARGETS: '1',
      SHEAF_SERVICE_HOSTS: '127.0.0.1',
      // Services call back to where it was when they were asked.
      ...(running && { HTTP_PORT: new URL(running.apiUrl).port }),
    };
    running = await startLocalCloud(dataDir, environment, signal, say);
    return running;
  };
  try {
    return await play(scenario, start);
  } finally {
    await running?.stop();
  }
}
