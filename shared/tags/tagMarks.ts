/**
 * Tags that nobody wrote: those that stand for fields of Word's mail merge, a name and what the field makes
 * of its value, and sections around paragraphs that may be empty. They stand in the template as other tags
 * do, so that every engine reads them where it reads those; what is behind the name is set off by
 * characters that Unicode leaves to programs.
 */
import * as z from 'zod';
import {
  ConditionSchema,
  FormatSchema,
  type Condition,
  type Format,
} from '../formats/fieldSchemas.ts';

/** A noncharacter (Unicode 23.7): XML allows it, and no text has it. */
export const MARK = '\ufdd0';

/** What may come out of a tag, its own text or that of a section; tags as they are written. */
export type WrittenFilling =
  | { kind: 'value'; tag: string }
  | {
      kind: 'section';
      tag: string;
      inverted: boolean;
      /** Whether the section shows something whatever its tags hold. */
      always: boolean;
      inner: WrittenFilling[];
    };
const FillingSchema: z.ZodType<WrittenFilling> = z.lazy(() =>
  z.union([
    z.object({ kind: z.literal('value'), tag: z.string() }),
    z.object({
      kind: z.literal('section'),
      tag: z.string(),
      inverted: z.boolean(),
      always: z.boolean(),
      inner: z.array(FillingSchema),
    }),
  ]),
);

const FilledSchema = z.object({
  /** One of them. */
  filled: z.array(FillingSchema),
  /** Or none of these. */
  orNone: z.array(FillingSchema).optional(),
  /** Whether a tag without a value counts: where that is an error, it must be reached. */
  keepsMissing: z.boolean(),
});
export type WrittenTest = z.infer<typeof FilledSchema>;

const MarkSchema = z.union([
  z.object({ format: FormatSchema }),
  z.object({ condition: ConditionSchema }),
  z.object({ test: FilledSchema }),
]);
type Mark = z.infer<typeof MarkSchema>;

/** What is between the braces of such a tag. */
interface MarkedTag {
  readonly name: string;
  /** Of a merge field. */
  readonly format?: Format;
  /** Of a section that a field stands for. */
  readonly condition?: Condition;
  /** Of a section around a paragraph that goes when nothing comes out of its tags. */
  readonly test?: WrittenTest;
}

/** @param sign of a section: `#`, `^`, `/` */
export const writeTag = (name: string, mark: Mark, sign = ''): string =>
  `{${sign}${writeMark(name, mark)}}`;

/** What is between the braces, behind the sign. */
export const writeMark = (name: string, mark: Mark): string =>
  `${name}${MARK}${encodeURIComponent(JSON.stringify(mark))}`;

/** @param written with a mark in it */
export function readMark(written: string): MarkedTag {
  const at = written.indexOf(MARK);
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
