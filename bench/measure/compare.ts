/**
 * The measuring room: contenders do the same work by turns, in one process, for several rounds after
 * a warm-up. Each round has an order of its own, so that no contender always clears away what the same
 * other one has left behind. Garbage is not collected between turns: V8 then forgets compiled code too,
 * and those who have much of it become several times slower.
 */
import { createRandom } from './random.ts';
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

/** A clock, in milliseconds from any beginning. */
type Now = () => number;

/** Measures. Whatever a contender throws ends it: what may fail is tried before. */
export async function compare(
  { contenders, units, ...about }: Contest,
  { rounds = ROUNDS, now = () => performance.now() }: { rounds?: number; now?: Now } = {},
): Promise<Comparison> {
  const entrants = contenders.map((one) => ('absent' in one ? one : enter(one)));
  const competing = entrants.filter((one) => 'times' in one);
  for (const entrant of competing) await warmUp(entrant, units, now);
  for (let round = 0; round < rounds; round++) {
    for (const entrant of shuffled(competing, round)) await takeTurn(entrant, now);
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
async function warmUp(entrant: Entrant, units: number | undefined, now: Now): Promise<void> {
  if (units !== undefined) {
    entrant.units = units;
    await timed(entrant.contender, units, now);
    return;
  }
  let spent = 0;
  for (let tried = 1; spent < WARM_UP_SECONDS; tried *= 2) {
    const { seconds } = await timed(entrant.contender, tried, now);
    spent += seconds;
    entrant.units = Math.max(1, Math.round((TURN_SECONDS / seconds) * tried));
  }
}

async function takeTurn(entrant: Entrant, now: Now): Promise<void> {
  const { seconds, bytes } = await timed(entrant.contender, entrant.units, now);
  entrant.bytes += bytes;
  entrant.times.push(seconds / entrant.units);
}

async function timed(contender: Contender, units: number, now: Now) {
  const start = now();
  const bytes = await contender.run(units);
  return { bytes, seconds: (now() - start) / 1000 };
}

/** The same order for the same seed. */
function shuffled<T>(all: readonly T[], seed: number): T[] {
  const random = createRandom(seed);
  return all
    .map((one) => ({ one, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one);
}
