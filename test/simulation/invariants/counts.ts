/** Counters of a task, held against each other and against its manifest. */
import type { FoundLine } from './outcomes.ts';

/** As a task's view and its progress have them. */
export interface FoundCounts {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  /** Absent where the view has none, as in progress and events. */
  readonly pending?: number;
}

/** Violations within one set of counters, at any moment of a task's life. */
export function counterViolations(counts: FoundCounts, expectedTotal: number): string[] {
  const { total, succeeded, failed, skipped, pending } = counts;
  const tried = succeeded + failed + skipped;
  const violations: string[] = [];
  if (total !== expectedTotal)
    violations.push(`The total is ${total} instead of ${expectedTotal}.`);
  if (Math.min(succeeded, failed, skipped, pending ?? 0) < 0) {
    violations.push(`A counter is below 0: ${succeeded}, ${failed}, ${skipped}, ${pending}.`);
  }
  if (tried > total) violations.push(`${tried} documents were tried of ${total}.`);
  if (pending !== undefined && tried + pending !== total) {
    violations.push(`${tried} tried and ${pending} pending are not ${total}.`);
  }
  return violations;
}

/** Violations of the counters of a task that has ended with an archive. */
export function finalCountViolations(
  counts: FoundCounts,
  expectedTotal: number,
  manifest: readonly FoundLine[],
): string[] {
  const violations = counterViolations(counts, expectedTotal);
  for (const status of ['succeeded', 'failed', 'skipped'] as const) {
    const listed = manifest.filter((line) => line.status === status).length;
    if (counts[status] !== listed) {
      violations.push(
        `${counts[status]} ${status} are counted, and ${listed} are in the manifest.`,
      );
    }
  }
  return violations;
}
