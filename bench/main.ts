/**
 * `npm run bench`: what Sheaf does on this machine, beside its peers and its floor where there are
 * any. Only ratios within one run mean anything; machines differ.
 *
 *   npm run bench                      all benchmarks, the whole job with 1,000 and 10,000 rows
 *   npm run bench -- job 50000         the whole job with that many rows
 *   npm run bench -- segments          the segment writer, archiver and plain concatenation
 *   npm run bench -- rendering         rows to documents, other libraries and deflate alone
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { benchRendering, renderingTable } from './rendering/benchRendering.ts';
import { benchSegmentWriter } from './segmentWriter.ts';
import { benchWholeJob, type WholeJobResult } from './wholeJob.ts';

const DEFAULT_ROWS = [1_000, 10_000];

const count = (n: number) => Math.round(n).toLocaleString('en-US');
const megabytes = (bytes: number | null) => (bytes === null ? '?' : `${count(bytes / 1e6)} MB`);

const jobLine = (result: WholeJobResult) =>
  `${count(result.rows).padStart(9)} rows  ${result.seconds.toFixed(2).padStart(8)} s  ` +
  `${count(result.documentsPerSecond).padStart(7)} documents/s  ` +
  `${megabytes(result.peakMemoryBytes).padStart(8)} peak  ${megabytes(result.archiveBytes)} archive`;

async function save(name: string, result: unknown): Promise<void> {
  await mkdir('bench/results', { recursive: true });
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version };
  await writeFile(
    `bench/results/${name}.json`,
    `${JSON.stringify({ machine, result }, null, 2)}\n`,
  );
}

async function wholeJobs(rows: readonly number[]): Promise<void> {
  process.stdout.write('The whole job: CSV to archive through the API\n');
  const results: WholeJobResult[] = [];
  for (const n of rows) {
    const result = await benchWholeJob(n);
    results.push(result);
    process.stdout.write(`${jobLine(result)}\n`);
  }
  await save('whole-job', results);
}

async function segments(): Promise<void> {
  const result = await benchSegmentWriter();
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  await save('segments', result);
}

async function rendering(): Promise<void> {
  const results = await benchRendering();
  process.stdout.write(`${renderingTable(results)}\n`);
  await save('rendering', results);
}

const [benchmark, size] = process.argv.slice(2);
switch (benchmark) {
  case undefined:
    await rendering();
    await segments();
    await wholeJobs(DEFAULT_ROWS);
    break;
  case 'job':
    await wholeJobs(size === undefined ? DEFAULT_ROWS : [Number(size)]);
    break;
  case 'segments':
    await segments();
    break;
  case 'rendering':
    await rendering();
    break;
  default:
    process.stderr.write(
      `There is no benchmark "${benchmark}". Known: job [rows], segments, rendering.\n`,
    );
    process.exitCode = 2;
}
