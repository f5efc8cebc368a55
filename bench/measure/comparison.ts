/** What a benchmark finds: the times of its contenders, and what follows from them. */
import * as z from 'zod';

/**
 * ours: Sheaf. peer: another program that does the same. floor: what no program can do without, such
 * as copying the bytes; it makes nothing that is of use.
 */
const RoleSchema = z.enum(['ours', 'peer', 'floor']);
export type Role = z.infer<typeof RoleSchema>;

/** A contender that took part. */
const MeasuredSchema = z.object({
  name: z.string(),
  role: RoleSchema,
  /** The median of its rounds. */
  secondsPerUnit: z.number(),
  unitsPerSecond: z.number(),
  /** What it read or made, on average. */
  bytesPerUnit: z.number(),
  /** How many times as fast as the comparison's peer: the median of the ratios of the rounds. */
  timesPeer: z.number().optional(),
  /** The same of the floor: below 1, the part of the floor's rate that is reached. */
  timesFloor: z.number().optional(),
  /** Seconds for a unit in each round. */
  rounds: z.array(z.number()),
});
export type Measured = z.infer<typeof MeasuredSchema>;

/** A contender that could not, and why. */
const AbsentSchema = z.object({ name: z.string(), role: RoleSchema, absent: z.string() });
export type Absent = z.infer<typeof AbsentSchema>;

/** Contenders that did the same work by turns. */
export const ComparisonSchema = z.object({
  /** What was done. */
  title: z.string(),
  /** What is counted, in the singular: document, row. */
  unit: z.string(),
  /** Names of the contenders that ratios are to. */
  peer: z.string().optional(),
  floor: z.string().optional(),
  contenders: z.array(z.union([MeasuredSchema, AbsentSchema])),
  /** What else was found, by what it is. */
  figures: z.array(z.object({ name: z.string(), value: z.number(), unit: z.string() })).optional(),
});
export type Comparison = z.infer<typeof ComparisonSchema>;

export const isMeasured = (contender: Measured | Absent): contender is Measured =>
  'rounds' in contender;

/** The value in the middle, or between the two there; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

/**
 * How many times as fast one was as the other: the median of the ratios of the rounds, since what
 * slows a machine for a while slows both.
 */
export const timesAsFast = (
  one: Pick<Measured, 'rounds'>,
  other: Pick<Measured, 'rounds'>,
): number => median(one.rounds.map((seconds, round) => (other.rounds[round] ?? NaN) / seconds));

/** The contender of that name; undefined when it took no part. */
export const measuredOf = (comparison: Comparison, name: string | undefined) =>
  comparison.contenders.filter(isMeasured).find((contender) => contender.name === name);

/** What was measured of a contender, from the seconds that a unit took in each round. */
export function measured(
  { name, role }: Pick<Measured, 'name' | 'role'>,
  rounds: readonly number[],
  bytesPerUnit: number,
): Measured {
  const secondsPerUnit = median(rounds);
  return {
    name,
    role,
    secondsPerUnit: rounded(secondsPerUnit),
    unitsPerSecond: rounded(1 / secondsPerUnit),
    bytesPerUnit: rounded(bytesPerUnit),
    rounds: rounds.map(rounded),
  };
}

/** The comparison with the ratios to its peer and its floor, where they took part. */
export function withRatios(comparison: Comparison): Comparison {
  const peer = measuredOf(comparison, comparison.peer);
  const floor = measuredOf(comparison, comparison.floor);
  const contenders = comparison.contenders.map((contender) =>
    isMeasured(contender)
      ? {
          ...contender,
          ...(peer && { timesPeer: rounded(timesAsFast(contender, peer)) }),
          ...(floor && { timesFloor: rounded(timesAsFast(contender, floor)) }),
        }
      : contender,
  );
  return { ...comparison, contenders };
}

/** Five digits are more than any clock here is good for. */
const rounded = (value: number) => Number(value.toPrecision(5));
