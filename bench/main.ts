/**
 * `npm run bench`: what Sheaf does on this machine, beside its peers and its floors in the same
 * process. Only ratios within one run mean anything; machines differ.
 */
import { UsageError, type Benchmark } from './benchmark.ts';
import { BENCHMARKS } from './benchmarks.ts';

const call = (benchmark: Benchmark) => `${benchmark.name} ${benchmark.arguments}`.trim();
const width = Math.max(...BENCHMARKS.map((benchmark) => call(benchmark).length));

const HELP = [
  'npm run bench                 all benchmarks that take minutes at most',
  'npm run bench -- <benchmark>  one of',
  ...BENCHMARKS.map((benchmark) => `  ${call(benchmark).padEnd(width)}  ${benchmark.about}`),
  '',
].join('\n');

function find(name: string): Benchmark {
  const found = BENCHMARKS.find((benchmark) => benchmark.name === name);
  if (found) return found;
  throw new UsageError(`There is no benchmark "${name}".`);
}

/** @throws UsageError */
async function main([name, ...args]: readonly string[]): Promise<void> {
  if (name === '--help' || name === '-h') {
    process.stdout.write(HELP);
  } else if (name !== undefined) {
    await find(name).run(args);
  } else {
    for (const benchmark of BENCHMARKS) {
      if (benchmark.onlyByName) continue;
      process.stdout.write(`${benchmark.name}: ${benchmark.about}\n`);
      await benchmark.run([]);
    }
  }
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${HELP}`);
  process.exitCode = 2;
});
