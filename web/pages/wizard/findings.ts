/** What a check found, as the rows that it found it in. */
import type { Finding, Severity } from '../../../shared/schemas/checkApi.ts';

/** What is wrong with a cell, if anything. */
export type FaultOf = (row: number, column: string) => string | undefined;

/** The gravest first. */
export const SEVERITIES = ['error', 'warning', 'info'] as const satisfies readonly Severity[];

export interface RowFaults {
  /** Rows that have a fault, as far as they are named. */
  readonly rows: ReadonlySet<number>;
  readonly faultOf: FaultOf;
}

/** Faults of the rows that findings name: the first of each. What is only worth knowing is none. */
export function faultsOfRows(findings: readonly Finding[]): RowFaults {
  const rows = new Set<number>();
  const byCell = new Map<string, string>();
  for (const { severity, firstRows, column, tag, detail } of findings) {
    if (severity === 'info') continue;
    for (const row of firstRows) {
      rows.add(row);
      const key = cellKey(row, column ?? tag ?? '');
      if (!byCell.has(key)) byCell.set(key, detail);
    }
  }
  return { rows, faultOf: (row, column) => byCell.get(cellKey(row, column)) };
}

const cellKey = (row: number, column: string) => `${row} ${column}`;
