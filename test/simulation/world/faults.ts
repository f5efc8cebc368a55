/** Faults, found by the number of what they strike. */
import type { Fault } from '../scenario.ts';

export const byNumber = <Kind extends string>(
  faults: readonly Fault<Kind>[],
): ReadonlyMap<number, Fault<Kind>> => new Map(faults.map((fault) => [fault.number, fault]));
