/** What a run, or many, came to: what was done, what went wrong on purpose, and what should not have been. */

export interface Ledger {
  /** Counts one more. */
  count(what: string, by?: number): void;
  /** Notes something that must not be, as a sentence. */
  violation(sentence: string): void;
  /** Notes what happened, for whoever looks for the cause of a violation. */
  note(line: string): void;
  readonly counts: ReadonlyMap<string, number>;
  readonly violations: readonly string[];
  readonly notes: readonly string[];
}

export function createLedger(now: () => number = () => performance.now()): Ledger {
  const counts = new Map<string, number>();
  const violations: string[] = [];
  const notes: string[] = [];
  const begunAt = now();
  const at = () => `${((now() - begunAt) / 1_000).toFixed(2)} s`;
  return {
    count: (what, by = 1) => void counts.set(what, (counts.get(what) ?? 0) + by),
    violation(sentence) {
      violations.push(sentence);
      notes.push(`${at()} VIOLATION: ${sentence}`);
    },
    note: (line) => void notes.push(`${at()} ${line}`),
    counts,
    violations,
    notes,
  };
}

/** Counts whose names begin so, without that beginning. */
export const countsOf = (ledger: Pick<Ledger, 'counts'>, prefix: string): [string, number][] =>
  [...ledger.counts]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, n]): [string, number] => [name.slice(prefix.length), n])
    .sort(([a], [b]) => (a < b ? -1 : 1));
