/** `npm run bench -- job`: the whole job, with as many rows as asked for. */
import { countFrom, type Benchmark } from './benchmark.ts';
import { measured, type Comparison } from './measure/comparison.ts';
import { figure } from './measure/table.ts';
import { present } from './results.ts';
import { benchWholeJob, type WholeJobResult } from './wholeJob.ts';

const DEFAULT_ROWS = [1_000, 10_000];

/** The contender that others speak of. */
export const WHOLE_JOB = 'Sheaf';

function comparisonOf(result: WholeJobResult): Comparison {
  const { rows, documents, seconds, archiveBytes, peakMemoryBytes } = result;
  const whole = { name: WHOLE_JOB, role: 'ours' as const };
  return {
    title: `${figure(rows)} rows`,
    unit: 'document',
    contenders: [measured(whole, [seconds / documents], archiveBytes / documents)],
    figures: [
      { name: 'archive', value: archiveBytes / 1e6, unit: 'MB' },
      ...(peakMemoryBytes === null
        ? []
        : [{ name: 'peak memory', value: peakMemoryBytes / 1e6, unit: 'MB' }]),
    ],
  };
}

export const job: Benchmark = {
  name: 'job',
  arguments: '[rows]',
  about: 'the whole job, from a CSV file through the API to the archive on disk',
  async run([rows]) {
    const comparisons: Comparison[] = [];
    for (const n of rows === undefined ? DEFAULT_ROWS : [countFrom(rows)]) {
      comparisons.push(comparisonOf(await benchWholeJob(n)));
    }
    await present('whole-job', comparisons);
  },
};
