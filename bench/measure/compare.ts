/**
 * The measuring room: contenders do the same work by turns, in one process, for several rounds after
 * a warm-up. Whoever begins a round ends the next one, so that no contender always works in what the
 * same other one has left behind.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  measured,
  withRatios,
  type Absent,
  type Comparison,
  type Measured,
  type Role,
} from './comparison.ts';

const ROUNDS = 7;
/** Of a turn whose length is free: far more than what a clock or a short pause is wrong by. */
const TURN_SECONDS = 0.15;
const WARM_UP_SECONDS = 0.4;

/** Of a turn, before the clock runs: what was forgotten while others worked is learned again. */
const LEAD_IN = 0.05;

/** What one contender leaves behind is not to be cleared away in the time of another. */
const collectGarbage = exposeGc();

function exposeGc(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** One way of doing the work. */
export interface Contender {
  readonly name: string;
  readonly role: Role;
  /** Does so many units of the work; returns the bytes that it read or made. */
  run(units: number): number | Promise<number>;
}

/** A comparison to be made. */
export interface Contest {
  readonly title: string;
  /** What is counted, in the singular. */
  readonly unit: string;
  /** Names of the contenders that ratios are to. */
  readonly peer?: string;
  readonly floor?: string;
  readonly contenders: readonly (Contender | Absent)[];
  /** Units of every turn; without it, as many as the contender does in a short while. */
  readonly units?: number;
}

/** Measures. Whatever a contender throws ends it: what may fail is tried before. */
export async function compare(
  { contenders, units, ...about }: Contest,
  rounds = ROUNDS,
): Promise<Comparison> {
  const entrants = contenders.map((one) => ('absent' in one ? one : enter(one)));
  const competing = entrants.filter((one) => 'times' in one);
  for (const entrant of competing) await warmUp(entrant, units);
  for (let round = 0; round < rounds; round++) {
    for (const i of competing.keys()) {
      const entrant = competing[(i + round) % competing.length];
      if (entrant) await takeTurn(entrant);
    }
  }
  return withRatios({
    ...about,
    contenders: entrants.map((one) => ('times' in one ? result(one) : one)),
  });
}

interface Entrant {
  readonly contender: Contender;
  /** Units of a turn. */
  units: number;
  /** Seconds of a unit, by round. */
  readonly times: number[];
  /** Made in all rounds. */
  bytes: number;
}

const enter = (contender: Contender): Entrant => ({ contender, units: 1, times: [], bytes: 0 });

const result = ({ contender, times, units, bytes }: Entrant): Measured =>
  measured(contender, times, bytes / (units * times.length));

/** Runs it until it is warm, and finds how many units make a turn when the contest leaves it open. */
async function warmUp(entrant: Entrant, units: number | undefined): Promise<void> {
  const { contender } = entrant;
  if (units !== undefined) {
    entrant.units = units;
    await contender.run(units);
    return;
  }
  let spent = 0;
  for (let tried = 1; spent < WARM_UP_SECONDS; tried *= 2) {
    const seconds = await secondsOf(contender, tried);
    spent += seconds;
    entrant.units = Math.max(1, Math.round((TURN_SECONDS / seconds) * tried));
  }
}

async function takeTurn(entrant: Entrant): Promise<void> {
  collectGarbage();
  await entrant.contender.run(Math.ceil(entrant.units * LEAD_IN));
  const start = performance.now();
  entrant.bytes += await entrant.contender.run(entrant.units);
  entrant.times.push((performance.now() - start) / 1000 / entrant.units);
}

async function secondsOf(contender: Contender, units: number): Promise<number> {
  const start = performance.now();
  await contender.run(units);
  return (performance.now() - start) / 1000;
}
