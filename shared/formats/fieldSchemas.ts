/** What a field of Word's mail merge makes of its value, and what one decides, as templates keep it. */
import * as z from 'zod';

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

/** Names of the columns that a condition reads. */
export const fieldsIn = (condition: Condition): string[] =>
  'any' in condition
    ? condition.any
    : [...condition.left, ...condition.right].flatMap((piece) =>
        typeof piece === 'string' ? [] : [piece.field],
      );
