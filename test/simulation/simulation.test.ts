/** Scenarios by a seed: some, those that once failed, and the same ones over code with a known fault. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bundleEngine, type Mutation } from './bundle.ts';
import { readDeployment } from './deployment.ts';
import { MUTATIONS } from './mutations.ts';
import { createPlayers, type Players } from './players.ts';
import type { Outcome } from './run.ts';
import { scenarioOf } from './drawScenario.ts';
import type { Scenario } from './scenario.ts';

/** Scenarios that are played: others and more with these two variables. */
const FIRST_SEED = Number(process.env['SHEAF_SIMULATION_SEED'] ?? 1);
const RUNS = Number(process.env['SHEAF_SIMULATION_RUNS'] ?? (process.env['CI'] ? 250 : 100));
/** Besides, so many that nobody has seen: each commit has its own. */
const FRESH_RUNS = Number(
  process.env['SHEAF_SIMULATION_FRESH'] ?? (process.env['CI'] ? 1_000 : 20),
);
/** A mutation must be found within so many. */
const MUTATION_RUNS = 1_000;
const LONG = { timeout: 1_200_000 };

const folder = mkdtempSync(join(tmpdir(), 'sheaf-simulation-'));
const deployment = readDeployment();
const threads = availableParallelism();

/** The first seed of this commit; where there is none, of this day. */
function freshSeed(): number {
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  const [digits] = /^[0-9a-f]{7}/.exec(stdout) ?? [];
  return digits === undefined ? Math.floor(Date.now() / 86_400_000) * 1_000 : parseInt(digits, 16);
}
const FRESH_SEED = freshSeed();

async function playersOf(name: string, mutation?: Mutation): Promise<Players> {
  const engine = join(folder, `${name}.cjs`);
  await bundleEngine(engine, mutation ? [mutation] : []);
  return createPlayers(engine, deployment, threads);
}

/** Plays the scenarios of so many seeds, until one fails. */
async function firstFailure(
  players: Players,
  seed: number,
  runs: number,
): Promise<Outcome | undefined> {
  let next = seed;
  let failure: Outcome | undefined;
  await Promise.all(
    Array.from({ length: players.count }, async () => {
      while (!failure && next < seed + runs) {
        const outcome = await players.play(scenarioOf(next++));
        if (outcome.violations.length > 0) failure ??= outcome;
      }
    }),
  );
  return failure;
}

let players: Players;
beforeAll(async () => void (players = await playersOf('engine')), 120_000);
afterAll(async () => {
  await players.close();
  rmSync(folder, { recursive: true });
});

it.each([
  [RUNS, FIRST_SEED],
  [FRESH_RUNS, FRESH_SEED],
])('keeps every promise in %i scenarios from seed %i on', LONG, async (runs, seed) => {
  const failure = await firstFailure(players, seed, runs);
  const how = failure && `npm run simulate -- --seed ${failure.seed} repeats it`;
  expect(failure?.violations ?? [], how).toEqual([]);
});

it(
  'repeats a scenario to the letter, in whatever thread and after whatever others',
  LONG,
  async () => {
    const seeds = Array.from({ length: 8 }, (_, i) => 40 + i);
    const digests = async (order: readonly number[]) => {
      const outcomes = await Promise.all(order.map((seed) => players.play(scenarioOf(seed))));
      return new Map(outcomes.map(({ seed, digest }) => [seed, digest]));
    };
    const first = await digests(seeds);
    const second = await digests(seeds.toReversed());
    for (const seed of seeds) expect(second.get(seed), `seed ${seed}`).toBe(first.get(seed));
  },
);

/** Written by `npm run simulate`, now or earlier. */
type Written = Omit<Scenario, 'readers' | 'endpoints' | 'deletions'> & Partial<Scenario>;
const WrittenSchema = z.custom<Written>((value) => typeof value === 'object');
const kept = join(import.meta.dirname, 'found');

describe('a scenario that once failed', () => {
  it.each(readdirSync(kept))('%s', LONG, async (name) => {
    const written = WrittenSchema.parse(JSON.parse(readFileSync(join(kept, name), 'utf8')));
    // What people do since they were written.
    const scenario = { readers: [], endpoints: [], deletions: [], ...written };
    const { violations } = await players.play(scenario);
    expect(violations).toEqual([]);
  });
});

describe(`within ${MUTATION_RUNS} scenarios a fault is found`, () => {
  it.each(Object.values(MUTATIONS))('$name', LONG, async (mutation) => {
    const mutated = await playersOf(mutation.name, mutation);
    const failure = await firstFailure(mutated, mutation.seed, MUTATION_RUNS);
    await mutated.close();
    expect(failure?.violations.length).toBeGreaterThan(0);
  });
});
