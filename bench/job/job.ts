/**
 * `npm run bench -- job`: the whole job, from a CSV file through the API to the archive, beside what
 * rendering alone takes: rows that are in memory to documents that nobody keeps, on every core. A job
 * with a local cloud of its own takes its turn as one contender.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { countFrom, type Benchmark } from '../benchmark.ts';
import { letterTemplate } from '../letters/letters.ts';
import { makeLetters } from '../letters/makeLetters.ts';
import { secondsOfStages, startStages } from '../letters/stages.ts';
import { withTemporary } from '../letters/temporary.ts';
import { measured, median, withRatios, type Comparison } from '../measure/comparison.ts';
import { figure } from '../measure/table.ts';
import { rowsOf } from '../rendering/templates.ts';
import { secondsOf, type ThreadWork } from '../rendering/threads.ts';
import { present } from '../results.ts';

const DEFAULT_ROWS = [1_000, 10_000, 100_000];
const ROUNDS = 3;

/** Names of contenders that others speak of. */
export const WHOLE_JOB = 'Sheaf, CSV to archive';
export const BARE_LEVEL_6 = 'rendering alone, deflate level 6';
export const BARE = 'rendering alone';
export const BARE_WRITTEN = 'rendering, SHA-256 and writing to the disk';

/** From the upload of the rows to the link of the archive; the download is its reader's. */
const JOB = ['ingest', 'planning', 'rendering', 'assembling'];

interface JobRound {
  readonly seconds: number;
  readonly downloadSeconds: number;
  readonly archiveBytes: number;
  readonly peakMemory: number | null;
}

const QUIET = { write: () => true };

function runJob(rows: number): Promise<JobRound> {
  return withTemporary(async (temporary) => {
    const stages = startStages();
    const { archiveBytes, peakMemory } = await makeLetters(rows, temporary, stages, QUIET);
    const seconds = stages.seconds();
    return {
      seconds: secondsOfStages(seconds, JOB),
      downloadSeconds: seconds.download ?? NaN,
      archiveBytes,
      peakMemory,
    };
  });
}

/** Seconds for as many letters, by all cores together. */
async function renderAlone(rows: number, more: (thread: number) => Partial<ThreadWork>) {
  const work = { template: letterTemplate(), rows: rowsOf('letter') };
  const works = Array.from({ length: availableParallelism() }, (_, thread) => ({
    ...work,
    ...more(thread),
  }));
  return secondsOf(works, Math.ceil(rows / works.length));
}

async function compareJob(rows: number): Promise<Comparison> {
  const jobs: JobRound[] = [];
  const bare: number[] = [];
  const level6: number[] = [];
  const written: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    jobs.push(await runJob(rows));
    bare.push(await renderAlone(rows, () => ({})));
    level6.push(await renderAlone(rows, () => ({ level: 6 })));
    written.push(
      await withTemporary(({ folder }) =>
        renderAlone(rows, (thread) => ({ file: join(folder, String(thread)) })),
      ),
    );
  }
  const bytes = (jobs[0]?.archiveBytes ?? NaN) / rows;
  const each = (seconds: readonly number[]) => seconds.map((all) => all / rows);
  const peaks = jobs.flatMap(({ peakMemory }) => (peakMemory === null ? [] : [peakMemory]));
  return withRatios({
    title: `${figure(rows)} letters`,
    unit: 'document',
    floor: BARE_LEVEL_6,
    contenders: [
      measured({ name: WHOLE_JOB, role: 'ours' }, each(jobs.map(({ seconds }) => seconds)), bytes),
      measured({ name: BARE_LEVEL_6, role: 'floor' }, each(level6), bytes),
      measured({ name: BARE_WRITTEN, role: 'floor' }, each(written), bytes),
      measured({ name: BARE, role: 'floor' }, each(bare), bytes),
    ],
    figures: [
      { name: 'archive', value: (bytes * rows) / 1e6, unit: 'MB' },
      {
        name: 'download',
        value: median(jobs.map(({ downloadSeconds }) => downloadSeconds)),
        unit: 's',
      },
      ...(peaks.length > 0
        ? [{ name: 'peak memory', value: Math.max(...peaks) / 1e6, unit: 'MB' }]
        : []),
    ],
  });
}

export const job: Benchmark = {
  name: 'job',
  arguments: '[rows]',
  about: 'the whole job, from a CSV file through the API to the archive, beside rendering alone',
  async run([rows]) {
    const comparisons: Comparison[] = [];
    for (const count of rows === undefined ? DEFAULT_ROWS : [countFrom(rows)]) {
      comparisons.push(await compareJob(count));
    }
    await present('whole-job', comparisons);
  },
};
