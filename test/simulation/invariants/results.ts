/** The table of results held against the reports of the archive: both tell the same of each row and template. */
import type { FoundFailure, FoundLine } from './outcomes.ts';

/** A row of the table. */
export interface FoundResult {
  readonly row: number;
  readonly status: string;
  /** By template: its name in the archive; undefined for none. */
  readonly documents: ReadonlyMap<string, string | undefined>;
  /** Codes of why documents of it failed. */
  readonly codes: ReadonlySet<string>;
}

/** The status of a row is the first of these that one of its documents has. */
const STATUS_ORDER = ['failed', 'pending', 'succeeded', 'skipped'] as const;

/**
 * @param rows how many there must be
 * @param labels of the templates
 */
export function resultViolations(
  found: readonly FoundResult[],
  { manifest, failures }: { manifest: readonly FoundLine[]; failures: readonly FoundFailure[] },
  rows: number,
  labels: readonly string[],
): string[] {
  const lines = new Map(manifest.map((line) => [`${line.row} ${line.template}`, line]));
  const numbers = found.map(({ row }) => row);
  if (numbers.length !== rows || numbers.some((row, i) => row !== i + 1)) {
    return [`The results have ${numbers.length} rows of ${rows}, or not in their order.`];
  }
  return found.flatMap(({ row, status, documents, codes }) => {
    const own = labels.map((label) => lines.get(`${row} ${label}`));
    const expected = STATUS_ORDER.find((one) =>
      own.some((line) => (line?.status ?? 'pending') === one),
    );
    const violations: string[] = [];
    if (status !== expected) {
      violations.push(`Row ${row} is ${status} by the results, and ${expected} by the archive.`);
    }
    for (const [i, label] of labels.entries()) {
      if (documents.get(label) === own[i]?.document) continue;
      violations.push(`Row ${row} of ${label} has another document by the results.`);
    }
    const reported = failures.filter((failure) => failure.row === row).map(({ code }) => code);
    if ([...codes].sort().join() !== [...new Set(reported)].sort().join()) {
      violations.push(`Row ${row} failed for other reasons by the results.`);
    }
    return violations;
  });
}
