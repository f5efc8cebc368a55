/**
 * Tags that stand for fields of Word's mail merge: a name, and what the field makes of its value. They
 * are written into the template as other tags are, so that every engine reads them where it reads
 * those; what is behind the name is set off by characters that Unicode leaves to programs.
 */
import * as z from 'zod';

/** A noncharacter (Unicode 23.7): XML allows it, and no text has it. */
export const MARK = '\ufdd0';

export const FormatSchema = z.object({
  /** `\#` and `\@`. */
  number: z.string().optional(),
  date: z.string().optional(),
  /** `\*`. */
  letters: z.enum(['upper', 'lower', 'firstcap', 'caps']).optional(),
  /** `\b` and `\f`. */
  before: z.string().optional(),
  after: z.string().optional(),
  /** Of the field, as BCP 47 has it. */
  language: z.string().optional(),
});
export type Format = z.infer<typeof FormatSchema>;

const FieldSchema = z.object({ field: z.string(), format: FormatSchema });
const OperandSchema = z.array(z.union([z.string(), FieldSchema]));
export type Operand = z.infer<typeof OperandSchema>;

export const ConditionSchema = z.union([
  /** Whether one of these fields has a value. */
  z.object({ any: z.array(z.string()) }),
  z.object({
    left: OperandSchema,
    comparison: z.enum(['=', '<>', '<', '>', '<=', '>=']),
    right: OperandSchema,
    /** Whether `*` and `?` on the right stand for any characters. */
    hasWildcards: z.boolean(),
  }),
]);
export type Condition = z.infer<typeof ConditionSchema>;

const MarkSchema = z.union([
  z.object({ format: FormatSchema }),
  z.object({ condition: ConditionSchema }),
]);
type Mark = z.infer<typeof MarkSchema>;

/** What is between the braces of a tag. */
export interface WrittenTag {
  readonly name: string;
  /** Of a merge field; absent for a tag that people wrote. */
  readonly format?: Format;
  /** Of a section that a field stands for. */
  readonly condition?: Condition;
}

/** @param sign of a section: `#`, `^`, `/` */
export const writeTag = (name: string, mark: Mark, sign = ''): string =>
  `{${sign}${name}${MARK}${encodeURIComponent(JSON.stringify(mark))}}`;

export function readTag(written: string): WrittenTag {
  const at = written.indexOf(MARK);
  if (at === -1) return { name: written.trim() };
  const name = written.slice(0, at).trim();
  const mark = MarkSchema.safeParse(parsed(written.slice(at + 1)));
  return mark.success ? { name, ...mark.data } : { name };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(decodeURIComponent(text));
  } catch {
    return undefined;
  }
}

/** Names of the columns that a condition reads. */
export const fieldsIn = (condition: Condition): string[] =>
  'any' in condition
    ? condition.any
    : [...condition.left, ...condition.right].flatMap((piece) =>
        typeof piece === 'string' ? [] : [piece.field],
      );
