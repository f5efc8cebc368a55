/** What the tags of one template read, learned row by row. */
import type { Spellings } from '../columns/spellings.ts';
import { MAX_TAGS_READ_PER_ROW } from '../limits.ts';
import type { Tag } from '../schemas/common.ts';
import { NoValue, type Apply, type Unreadable } from '../tags/formats/format.ts';
import {
  tagTree,
  walkTags,
  type Place,
  type ReadingTag,
  type TagVisitor,
} from '../tags/tagTree.ts';
import { unprintable } from '../rendering/tagParser.ts';
import { RowTally } from './tally.ts';
import { readsAsNo } from './valueKinds.ts';

/** Results of formats that are remembered: dates and amounts come again and again. */
const MOST_REMEMBERED = 200_000;
const LONGEST_REMEMBERED = 40;

/** How much of what formats gave is remembered, of all tags of an order together. */
export interface Memory {
  left: number;
}
export const createMemory = (): Memory => ({ left: MOST_REMEMBERED });

/** The same format, which is not asked again for a short text that it has seen: it gives the same. */
const remembering =
  (memory: Memory) =>
  (apply: Apply): Apply => {
    const seen = new Map<string, unknown>();
    return (value, context) => {
      if (typeof value !== 'string' || value.length > LONGEST_REMEMBERED)
        return apply(value, context);
      if (seen.has(value)) return seen.get(value);
      const made = apply(value, context);
      if (memory.left > 0) {
        memory.left--;
        seen.set(value, made);
      }
      return made;
    };
  };

/** What was met where a tag reads. */
export interface TagUse {
  readonly tag: ReadingTag;
  /** The column that it read where something was met first; undefined until then. */
  column: string | undefined;
  /** There is no value at all; and there is one, of which nothing is seen. */
  readonly missing: RowTally;
  readonly empty: RowTally;
  /** One of both. */
  readonly blank: RowTally;
  /** A format cannot read the value. */
  readonly unreadable: RowTally;
  why: Unreadable | undefined;
  /** The value is a group of values, or has characters that no document can hold: it cannot be printed. */
  readonly group: RowTally;
  readonly illegal: RowTally;
  /** A condition that is met by a text that says no. */
  readonly metByNo: RowTally;
}

export interface TemplateUse {
  readonly uses: readonly TagUse[];
  /**
   * @param values with what is behind them (tags/shown.ts)
   * @param isOdd whether the line of the row has signs of ODD_LINE
   * @returns whether all was read: of more than MAX_TAGS_READ_PER_ROW tags only so many are
   */
  add(values: unknown, row: number, isOdd: boolean): boolean;
}

/** @param tags of the template */
export function createTemplateUse(
  tags: readonly Tag[],
  spellings: Spellings | undefined,
  memory: Memory,
): TemplateUse {
  const tree = tagTree(tags, remembering(memory));
  const uses = tree.tags.map((tag): TagUse => ({
    tag,
    column: undefined,
    missing: new RowTally(),
    empty: new RowTally(),
    blank: new RowTally(),
    unreadable: new RowTally(),
    why: undefined,
    group: new RowTally(),
    illegal: new RowTally(),
    metByNo: new RowTally(),
  }));
  let row = 0;
  let isOdd = false;

  function met(
    tag: ReadingTag,
    what: 'missing' | 'empty' | 'unreadable' | 'group' | 'illegal' | 'metByNo',
    place: Place,
  ) {
    const use = uses[tag.number];
    if (!use) return;
    use[what].add(row);
    if (what === 'missing' || what === 'empty') use.blank.add(row);
    use.column ??= place.column(tag.expression.name);
  }

  function lookInto(tag: ReadingTag, value: unknown, place: Place) {
    const obstacle = unprintable(value);
    if (obstacle !== undefined) met(tag, obstacle === 'object' ? 'group' : 'illegal', place);
  }

  const visitor: TagVisitor = {
    value(tag, value, place) {
      if (typeof value === 'string') {
        if (value === '' || value.trim() === '') met(tag, 'empty', place);
        else if (isOdd) lookInto(tag, value, place);
      } else if (value === undefined || value === null) met(tag, 'missing', place);
      else if (value instanceof NoValue) {
        met(tag, 'unreadable', place);
        const use = uses[tag.number];
        if (use) use.why ??= value.why;
      } else if (typeof value === 'object') lookInto(tag, value, place);
    },
    section(tag, value, _times, place) {
      if (value instanceof NoValue) {
        met(tag, 'unreadable', place);
        const use = uses[tag.number];
        if (use) use.why ??= value.why;
      } else if (typeof value === 'string' && readsAsNo(value)) met(tag, 'metByNo', place);
    },
  };

  return {
    uses,
    add(values, at, hasOddSigns) {
      row = at;
      isOdd = hasOddSigns;
      return walkTags(tree, values, spellings, visitor, MAX_TAGS_READ_PER_ROW);
    },
  };
}
