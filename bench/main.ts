/**
 * `npm run bench`: what Sheaf does on this machine, beside its peers and its floors in the same
 * process. Only ratios within one run mean anything; machines differ.
 */
import { UsageError, type Benchmark } from './benchmark.ts';
import { BENCHMARKS } from './benchmarks.ts';
import { updateReadme } from './readme.ts';

const usage = ({ name, arguments: args, about }: Benchmark) =>
  `  ${name} ${args}`.trimEnd() + `\n      ${about}`;

const HELP = [
  'npm run bench                              all benchmarks that take minutes at most',
  'npm run bench -- <benchmark> [arguments]   one of these:',
  '',
  ...BENCHMARKS.map(usage),
  '',
  'Each shows tables, keeps its results in bench/results/ and writes those that matter into README.md.',
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
    await updateReadme();
  } else {
    for (const benchmark of BENCHMARKS) {
      if (benchmark.onlyByName) continue;
      process.stdout.write(`${benchmark.name}: ${benchmark.about}\n`);
      await benchmark.run([]);
      await updateReadme();
    }
  }
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\nnpm run bench -- --help tells what there is.\n`);
  process.exitCode = 2;
});
