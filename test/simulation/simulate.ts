/** `npm run simulate`: plays scenarios, and shows what went wrong in one as small as it can be. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleEngine } from './bundle.ts';
import { readDeployment } from './deployment.ts';
import { MUTATIONS } from './mutations.ts';
import { createPlayers, type Players } from './players.ts';
import { createDice } from './random.ts';
import type { Outcome } from './run.ts';
import { scenarioOf } from './drawScenario.ts';
import { shrink } from './shrink.ts';

const HELP = `Plays scenarios in a simulated world: people, workflows and functions in virtual time, and faults by a seed.

  npm run simulate                            1,000 scenarios that nobody has seen yet
  npm run simulate -- --runs 5000 --seed 1    those of the seeds 1 to 5,000
  npm run simulate -- --seed 4711             one of them again, to the letter, with its trace

  --runs N        how many scenarios (default 1,000; 1 with --seed alone)
  --seed N        the first seed (default: another one each time)
  --workers N     threads (default: one for each processor)
  --mutation NAME plays with a fault that is put into the code:
                  ${Object.keys(MUTATIONS).join(', ')}
  --help          this text

A seed decides what there is and when: tasks (checked, approved, grouped, of some rows, upon an earlier one, sent to a service
that answers or calls back), people who start, pause, resume, cancel, retry, correct, postpone and delete them, who watch by WebSocket or server-sent events, keep
webhook endpoints, and delete the templates and data sources that tasks use; and what goes wrong. docs/fault-tests.md says
what must hold all the same.

The first scenario that fails is made smaller and shown; its trace is in build/simulation/. Exit code 1.
`;

const folder = join(import.meta.dirname, '../../build/simulation');

function readArguments() {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string' },
      seed: { type: 'string' },
      workers: { type: 'string' },
      mutation: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const number = (name: 'runs' | 'seed' | 'workers', otherwise: number) => {
    const text = values[name];
    if (text === undefined) return otherwise;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new Error(`--${name} takes a whole number, not "${text}".`);
  };
  const { mutation } = values;
  if (mutation !== undefined && !(mutation in MUTATIONS)) {
    throw new Error(`There is no mutation ${mutation}. See --help.`);
  }
  const alone = values.seed !== undefined && values.runs === undefined;
  return {
    help: values.help ?? false,
    runs: Math.max(1, number('runs', alone ? 1 : 1_000)),
    seed: number('seed', createDice(Date.now()).between(1, 900_000_000)),
    workers: Math.max(1, number('workers', availableParallelism())),
    mutation,
  };
}

/** Sums over all scenarios. */
function createTally() {
  const begun = performance.now();
  const faults = new Map<string, number>();
  let [done, calls, seconds] = [0, 0, 0];
  return {
    add(outcome: Outcome) {
      done++;
      calls += outcome.calls;
      seconds += outcome.seconds;
      for (const [kind, count] of Object.entries(outcome.faults)) {
        faults.set(kind, (faults.get(kind) ?? 0) + count);
      }
    },
    rate: () => done / ((performance.now() - begun) / 1000),
    done: () => done,
    lines: () => [
      `${done} scenarios, ${calls.toLocaleString('en-US')} calls, ${Math.round(seconds / 3600).toLocaleString('en-US')} virtual hours.`,
      `Faults: ${[...faults]
        .sort(([, a], [, b]) => b - a)
        .map(([kind, count]) => `${count.toLocaleString('en-US')} ${kind}`)
        .join(', ')}.`,
    ],
  };
}

const print = (text: string) => void process.stdout.write(`${text}\n`);
const isLive = process.stdout.isTTY === true;
/** Between two lines of progress, in ms. */
const PROGRESS_MS = isLive ? 250 : 15_000;

/** Plays the scenarios of some seeds; the first that fails, or undefined. */
async function playAll(
  players: Players,
  first: number,
  runs: number,
): Promise<Outcome | undefined> {
  const tally = createTally();
  const failures: Outcome[] = [];
  let next = first;
  const show = () => {
    const { done, rate } = { done: tally.done(), rate: tally.rate() };
    const left = Math.round((runs - done) / Math.max(rate, 0.01));
    const line = `${done} of ${runs} scenarios, ${rate.toFixed(1)} a second, ${left} s left`;
    process.stdout.write(isLive ? `\r\u001b[2K${line}` : `${line}\n`);
  };
  const timer = setInterval(show, PROGRESS_MS);
  await Promise.all(
    Array.from({ length: players.count }, async () => {
      while (next < first + runs && failures.length === 0) {
        const outcome = await players.play(scenarioOf(next++));
        tally.add(outcome);
        if (outcome.violations.length > 0) failures.push(outcome);
      }
    }),
  );
  clearInterval(timer);
  if (isLive) process.stdout.write('\r\u001b[2K');
  for (const line of tally.lines()) print(line);
  print(`${tally.rate().toFixed(1)} scenarios a second.`);
  return failures.sort((a, b) => a.seed - b.seed)[0];
}

async function showFailure(players: Players, { seed, ...outcome }: Outcome): Promise<void> {
  print(`\nSeed ${seed} fails:`);
  for (const violation of outcome.violations.slice(0, 10)) print(`  ${violation}`);
  print('\nIt is made smaller …');
  const play = (scenario: ReturnType<typeof scenarioOf>) => players.play(scenario);
  const small = await shrink(scenarioOf(seed), { seed, ...outcome }, play);
  const { trace, violations } = await players.play(small.scenario, { keepsTrace: true });
  const file = join(folder, `seed-${seed}.trace`);
  writeFileSync(file, `${trace.join('\n')}\n`);
  writeFileSync(join(folder, `seed-${seed}.json`), JSON.stringify(small.scenario, undefined, 2));
  print(JSON.stringify(small.scenario));
  for (const violation of violations.slice(0, 10)) print(`  ${violation}`);
  print(`\nThe trace of ${trace.length} lines is in ${file}; where faults struck:`);
  for (const line of trace.filter((each) => each.includes('!!')).slice(0, 40)) print(line);
}

async function main(): Promise<void> {
  const { help, runs, seed, workers, mutation } = readArguments();
  if (help) return print(HELP);
  mkdirSync(folder, { recursive: true });
  const engine = join(folder, 'engine.cjs');
  const mutated = mutation === undefined ? undefined : MUTATIONS[mutation];
  await bundleEngine(engine, mutated ? [mutated] : []);
  const players = createPlayers(engine, readDeployment(), Math.min(workers, runs));
  try {
    if (runs === 1) print(`Seed ${seed}.`);
    else print(`Seeds ${seed} to ${seed + runs - 1}, on ${players.count} threads.`);
    const failure = await playAll(players, seed, runs);
    if (failure) {
      process.exitCode = 1;
      await showFailure(players, failure);
    } else if (runs === 1) {
      const { trace, digest } = await players.play(scenarioOf(seed), { keepsTrace: true });
      const file = join(folder, `seed-${seed}.trace`);
      writeFileSync(file, `${trace.join('\n')}\n`);
      print(`Nothing went wrong. Its trace (${digest}) is in ${file}.`);
    } else print('Nothing went wrong.');
  } finally {
    await players.close();
  }
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
