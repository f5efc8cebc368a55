/**
 * What stands between the braces of a tag, as one value: where it leads to in a row, and what is made of
 * the value there. Whoever fills something from rows reads tags through it (readTag.ts).
 */
import { mayBePath } from '../columns/columnPath.ts';
import { applyFormat, isPlain } from '../formats/fieldFormats.ts';
import { fieldsIn, type Condition, type Format } from '../formats/fieldSchemas.ts';
import { MARK, readMark } from './tagMarks.ts';

/** What a tag makes of the value that it leads to; undefined and null stay what they are. */
type Show = (value: unknown) => unknown;

export interface TagExpression {
  /** A key of the row, or a path; `.` is the item of a list. Of a condition: nothing that is read. */
  readonly name: string;
  /** Whether the name may be a path where it is no key. */
  readonly mayBePath: boolean;
  /** Absent where the value is taken as it is. */
  readonly show: Show | undefined;
  /** Decides instead of a value, for a field of a mail merge. */
  readonly condition: Condition | undefined;
  /** Whether a field of Word's mail merge stands there: its names know no blanks and no signs. */
  readonly isMergeField: boolean;
}

const expressionOf = (name: string, rest: Partial<TagExpression> = {}): TagExpression => ({
  name,
  mayBePath: mayBePath(name),
  show: undefined,
  condition: undefined,
  isMergeField: false,
  ...rest,
});

/**
 * Reads a tag.
 * @param written what is between the braces, without # ^ / @
 */
export function parseTag(written: string): TagExpression {
  // The spaces around a name, no-break ones included, are set by Word.
  if (!written.includes(MARK)) return expressionOf(written.trim());
  const { name, format, condition } = readMark(written);
  if (condition) return expressionOf(name, { condition });
  if (!format) return expressionOf(name);
  return expressionOf(name, {
    isMergeField: true,
    show: isPlain(format) ? undefined : fieldShow(format),
  });
}

/** What a field of a mail merge makes of a value that can be printed. */
const fieldShow =
  (format: Format): Show =>
  (value) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? applyFormat(format, value)
      : value;

/** The name that a tag is told by. */
export const tagName = (written: string): string => parseTag(written).name;

/** Names of the columns that a tag reads. */
export const namesRead = ({ name, condition }: TagExpression): string[] =>
  condition ? fieldsIn(condition) : [name];
