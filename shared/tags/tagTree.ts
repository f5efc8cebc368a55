/**
 * The tags of a template as they stand in each other, and going over them with a row: what each reads, how
 * often. Documents are not made here; whoever wants to know what a row would bring asks here.
 */
import type { Spellings } from '../columns/spellings.ts';
import type { Tag } from '../schemas/common.ts';
import { NoValue, type Apply } from './formats/format.ts';
import { itemsOf } from './fillings.ts';
import { columnOf, type Trail } from './readPath.ts';
import { readTag } from './readTag.ts';
import { parseTag, type TagExpression } from './tagExpression.ts';

/** A tag where it stands in a template. */
export interface PlacedTag {
  /** What is between its braces, without # and ^. */
  readonly written: string;
  readonly kind: Tag['kind'];
  /** Of a section. */
  readonly inner: readonly PlacedTag[];
}

/** A tag as people know it: it may stand in several places, such as in a condition and behind it. */
export interface ReadingTag {
  /** Number among those of its tree, from 0. */
  readonly number: number;
  readonly kind: Tag['kind'];
  readonly expression: TagExpression;
  /** Names of the sections that it is in, outermost first, as a template's list of tags has them. */
  readonly path: readonly string[];
}

interface Level {
  readonly values: readonly ReadingTag[];
  readonly sections: readonly Section[];
}

interface Section {
  readonly tag: ReadingTag;
  /** Whether somebody wrote it: not so what leaves out the blank lines of a mail merge. */
  readonly isWritten: boolean;
  readonly inner: Level;
}

export interface TagTree {
  readonly level: Level;
  /** By their numbers. */
  readonly tags: readonly ReadingTag[];
}

/**
 * @param placed of a template
 * @param showing what formats are to be asked through, for whoever asks for the same time and again
 */
export function tagTree(
  placed: readonly PlacedTag[],
  showing = (apply: Apply): Apply => apply,
): TagTree {
  const tags: ReadingTag[] = [];
  const numbers = new Map<string, number>();
  const expressions = new Map<string, TagExpression>();

  function expressionOf(written: string): TagExpression {
    const present = expressions.get(written);
    if (present) return present;
    const parsed = parseTag(written);
    const { show } = parsed;
    const made = show ? { ...parsed, show: showing(show) } : parsed;
    expressions.set(written, made);
    return made;
  }

  function readingTag({ written, kind }: PlacedTag, path: readonly string[]): ReadingTag {
    const expression = expressionOf(written);
    const key = JSON.stringify([expression.told, kind, path]);
    const number = numbers.get(key) ?? tags.length;
    const tag = { number, kind, expression, path };
    if (isWritten(expression) && number === tags.length) {
      numbers.set(key, number);
      tags.push(tag);
    }
    return tag;
  }

  function levelOf(inside: readonly PlacedTag[], path: readonly string[]): Level {
    const values: ReadingTag[] = [];
    const sections: Section[] = [];
    for (const each of inside) {
      const tag = readingTag(each, path);
      if (each.kind === 'value') values.push(tag);
      else {
        const { expression } = tag;
        const { name, formats, condition } = expression;
        // What formats make of a value is a condition: it enters nothing.
        const isEntered = formats.length === 0 && condition === undefined;
        const inner = levelOf(each.inner, isEntered ? [...path, name] : path);
        sections.push({ tag, isWritten: isWritten(expression), inner });
      }
    }
    return { values, sections };
  }

  return { level: levelOf(placed, []), tags };
}

const isWritten = ({ condition, test }: TagExpression) =>
  test === undefined && (condition === undefined || !('any' in condition));

/** Is told what tags read. */
export interface TagVisitor {
  /** @param value as readTag() gives it */
  value(tag: ReadingTag, value: unknown, place: Place): void;
  /** @param times how often the section is entered: 0, or 1 for a condition, or the entries of its list */
  section(tag: ReadingTag, value: unknown, times: number, place: Place): void;
}

/** Where a tag is read; good only while its visitor is called. */
export interface Place {
  /** The column that the tag reads there. */
  column(name: string): string;
}

/**
 * Goes over the tags of a template with one row.
 * @param values of the row, with what is behind them where formats are to read that (shown.ts)
 * @param most tags that are read: of more, as of lists in lists, only so many
 * @returns whether all were read
 */
export function walkTags(
  { level }: TagTree,
  values: unknown,
  spellings: Spellings | undefined,
  visitor: TagVisitor,
  most = Infinity,
): boolean {
  const scopes: unknown[] = [values];
  const sections: (string | undefined)[] = [];
  const items: number[] = [];
  const trail: Trail = { sections, items, scopes };
  const place: Place = { column: (name) => columnOf(name, trail, spellings) };
  let left = most;

  function visit({ values: tags, sections: inner }: Level): void {
    const depth = scopes.length - 1;
    for (const tag of tags) {
      if (left-- <= 0) return;
      visitor.value(tag, readTag(tag.expression, scopes, depth, spellings), place);
    }
    for (const section of inner) {
      if (left-- <= 0) return;
      enter(section, readTag(section.tag.expression, scopes, depth, spellings));
    }
  }

  function enter({ tag, isWritten: isTold, inner }: Section, value: unknown): void {
    // Its document fails there.
    const entries = value instanceof NoValue ? undefined : itemsOf(value);
    const isInverted = tag.kind === 'inverted';
    const times = isInverted ? (entries ? 0 : 1) : (entries?.length ?? 0);
    if (isTold) visitor.section(tag, value, times, place);
    if (value instanceof NoValue) return;
    if (isInverted) {
      if (!entries) visit(inner);
      return;
    }
    entries?.forEach((item, i) => {
      // A condition enters nothing: what is in it is read where it stands.
      const isList = typeof value === 'object';
      sections.push(isList ? tag.expression.name : undefined);
      items.push(i);
      scopes.push(isList ? item : scopes.at(-1));
      visit(inner);
      scopes.pop();
      items.pop();
      sections.pop();
    });
  }

  visit(level);
  return left >= 0;
}
