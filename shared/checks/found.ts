/** What findings are, and what they are made of. */
import type { NameComparison } from '../columns/compareTask.ts';
import type { FindingCode } from '../problems.ts';
import type { Severity } from '../schemas/checkApi.ts';
import type { ScannedRows } from './scanRows.ts';
import type { Tally } from './tally.ts';

/** What is found, before it is told. */
export interface Found {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly tag?: string;
  readonly column?: string | undefined;
  /** Where in the rows. */
  readonly at?: Tally;
  readonly detail: string;
  readonly suggestion?: string;
  /** What is wrong with each of the cells, where that is known better than by the code. */
  readonly ofCell?: string;
}

/** What findings are made of. */
export interface CheckedOrder {
  readonly compared: NameComparison;
  /** What the templates are called. */
  readonly labels: readonly string[];
  readonly columns: readonly string[];
  readonly missingValue: 'empty' | 'error';
  readonly rowCount: number;
  readonly scanned: ScannedRows;
}

/** How many, as people write it. */
export const many = (count: number): string => count.toLocaleString('en-US');

/** "1 row", "12 rows", "every row". */
export function rowsOf(count: number, all?: number): string {
  if (all !== undefined && count === all && all > 1) return 'every row';
  return `${many(count)} ${count === 1 ? 'row' : 'rows'}`;
}
