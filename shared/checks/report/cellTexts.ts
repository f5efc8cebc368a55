/** What the comment of a marked cell says: of this one cell, where a finding speaks of many. */
import type { FindingCode } from '../../problems.ts';
import type { Found } from '../found.ts';

const FAILS = 'the document of this row fails.';

type TextOf = (found: Pick<Found, 'tag' | 'severity'>) => string;

const of = ({ tag }: Pick<Found, 'tag'>) => (tag === undefined ? 'The tag' : `The tag {${tag}}`);

/** By code; of others the finding's own words are good. */
const TEXTS: Partial<Record<FindingCode, TextOf>> = {
  VALUE_MISSING: (found) => `${of(found)} has no value here: ${FAILS}`,
  VALUE_EMPTY: (found) => `${of(found)} has nothing to show here: it stays blank.`,
  VALUE_GROUP: (found) =>
    `${of(found)} reads a group of values here, which cannot be printed: ${FAILS}`,
  CONDITION_MET_BY_NO: (found) =>
    `This cell says no, but to the condition ${found.tag === undefined ? '' : `{${found.tag}} `}any text is a yes.`,
  CELL_FAULTY: ({ severity }) =>
    `This cell could not be read, or shows an error${severity === 'error' ? `: ${FAILS}` : '.'}`,
  CHARACTERS_ILLEGAL: ({ severity }) =>
    `This cell has characters that a Word document cannot hold, such as control characters${severity === 'error' ? `: ${FAILS}` : '.'}`,
  CHARACTERS_GARBLED: () => 'This cell has characters that came out wrong, such as � or Ã¤.',
  CHARACTERS_BIDI: () => 'This cell has invisible signs that turn the direction of writing.',
  VALUE_HIDDEN: () =>
    'This cell has nothing but number signs: Excel shows these where a column is too narrow.',
  NUMBER_SHORTENED: () => 'The last digits of this number are lost.',
  DIGITS_LOST: () =>
    'This number has more than 15 digits and ends with zeros, as Excel makes of longer ones.',
  VALUE_CUT: () =>
    'This text has exactly 32,767 characters, as a cell of Excel holds at most: its end is probably lost.',
  ZEROS_LOST: () =>
    'This number has fewer digits than the others of its column: Excel drops zeros in front of a number.',
  KINDS_MIXED: () => 'This value is of another kind than nearly all others of its column.',
  DATE_AS_NUMBER: () => 'This is a plain number in a column of dates: Excel counts days so.',
  VALUE_LONG: () => 'This value is far longer than the others of its column.',
};

/** What is wrong with a cell, and what to do, without its value. */
export function textOfCell({ code, detail, suggestion, ofCell, ...found }: Found): string {
  const text = ofCell ?? TEXTS[code]?.(found) ?? detail;
  return suggestion === undefined ? text : `${text} ${suggestion}`;
}
