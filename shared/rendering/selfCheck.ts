/** Compares an engine with stock docxtemplater on rows made for the template, before it is trusted. */
import type { Row, Tag } from '../schemas/common.ts';
import { columnsInside, kindRead, readFormats } from '../tags/compileFormats.ts';
import { mostPieces, type TemplateWork } from './renderWork.ts';

/** Writes the parts that a row changes, by name. */
type WriteParts = (row: Row) => ReadonlyMap<string, Uint8Array>;

export interface TrialOptions {
  readonly items?: TrialItems;
  readonly most?: number;
  readonly onStock?: (kind: string, parts: ReadonlyMap<string, Uint8Array>) => void;
}

/**
 * @param items how many each section gets
 * @param most rows to try
 * @param onStock is given what stock writes
 * @returns undefined when both agree on all rows, else a reason against the engine
 */
export function findDifference(
  tags: readonly Tag[],
  stock: WriteParts,
  engine: WriteParts,
  { items, most = Infinity, onStock }: TrialOptions = {},
): string | undefined {
  for (const [kind, row] of syntheticRows(tags, items).slice(0, most)) {
    const expected = attempt(stock, row);
    // What stock cannot fill with such a row, no engine needs to fill.
    if (!expected) continue;
    onStock?.(kind, expected);
    const found = attempt(engine, row);
    if (!found) return `Trying it with ${kind} failed.`;
    for (const [name, content] of found) {
      if (!expected.get(name) || Buffer.compare(content, expected.get(name) ?? content) !== 0) {
        return `Trying it with ${kind} gave another ${name} than stock docxtemplater.`;
      }
    }
  }
  return undefined;
}

function attempt(write: WriteParts, row: Row): ReadonlyMap<string, Uint8Array> | undefined {
  try {
    return write(row);
  } catch {
    return undefined;
  }
}

/**
 * How many items the sections of a trial row get. Two at every depth would be 2^depth: so many are
 * given on the outer depths alone, and further in to the first items of first items.
 */
export interface TrialItems {
  /** At most, by depth: 0 for a section outside of all others. */
  readonly counts: readonly number[];
  /** Whether first items of first items get two at every depth beyond. */
  readonly inFirst: boolean;
}

/** From what shows most to what costs least. */
const TRIAL_ITEMS: readonly TrialItems[] = [
  { counts: [5, 2, 2], inFirst: true },
  { counts: [5, 2, 2], inFirst: false },
  { counts: [5, 2], inFirst: false },
  { counts: [3, 2], inFirst: false },
  { counts: [3], inFirst: false },
  { counts: [2], inFirst: false },
];
const ONE_ITEM: TrialItems = { counts: [], inFirst: false };
const [MOST_ITEMS = ONE_ITEM] = TRIAL_ITEMS;

/**
 * Pieces that filling a template with one trial row may take: as many as stock docxtemplater writes in
 * some 0.1 s, or a few times what the template has by itself.
 */
const TRIAL_PIECES = 20_000;
const TRIAL_TIMES = 3;

/**
 * Pieces of a template, times rows that it is tried with: stock docxtemplater parses it anew for each of
 * them. All are tried on what has 30,000 pieces, more than 100 pages; two on whatever it is.
 */
const TRIED_PIECES = 240_000;
const FEWEST_ROWS = 2;

/** How many rows a template of so much work is tried with. */
export const trialRows = (work: TemplateWork): number =>
  Math.max(FEWEST_ROWS, Math.floor(TRIED_PIECES / piecesOf(work)));

/** The items that a template of so much work is tried with: what a trial takes grows with its size. */
export function trialItems(work: TemplateWork): TrialItems {
  const total = piecesOf(work);
  const allowed = Math.max(TRIAL_PIECES, TRIAL_TIMES * total);
  return TRIAL_ITEMS.find((items) => mostPieces(work, timesOf(items)) <= allowed) ?? ONE_ITEM;
}

const piecesOf = (work: TemplateWork) => mostPieces(work, () => 1);

/** How often what is at a depth is written. */
const timesOf =
  ({ counts, inFirst }: TrialItems) =>
  (depth: number): number => {
    const outer = counts.slice(0, depth).reduce((times, count) => times * count, 1);
    return outer + (inFirst ? Math.max(0, depth - counts.length) : 0);
  };

/** How one row is made up. */
interface Recipe {
  readonly kind: string;
  readonly value: (count: number) => Row[string];
  /** The value of a section, from what makes one item; `most` items are allowed. */
  readonly section: (item: (number?: number) => Row, depth: number, most: number) => Row[string];
}

const repeated = (item: (number: number) => Row, times: number) =>
  Array.from({ length: times }, (_, number) => item(number));
const TEXTS = ['a\nb', '', '\n', ' c ', 'd\n', '\n\ne', 'f'];

/** Those that show most come first. */
const RECIPES: readonly Recipe[] = [
  {
    kind: 'line breaks',
    value: (count) => TEXTS[count % TEXTS.length] ?? '',
    section: (item, _depth, most) => repeated(item, most),
  },
  { kind: 'empty texts', value: () => '', section: () => [] },
  { kind: 'plain texts', value: () => 'Text', section: (item) => [item()] },
  {
    kind: 'special characters',
    value: (count) => `<&>"' ${count} \u00e4 \u738b \u{1f600} ]]>`,
    section: (item, _depth, most) => repeated(item, Math.min(2, most)),
  },
  { kind: 'no texts', value: () => null, section: () => true },
  { kind: 'numbers', value: (count) => count, section: (item) => item() },
  {
    kind: 'some sections left out',
    value: (count) => (count % 3 === 0 ? '' : 'x'),
    section: (item, depth, most) => (depth % 2 === 0 ? repeated(item, Math.min(2, most)) : []),
  },
];

/** What the formats of a tag can read; absent for a tag that takes any text. */
type Kind = ReturnType<typeof kindRead>;

/** The tags of one level, with what is in each section. */
interface TagLevel {
  readonly values: Map<string, Kind>;
  readonly sections: Map<string, TagLevel>;
}

/** Tags by the sections that they are in; those that a name with dots leads to stand under the whole name. */
function levelsOf(tags: readonly Tag[]): TagLevel {
  const newLevel = (): TagLevel => ({ values: new Map(), sections: new Map() });
  const root = newLevel();
  const enter = (level: TagLevel, name: string): TagLevel => {
    const known = level.sections.get(name) ?? newLevel();
    level.sections.set(name, known);
    return known;
  };
  const put = (level: TagLevel, name: string, kind: Kind) =>
    level.values.set(name, level.values.get(name) ?? kind);
  for (const { name, kind, path, formats } of tags) {
    const level = path.reduce(enter, root);
    const written = readFormats(formats);
    const reads = kindRead(written);
    const columns = columnsInside(written);
    if (columns.length > 0 || (reads === 'list' && written[0]?.name === 'count')) {
      // The entries of a list are alike whoever reads them.
      const entry = enter(level, name);
      for (const column of columns) put(entry, column, 'number');
    } else if (kind === 'value' || reads !== undefined) put(level, name, reads);
    else enter(level, name);
  }
  return root;
}

/** A value that formats can read; what is empty stays so. */
function fitting(value: Row[string], kind: Kind, count: number): Row[string] {
  if (kind === undefined || value === null || value === '') return value;
  if (kind === 'date') return `2026-11-${String(1 + (count % 28)).padStart(2, '0')}`;
  return kind === 'list' ? [count, 1.5] : count + 0.25;
}

/**
 * Rows for a template's tags: empty, with special characters, with none, one, two and many items.
 * @param items how many each section gets at most; their sum grows with the number of tags
 */
export function syntheticRows(
  tags: readonly Tag[],
  { counts, inFirst }: TrialItems = MOST_ITEMS,
): [kind: string, row: Row][] {
  const root = levelsOf(tags);
  const rows = RECIPES.map((recipe): [string, Row] => {
    let count = 0;
    const scope = (level: TagLevel, depth: number, isFirst: boolean): Row => {
      const row: Row = {};
      // A name with dots is found as a whole key first.
      for (const [name, kind] of level.values) {
        if (name !== '.') row[name] = fitting(recipe.value(count), kind, count++);
      }
      const most = counts[depth] ?? (inFirst && isFirst ? 2 : 1);
      for (const [name, inner] of level.sections) {
        if (name === '.' || Object.hasOwn(row, name)) continue;
        const item = (number = 0) => scope(inner, depth + 1, isFirst && number === 0);
        row[name] = recipe.section(item, depth, most);
      }
      return row;
    };
    return [recipe.kind, scope(root, 0, true)];
  });
  return [['an empty row', {}], ...rows];
}
