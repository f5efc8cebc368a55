/** What a report tells, whatever it is written as: with .json, this itself. */
import type { Outcome } from './jobEvents.ts';
import type { Totals } from './summary.ts';

/** Documents that were tried by a moment, in s from the beginning. */
export interface Moment {
  readonly at: number;
  readonly tried: number;
}

export interface Report {
  readonly command: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly exitCode: number;
  readonly totals: Totals;
  readonly tasks: readonly Outcome[];
  /** At a steady pace, the first and the last among them. */
  readonly course: readonly Moment[];
}
