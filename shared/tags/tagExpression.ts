/**
 * What stands between the braces of a tag, as one value: where it leads to in a row, and what is made of
 * the value there. Whoever fills something from rows reads tags through it (readTag.ts).
 */
import { mayBePath } from '../columns/columnPath.ts';
import { applyFormat, isPlain } from '../formats/fieldFormats.ts';
import { fieldsIn, type Condition, type Format } from '../formats/fieldSchemas.ts';
import { compileFormats, type FormatFault } from './compileFormats.ts';
import type { Apply } from './formats/format.ts';
import { shownOf, typedOf } from './shown.ts';
import { MARK, readMark, type WrittenFilling, type WrittenTest } from './tagMarks.ts';
import { formatText, mayHaveFormats, takeApart, type WrittenFormat } from './writtenTag.ts';

export interface TagExpression {
  /** A key of the row, or a path; `.` is the item of a list. Of a condition: nothing that is read. */
  readonly name: string;
  /** The name with its formats, as it is told; of a condition of Word with the columns that it reads. */
  readonly told: string;
  /** Whether the name may be a path where it is no key. */
  readonly mayBePath: boolean;
  /** Absent where the value is taken as it is. */
  readonly show: Apply | undefined;
  /** As people wrote them, in their order. */
  readonly formats: readonly WrittenFormat[];
  /** What is wrong with them. */
  readonly faults: readonly FormatFault[];
  /** Decides instead of a value, for a field of a mail merge. */
  readonly condition: Condition | undefined;
  /** Decides instead of a value, for a paragraph that may be empty. */
  readonly test: FilledTest | undefined;
  /** Whether a field of Word's mail merge stands there: its names know no blanks and no signs. */
  readonly isMergeField: boolean;
}

/** What may come out of a paragraph. */
export type Filling =
  | { readonly kind: 'value'; readonly tag: TagExpression }
  | {
      readonly kind: 'section';
      readonly tag: TagExpression;
      readonly inverted: boolean;
      /** Whether the section shows something whatever its tags hold. */
      readonly always: boolean;
      readonly inner: readonly Filling[];
    };

/** Whether anything comes out of some tags, or nothing of some others (fillings.ts). */
export interface FilledTest {
  readonly filled: readonly Filling[];
  readonly orNone: readonly Filling[] | undefined;
  /** Whether a tag without a value counts. */
  readonly keepsMissing: boolean;
}

const plainExpression = (name: string, rest: Partial<TagExpression> = {}): TagExpression => ({
  name,
  told: name,
  mayBePath: mayBePath(name),
  show: undefined,
  formats: NONE,
  faults: NONE,
  condition: undefined,
  test: undefined,
  isMergeField: false,
  ...rest,
});

const NONE: readonly never[] = [];

/** Formatted tags that were read: docxtemplater has each read anew for every document. */
const known = new Map<string, TagExpression>();
const MOST_KNOWN = 1_000;

/**
 * Reads a tag.
 * @param written what is between the braces, without # ^ / @
 */
export function parseTag(written: string): TagExpression {
  if (written.includes(MARK)) return fieldTag(written);
  // The spaces around a name, no-break ones included, are set by Word.
  if (!mayHaveFormats(written)) return plainExpression(written.trim());
  const present = known.get(written);
  if (present) return present;
  const made = formattedTag(written);
  if (known.size < MOST_KNOWN) known.set(written, made);
  return made;
}

function fieldTag(written: string): TagExpression {
  const { name, format, condition, test } = readMark(written);
  if (condition) {
    const told = [name, ...new Set(fieldsIn(condition))].join(' ');
    return plainExpression(name, { condition, told });
  }
  if (test) return plainExpression(name, { test: testOf(test) });
  if (!format) return plainExpression(name);
  const show = isPlain(format) ? undefined : fieldShow(format);
  return plainExpression(name, { isMergeField: true, show });
}

function formattedTag(written: string): TagExpression {
  const { name, formats, fault } = takeApart(written);
  const { apply, faults } = compileFormats(formats);
  return plainExpression(name, {
    told: [name, ...formats.map(formatText)].join(' | '),
    ...(formats.length > 0 && { show: apply }),
    formats,
    faults: [
      ...faults,
      ...(fault === undefined
        ? []
        : [{ code: 'FORMAT_ARGUMENT' as const, detail: fault.replace(/\.$/, '') }]),
    ],
  });
}

const testOf = ({ filled, orNone, keepsMissing }: WrittenTest): FilledTest => ({
  filled: filled.map(fillingOf),
  orNone: orNone?.map(fillingOf),
  keepsMissing,
});

const fillingOf = (written: WrittenFilling): Filling =>
  written.kind === 'value'
    ? { kind: 'value', tag: parseTag(written.tag) }
    : { ...written, tag: parseTag(written.tag), inner: written.inner.map(fillingOf) };

/** What a field of a mail merge makes of a value that can be printed. */
const fieldShow =
  (format: Format): Apply =>
  (value) => {
    // Of a number people mean what they see, such as 12.5 %; a date is behind what is shown.
    const read = format.date === undefined ? shownOf(value) : typedOf(value);
    return typeof read === 'string' || typeof read === 'number' || typeof read === 'boolean'
      ? applyFormat(format, read)
      : shownOf(value);
  };

/** The name that a tag is told by. */
export const tagName = (written: string): string => parseTag(written).name;

/** Names of the columns that a tag reads; of a paragraph's section its tags tell them. */
export const namesRead = ({ name, condition, test }: TagExpression): string[] =>
  condition ? fieldsIn(condition) : test ? [] : [name];
