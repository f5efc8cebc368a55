/** A few rows that show everything between them: a greedy cover, the same for the same rows. */
import type { Candidates } from './candidates.ts';
import { TIER_COUNT } from './features.ts';

export interface Covering {
  readonly candidates: Candidates;
  /** How much a feature matters: 0 is the most. */
  tierOf: (feature: number) => number;
  /** Rows that are taken in any case, ascending. */
  readonly pinned: readonly number[];
  /** Rows that are chosen beside them. */
  readonly most: number;
}

export interface ChosenRow {
  readonly row: number;
  /** What it was chosen for: what no row before it shows. */
  readonly features: readonly number[];
}

export interface Cover {
  /** In the order in which they were chosen. */
  readonly rows: readonly ChosenRow[];
  /** What no chosen row shows, for their number. */
  readonly left: readonly number[];
}

interface Choice {
  readonly row: number;
  readonly features: readonly number[];
}

/** What each row shows that some row is to show. */
function choicesOf(candidates: Candidates): Choice[] {
  const most = new Map<number, number[]>();
  const all = new Set(candidates.features());
  for (const feature of all) {
    const row = candidates.rowOfMost(feature);
    if (row !== undefined) most.set(row, [...(most.get(row) ?? []), feature]);
  }
  return candidates.rows().map(({ row, features }) => ({
    row,
    features: [...features.filter((feature) => all.has(feature)), ...(most.get(row) ?? [])].sort(
      (a, b) => a - b,
    ),
  }));
}

/** Covers as much as so many rows can; of two that are alike the first is taken. */
export function coverFeatures({ candidates, tierOf, pinned, most }: Covering): Cover {
  const left = new Set(candidates.features());
  const choices = new Map(choicesOf(candidates).map((choice) => [choice.row, choice]));
  const rows: ChosenRow[] = [];

  function take(row: number): void {
    const features = (choices.get(row)?.features ?? []).filter((feature) => left.delete(feature));
    choices.delete(row);
    rows.push({ row, features });
  }

  /** How many of each tier it would add. */
  function gainOf({ features }: Choice): number[] {
    const gain = Array.from({ length: TIER_COUNT }, () => 0);
    for (const feature of features) {
      if (!left.has(feature)) continue;
      const tier = tierOf(feature);
      gain[tier] = (gain[tier] ?? 0) + 1;
    }
    return gain;
  }

  for (const row of pinned) take(row);
  for (let chosen = 0; chosen < most && left.size > 0; chosen++) {
    let best: number | undefined;
    let bestGain = gainOf({ row: 0, features: [] });
    for (const choice of choices.values()) {
      const gain = gainOf(choice);
      if (isMore(gain, bestGain)) [best, bestGain] = [choice.row, gain];
    }
    if (best === undefined) break;
    take(best);
  }
  return { rows, left: [...left] };
}

/** Compared by the first tier in which they differ. */
function isMore(gain: readonly number[], than: readonly number[]): boolean {
  const tier = gain.findIndex((count, i) => count !== than[i]);
  return tier >= 0 && (gain[tier] ?? 0) > (than[tier] ?? 0);
}
