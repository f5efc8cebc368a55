/** Compares an engine with stock docxtemplater on rows made for the template, before it is trusted. */
import type { Row, Tag } from '../schemas/common.ts';

/** Writes the parts that a row changes, by name. */
type WriteParts = (row: Row) => ReadonlyMap<string, Uint8Array>;

/**
 * @param most rows to try
 * @returns undefined when both agree on all rows, else a reason against the engine
 */
export function findDifference(
  tags: readonly Tag[],
  stock: WriteParts,
  engine: WriteParts,
  most = Infinity,
): string | undefined {
  for (const [kind, row] of syntheticRows(tags).slice(0, most)) {
    const expected = attempt(stock, row);
    // What stock cannot fill with such a row, no engine needs to fill.
    if (!expected) continue;
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

/** How one row is made up. */
interface Recipe {
  readonly kind: string;
  readonly value: (count: number) => Row[string];
  /** The value of a section, from what makes one item. */
  readonly section: (item: () => Row, depth: number) => Row[string];
}

const repeated = (item: () => Row, times: number) => Array.from({ length: times }, item);
const TEXTS = ['a\nb', '', '\n', ' c ', 'd\n', '\n\ne', 'f'];

/** Those that show most come first. */
const RECIPES: readonly Recipe[] = [
  {
    kind: 'line breaks',
    value: (count) => TEXTS[count % TEXTS.length] ?? '',
    section: (item, depth) => repeated(item, depth === 0 ? 5 : 2),
  },
  { kind: 'empty texts', value: () => '', section: () => [] },
  { kind: 'plain texts', value: () => 'Text', section: (item) => [item()] },
  {
    kind: 'special characters',
    value: (count) => `<&>"' ${count} \u00e4 \u738b \u{1f600} ]]>`,
    section: (item) => repeated(item, 2),
  },
  { kind: 'no texts', value: () => null, section: () => true },
  { kind: 'numbers', value: (count) => count, section: (item) => item() },
  {
    kind: 'some sections left out',
    value: (count) => (count % 3 === 0 ? '' : 'x'),
    section: (item, depth) => (depth % 2 === 0 ? repeated(item, 2) : []),
  },
];

/** Rows for a template's tags: empty, with special characters, with none, one, two and many items. */
export function syntheticRows(tags: readonly Tag[]): [kind: string, row: Row][] {
  const rows = RECIPES.map((recipe): [string, Row] => {
    let count = 0;
    const scope = (path: readonly string[]): Row => {
      const row: Row = {};
      for (const { name, kind, path: its } of tags) {
        const isHere = its.length === path.length && its.every((part, i) => part === path[i]);
        if (!isHere || name === '.' || (kind !== 'value' && Object.hasOwn(row, name))) continue;
        // A name with dots is found as a whole key first.
        row[name] =
          kind === 'value'
            ? recipe.value(count++)
            : recipe.section(() => scope([...path, name]), path.length);
      }
      return row;
    };
    return [recipe.kind, scope([])];
  });
  return [['an empty row', {}], ...rows];
}
