/**
 * Rows that may become samples, kept while all rows go by: of each thing that is worth looking at the first row
 * that shows it, or of what is measured the first row with the most of it. What is kept does not grow with
 * the rows.
 */
import { MAX_FEATURES } from '../limits.ts';

/** What a row shows, collected anew for each. */
export interface ShownByRow {
  readonly row: number;
  readonly features: ReadonlySet<number>;
  /** How much of what is measured: the most counts. */
  readonly measures: ReadonlyMap<number, number>;
}

export interface Candidate {
  readonly row: number;
  /** What it shows, apart from what is measured. */
  readonly features: Int32Array;
}

interface Owner {
  row: number;
  /** Of what is measured. */
  size: number;
}

export interface Candidates {
  /** @param pinned whether it is a sample in any case */
  add(shown: ShownByRow, pinned?: boolean): void;
  /** Whether some row shows it. */
  has(feature: number): boolean;
  /** Everything that some row shows. */
  features(): number[];
  /** Ascending. */
  rows(): Candidate[];
  /** The row that has the most of what is measured; undefined for what is not. */
  rowOfMost(feature: number): number | undefined;
  /** Whether there was more than is told apart. */
  readonly isPartial: boolean;
}

export function createCandidates(most = MAX_FEATURES): Candidates {
  const owners = new Map<number, Owner>();
  const measured = new Set<number>();
  const kept = new Map<number, { candidate: Candidate; owns: number }>();
  let isPartial = false;

  function keep({ row, features }: ShownByRow): void {
    const present = kept.get(row);
    if (present) present.owns++;
    else kept.set(row, { candidate: { row, features: Int32Array.from(features) }, owns: 1 });
  }

  function leave(row: number): void {
    const present = kept.get(row);
    if (present && --present.owns === 0) kept.delete(row);
  }

  function take(shown: ShownByRow, feature: number, size: number): void {
    const owner = owners.get(feature);
    if (owner) {
      if (size <= owner.size) return;
      keep(shown);
      leave(owner.row);
      owner.row = shown.row;
      owner.size = size;
      return;
    }
    if (owners.size >= most) {
      isPartial = true;
      return;
    }
    owners.set(feature, { row: shown.row, size });
    keep(shown);
  }

  return {
    add(shown, pinned = false) {
      for (const feature of shown.features) take(shown, feature, 0);
      for (const [feature, size] of shown.measures) {
        measured.add(feature);
        take(shown, feature, size);
      }
      if (pinned) keep(shown);
    },
    has: (feature) => owners.has(feature),
    features: () => [...owners.keys()].sort((a, b) => a - b),
    rows: () => [...kept.values()].map(({ candidate }) => candidate).sort((a, b) => a.row - b.row),
    rowOfMost: (feature) => (measured.has(feature) ? owners.get(feature)?.row : undefined),
    get isPartial() {
      return isPartial;
    },
  };
}
