/** Rows that become one document. */
import type { PreviewRow } from '../../../shared/schemas/dataSourceApi.ts';
import { shownValue } from './rowsTable.tsx';

/** The rows that give their groups a name: the first of each value, and each that has none (docs/data.md). */
export function firstsOfGroups(rows: readonly PreviewRow[], column: string): readonly PreviewRow[] {
  const seen = new Set<string>();
  return rows.filter(({ values }) => {
    const value = shownValue(values, column);
    if (value === undefined) return true;
    if (seen.has(value)) return false;
    seen.add(value);
    return true;
  });
}
