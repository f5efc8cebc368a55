/** One run: a seed, a local cloud of its own, and a verdict. */
import { join } from 'node:path';
import { openArena } from './arena.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { playScenario } from './playScenario.ts';
import { describeScenario, makeScenario } from './scenario.ts';

export interface ChaosRun {
  readonly ledger: Ledger;
  /** What was planned, in lines. */
  readonly description: string;
}

/** Every fourth run is on a small disk, where the machine lets one be made. */
const DISK_EVERY = 4;

/**
 * Plays the scenario of a seed.
 * @param keepIn a folder in which the cloud's own is kept when anything was violated
 */
export async function runChaos(seed: number, keepIn?: string): Promise<ChaosRun> {
  const ledger = createLedger();
  const wantsDisk = seed % DISK_EVERY === 0;
  const { taskLimit } = makeScenario(seed, { canFillDisk: false });
  const arena = await openArena(ledger, taskLimit, wantsDisk);
  if (wantsDisk && !arena.canFillDisk) {
    process.stderr.write(`Seed ${seed}: no disk is filled, as none can be mounted here.\n`);
  }
  const scenario = makeScenario(seed, { canFillDisk: arena.canFillDisk });
  try {
    await playScenario(arena, scenario, ledger, { deletesAll: false });
  } finally {
    const isKept = keepIn !== undefined && ledger.violations.length > 0;
    await arena.close(isKept ? join(keepIn, `seed-${seed}`) : undefined);
  }
  return { ledger, description: describeScenario(scenario) };
}
