/** `npm run bench -- job`: the whole job, with as many rows as asked for. */
import { countFrom, type Benchmark } from './benchmark.ts';
import { save } from './results.ts';
import { benchWholeJob, type WholeJobResult } from './wholeJob.ts';

const DEFAULT_ROWS = [1_000, 10_000];

const count = (n: number) => Math.round(n).toLocaleString('en-US');
const megabytes = (bytes: number | null) => (bytes === null ? '?' : `${count(bytes / 1e6)} MB`);

const line = (result: WholeJobResult) =>
  `${count(result.rows).padStart(9)} rows  ${result.seconds.toFixed(2).padStart(8)} s  ` +
  `${count(result.documentsPerSecond).padStart(7)} documents/s  ` +
  `${megabytes(result.peakMemoryBytes).padStart(8)} peak  ${megabytes(result.archiveBytes)} archive`;

export const job: Benchmark = {
  name: 'job',
  arguments: '[rows]',
  about: 'the whole job, from a CSV file through the API to the archive on disk',
  async run([rows]) {
    const results: WholeJobResult[] = [];
    for (const n of rows === undefined ? DEFAULT_ROWS : [countFrom(rows)]) {
      const result = await benchWholeJob(n);
      results.push(result);
      process.stdout.write(`${line(result)}\n`);
    }
    await save('whole-job', results);
  },
};
