/** A run and what it would have cost in AWS. */
import { awsBill, type Bill } from '../awsBill.ts';
import type { LettersRun } from './runLetters.ts';

export interface BilledRun {
  readonly run: LettersRun;
  /** With functions by their duration on this machine. */
  readonly bill: Bill;
  readonly billOfProcessorTime: Bill;
}

export const billed = (run: LettersRun): BilledRun => ({
  run,
  bill: awsBill(run.usage, 'duration'),
  billOfProcessorTime: awsBill(run.usage, 'processor'),
});
