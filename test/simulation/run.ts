/** One scenario, from its beginning to the judgement. */
import type { Furniture } from './furniture.ts';
import { judge } from './judge.ts';
import { play } from './play.ts';
import type { Played } from './played.ts';
import { whileTimePasses } from './rest.ts';
import type { Scenario } from './scenario.ts';
import { askWhatIsTold } from './told.ts';
import { createWorld, type Deployment, type World } from './world/world.ts';

export interface Outcome {
  readonly seed: number;
  readonly violations: readonly string[];
  /** The same for the same happenings. */
  readonly digest: number;
  readonly calls: number;
  readonly invocations: number;
  /** Virtual seconds. */
  readonly seconds: number;
  /** Faults that struck, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly trace: readonly string[];
  /** What the functions wrote into their logs. */
  readonly logged: readonly unknown[];
}

export async function runScenario(
  scenario: Scenario,
  deployment: Deployment,
  furniture: Furniture,
  { keepsTrace = false }: { keepsTrace?: boolean } = {},
): Promise<Outcome> {
  const world = createWorld(scenario, deployment, { keepsTrace });
  const begun = world.timeline.now();
  await furniture.into(world);
  const played = await play(world, furniture.templates);
  const seconds = Math.round((world.timeline.now() - begun) / 1000);
  const violations = await judged(world, played, furniture).catch((error: Error) => [
    `The judge failed: ${error.stack}`,
  ]);
  return {
    seed: scenario.seed,
    violations,
    digest: world.trace.digest(),
    calls: world.processes.calls(),
    invocations: world.lambda.invocations(),
    seconds,
    faults: Object.fromEntries(world.struck),
    trace: world.trace.lines,
    logged: world.logged,
  };
}

async function judged(world: World, played: Played, furniture: Furniture): Promise<string[]> {
  const told = await whileTimePasses(world, () => askWhatIsTold(world, played));
  return judge(world, played, told, furniture);
}
