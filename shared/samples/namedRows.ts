/** Rows that a request for samples names. */
import { MAX_NAMED_ROWS } from '../limits.ts';
import { Problem } from '../problems.ts';
import { parseRowSpans } from '../selection/rowSpans.ts';

/**
 * Their numbers, ascending.
 * @throws Problem VALIDATION_ERROR
 */
export function namedRows(text: string, rowCount: number): number[] {
  const parsed = parseRowSpans(text, rowCount);
  if ('fault' in parsed) throw refused(parsed.fault);
  const rows: number[] = [];
  for (const [first, last] of parsed.spans) {
    for (let row = first; row <= last; row++) {
      if (rows.length === MAX_NAMED_ROWS) {
        throw refused(`Samples are made of at most ${MAX_NAMED_ROWS} rows by name. Name fewer.`);
      }
      rows.push(row);
    }
  }
  return rows;
}

const refused = (detail: string) =>
  new Problem('VALIDATION_ERROR', detail, { errors: [{ pointer: '/rows', detail }] });
