/** What a check found, as its report shows it. */
import * as z from 'zod';
import { clip } from '../../clip.ts';
import { MAX_REPORT_COMMENT_CHARACTERS } from '../../limits.ts';
import type { Finding } from '../../schemas/checkApi.ts';

/** A cell that something is wrong with. */
const CellMarkSchema = z.object({
  /** 1-based row of data. */
  row: z.int().min(1),
  /** The column's name as the data source lists it, or a path as a header spells it. */
  column: z.string(),
  severity: z.enum(['error', 'warning']),
  /** What is wrong and what to do, without the value. */
  text: z.string(),
});
export type CellMark = Readonly<z.infer<typeof CellMarkSchema>>;

/**
 * Marks as they are kept until the report is written; `markedAll` is false when more cells are bad, and `unmarked` how many
 * these are, where that is known.
 */
export const MarksSchema = z.object({
  marks: z.array(CellMarkSchema),
  markedAll: z.boolean(),
  unmarked: z.int().min(0).optional(),
});

/** Something that was found, in one cell or in many. */
export type ReportFinding = Finding;

/** All that is wrong with one cell. */
export interface MarkedCell<Place> {
  readonly place: Place;
  /** The gravest. */
  readonly severity: CellMark['severity'];
  readonly texts: readonly string[];
}

const TITLES: Readonly<Record<ReportFinding['severity'], string>> = {
  error: 'Error',
  warning: 'Warning',
  info: 'Note',
};

export const titleOf = (severity: ReportFinding['severity']): string => TITLES[severity];

/** Everything wrong with a cell in one text, whatever it is filled with: not all tell red from yellow. */
export const commentOf = ({ severity, texts }: Omit<MarkedCell<unknown>, 'place'>): string =>
  clip(`${titleOf(severity)}: ${texts.join('\n')}`, MAX_REPORT_COMMENT_CHARACTERS);

/** Marks by the cells they are of, in the order in which cells came first. */
export function joinMarks<Place>(
  marks: Iterable<Pick<CellMark, 'severity' | 'text'> & { readonly place: Place }>,
  keyOf: (place: Place) => string,
): MarkedCell<Place>[] {
  const cells = new Map<
    string,
    { place: Place; severity: CellMark['severity']; texts: string[] }
  >();
  for (const { place, severity, text } of marks) {
    const key = keyOf(place);
    const cell = cells.get(key);
    if (!cell) {
      cells.set(key, { place, severity, texts: [text] });
      continue;
    }
    if (severity === 'error') cell.severity = severity;
    if (!cell.texts.includes(text)) cell.texts.push(text);
  }
  return [...cells.values()];
}
