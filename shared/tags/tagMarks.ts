/**
 * Tags that stand for fields of Word's mail merge: a name, and what the field makes of its value. They
 * are written into the template as other tags are, so that every engine reads them where it reads
 * those; what is behind the name is set off by characters that Unicode leaves to programs.
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

const MarkSchema = z.union([
  z.object({ format: FormatSchema }),
  z.object({ condition: ConditionSchema }),
]);
type Mark = z.infer<typeof MarkSchema>;

/** What is between the braces of such a tag. */
interface MarkedTag {
  readonly name: string;
  /** Of a merge field. */
  readonly format?: Format;
  /** Of a section that a field stands for. */
  readonly condition?: Condition;
}

/** @param sign of a section: `#`, `^`, `/` */
export const writeTag = (name: string, mark: Mark, sign = ''): string =>
  `{${sign}${name}${MARK}${encodeURIComponent(JSON.stringify(mark))}}`;

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
