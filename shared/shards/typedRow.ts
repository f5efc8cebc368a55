/** Rows for tags with formats: they read the number or date behind a shown value. */
import { typedValues, type NumberedRow } from '../dataSources/rows.ts';
import type { Row } from '../schemas/common.ts';
import { withTyped } from '../tags/shown.ts';

/** The values of a row, with what is behind them. */
export function withTypedValues(row: NumberedRow): Row {
  const typed = typedValues(row);
  return typed === undefined ? row.values : withTyped(row.values, typed);
}
