/** What the tags of one template read, learned row by row. */
import type { Spellings } from '../columns/spellings.ts';
import { MAX_TAGS_READ_PER_ROW } from '../limits.ts';
import { NoValue, type Apply, type Unreadable } from '../tags/formats/format.ts';
import {
  tagTree,
  walkTags,
  type Place,
  type PlacedTag,
  type ReadingTag,
  type TagVisitor,
} from '../tags/tagTree.ts';
import { printedOf } from '../tags/shown.ts';
import { unprintable } from '../rendering/tagParser.ts';
import { RowTally, type MetAt } from './tally.ts';
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

/** Rows in which a format cannot read a value, for one reason. */
export interface UnreadableRows {
  readonly why: Unreadable;
  readonly tally: RowTally;
}

/** What was met where a tag reads. */
export interface TagUse {
  readonly tag: ReadingTag;
  /** There is no value at all; and there is one, of which nothing is seen. */
  readonly missing: RowTally;
  readonly empty: RowTally;
  /** One of both. */
  readonly blank: RowTally;
  /** A format cannot read the value: by what it lacks. */
  readonly unreadable: ReadonlyMap<string, UnreadableRows>;
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

/** @param placed the tags of the template */
export function createTemplateUse(
  placed: readonly PlacedTag[],
  spellings: Spellings | undefined,
  memory: Memory,
): TemplateUse {
  const tree = tagTree(placed, remembering(memory));
  const unreadable = tree.tags.map(() => new Map<string, UnreadableRows>());
  const uses = tree.tags.map((tag): TagUse => ({
    tag,
    missing: new RowTally(),
    empty: new RowTally(),
    blank: new RowTally(),
    unreadable: unreadable[tag.number] ?? new Map<string, UnreadableRows>(),
    group: new RowTally(),
    illegal: new RowTally(),
    metByNo: new RowTally(),
  }));
  let row = 0;
  let isOdd = false;
  /** Where the tag reads that is looked at, and where in its value. */
  let name = '';
  let inner = '';
  let place: Place | undefined;
  const at: MetAt = { column: () => `${place?.column(name) ?? name}${inner}` };

  function stand({ expression }: ReadingTag, there: Place, within = ''): void {
    ({ name } = expression);
    place = there;
    inner = within;
  }

  function met(
    tag: ReadingTag,
    what: 'missing' | 'empty' | 'group' | 'illegal' | 'metByNo',
    there: Place,
  ): void {
    const use = uses[tag.number];
    if (!use) return;
    stand(tag, there);
    use[what].add(row, at);
    if (what === 'missing' || what === 'empty') use.blank.add(row, at);
  }

  function metUnreadable(tag: ReadingTag, { why }: NoValue, there: Place): void {
    const known = unreadable[tag.number];
    if (!known) return;
    const reason = `${why.lacks} ${why.advice}`;
    let rows = known.get(reason);
    if (!rows) {
      rows = { why, tally: new RowTally() };
      known.set(reason, rows);
    }
    stand(tag, there, why.inner);
    rows.tally.add(row, at);
  }

  function lookInto(tag: ReadingTag, value: unknown, there: Place): void {
    const obstacle = unprintable(printedOf(value));
    if (obstacle !== undefined) met(tag, obstacle === 'object' ? 'group' : 'illegal', there);
  }

  const visitor: TagVisitor = {
    value(tag, value, there) {
      if (typeof value === 'string') {
        if (value === '' || value.trim() === '') met(tag, 'empty', there);
        // White space may be of characters that no document can hold, too.
        if (isOdd) lookInto(tag, value, there);
      } else if (value === undefined || value === null) met(tag, 'missing', there);
      else if (value instanceof NoValue) metUnreadable(tag, value, there);
      else if (typeof value === 'object') lookInto(tag, value, there);
    },
    section(tag, value, _times, there) {
      if (value instanceof NoValue) metUnreadable(tag, value, there);
      else if (typeof value === 'string' && readsAsNo(value)) met(tag, 'metByNo', there);
    },
  };

  return {
    uses,
    add(values, number, hasOddSigns) {
      row = number;
      isOdd = hasOddSigns;
      return walkTags(tree, values, spellings, visitor, MAX_TAGS_READ_PER_ROW);
    },
  };
}
