/**
 * The tags of a template as they stand in each other, and going over them with a row: what each reads, how
 * often. Documents are not made here; whoever wants to know what a row would bring asks here.
 *
 * A template's list tells of each tag in which sections it is. What stands in a condition and in its opposite,
 * `{#x}…{/x}{^x}…{/x}`, cannot be told apart there: it counts as standing in the condition.
 */
import type { Spellings } from '../columns/spellings.ts';
import type { Tag } from '../schemas/common.ts';
import type { Apply } from './formats/format.ts';
import { itemsOf } from './fillings.ts';
import { columnOf, type Trail } from './readPath.ts';
import { readTag } from './readTag.ts';
import { expressionOf, type TagExpression } from './tagExpression.ts';

/** A tag, wherever in the template it stands. */
export interface ReadingTag {
  /** Number among those of its tree, from 0. */
  readonly number: number;
  readonly kind: Tag['kind'];
  readonly expression: TagExpression;
  /** Whether it may not be reached although its section is. */
  readonly isConditional: boolean;
}

interface Level {
  readonly values: readonly ReadingTag[];
  readonly sections: readonly Section[];
}

interface Section {
  readonly tag: ReadingTag;
  /** Empty for one that is a condition made by formats: the tags in it stand beside it. */
  readonly inner: Level;
}

export interface TagTree {
  readonly level: Level;
  /** By their numbers. */
  readonly tags: readonly ReadingTag[];
}

interface OpenLevel {
  readonly values: ReadingTag[];
  readonly sections: { tag: ReadingTag; inner: OpenLevel }[];
  /** By the name of the section that leads to it. */
  readonly inner: Map<string, OpenLevel>;
}

const openLevel = (): OpenLevel => ({ values: [], sections: [], inner: new Map() });

const NO_TAGS: Level = { values: [], sections: [] };

/**
 * @param list of a template; what stands in several parts of it is one
 * @param showing what formats are to be asked through, for whoever asks for the same time and again
 */
export function tagTree(list: readonly Tag[], showing = (apply: Apply): Apply => apply): TagTree {
  const top = openLevel();
  const tags: ReadingTag[] = [];
  const seen = new Map<string, ReadingTag>();
  const levelAt = (path: readonly string[]) => path.reduce(innerOf, top);
  for (const tag of list) {
    const { name, kind, path, formats = [], isConditional = false } = tag;
    const key = JSON.stringify([name, kind, path, formats, isConditional]);
    if (seen.has(key)) continue;
    const written = expressionOf(tag);
    const { show } = written;
    const expression = show ? { ...written, show: showing(show) } : written;
    const reading: ReadingTag = { number: tags.length, kind, expression, isConditional };
    tags.push(reading);
    seen.set(key, reading);
    const level = levelAt(path);
    if (kind === 'value') level.values.push(reading);
    else {
      level.sections.push({
        tag: reading,
        inner: formats.length > 0 ? openLevel() : innerOf(level, name),
      });
    }
  }
  return { level: closed(top), tags };
}

function innerOf(level: OpenLevel, name: string): OpenLevel {
  const present = level.inner.get(name);
  if (present) return present;
  const made = openLevel();
  level.inner.set(name, made);
  return made;
}

/** What is in a condition is not in its opposite as well. */
function closed({ values, sections }: OpenLevel): Level {
  const positive = new Set(
    sections.filter(({ tag }) => tag.kind === 'section').map(({ inner }) => inner),
  );
  return {
    values,
    sections: sections.map(({ tag, inner }) => ({
      tag,
      inner: tag.kind === 'inverted' && positive.has(inner) ? NO_TAGS : closed(inner),
    })),
  };
}

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

  function enter({ tag, inner }: Section, value: unknown): void {
    const entries = itemsOf(value);
    if (tag.kind === 'inverted') {
      visitor.section(tag, value, entries ? 0 : 1, place);
      if (!entries) visit(inner);
      return;
    }
    visitor.section(tag, value, entries?.length ?? 0, place);
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
